import ActiveLearning
import Tensors
import Testing

@Suite("Strategies of unsureness")
struct DoubtTests {
  /// Four candidates of one patch over three classes.
  private let state = States.line(
    [1, 2, 3, 5],
    probabilities: [[0.5, 0.5, 0], [0.4, 0.3, 0.3], [0.9, 0.05, 0.05], [0.45, 0.1, 0.45]],
    classes: 3)

  @Test("margin looks at the lead of the first class, of equals the lower candidate comes first")
  func margin() {
    // Leads: 0, 0.1, 0.85, 0.
    #expect(choose(.margin, from: state, count: 4, seed: 0) == [0, 3, 1, 2])
  }

  @Test("least confidence looks at the first class alone")
  func leastConfidence() {
    // 0.5, 0.4, 0.9, 0.45.
    #expect(choose(.leastConfidence, from: state, count: 4, seed: 0) == [1, 3, 0, 2])
  }

  @Test("entropy looks at all classes")
  func entropy() throws {
    // 0.693, 1.089, 0.394, 0.949.
    let strategy = try Strategy(name: "entropy")
    #expect(choose(strategy, from: state, count: 4, seed: 0) == [1, 3, 0, 2])
  }

  @Test(
    "one candidate is worth by its patches what it is worth among others",
    arguments: [.margin, .entropy, .leastConfidence, .aift(.init())] as [LoamSettings.Value])
  func worth(value: LoamSettings.Value) {
    var random = SeededRandom(seed: 5)
    let patches = (0..<30).map { randomPatches(1 + $0 % 9, 4, &random) }
    let rounded = patches.map { $0.map { $0.map { Double(Float($0)) } } }
    let state = States.line(
      (0..<30).map { Float($0) },
      probabilities: patches.map { $0.flatMap { $0.map { Float($0) } } },
      classes: 4)
    for (one, all) in zip(rounded.map(value.worth), state.values(value)) {
      #expect(abs(one - all) < 1e-9)
    }
  }

  @Test("BALD asks where sure patches contradict each other, not where all patches are unsure")
  func bald() {
    let state = States.line(
      [1, 2, 3, 5],
      probabilities: [
        [0.5, 0.5, 0.5, 0.5], [0, 1, 1, 0], [0.9, 0.1, 0.9, 0.1], [0.8, 0.2, 0.4, 0.6],
      ])
    // 0; ln 2; 0; H(0.6) − (H(0.8) + H(0.6)) / 2 = 0.0863. Of the two zeros rounding decides.
    #expect(choose(.bald, from: state, count: 2, seed: 0) == [1, 3])
  }

  @Test("unsureness is that of the mean over patches")
  func means() {
    let state = States.line(
      [1, 2], probabilities: [[0.6, 0.4], [1, 0, 0, 1, 0.45, 0.55]])
    #expect(choose(.margin, from: state, count: 1, seed: 0) == [1])
    #expect(choose(.leastConfidence, from: state, count: 1, seed: 0) == [1])
  }

  @Test(
    "the criteria rank as their definition does",
    arguments: [nil, 0.25, 0.5] as [Double?], [2, 3, 10])
  func criteria(alpha: Double?, classes: Int) {
    var random = SeededRandom(seed: UInt64(classes))
    let patches = (0..<60).map { randomPatches(1 + $0 % 9, classes, &random) }
    // As the strategy sees them: rounded to Float.
    let rows = patches.map { $0.flatMap { $0.map { Float($0) } } }
    let rounded = patches.map { $0.map { $0.map { Double(Float($0)) } } }
    let state = States.line((0..<60).map { Float($0) }, probabilities: rows, classes: classes)
    for normalise in [false, true] {
      for (lambda1, lambda2) in [(1.0, 1.0), (1, 0), (0, 1), (0.3, 2)] {
        let settings = CriterionSettings(
          lambda1: lambda1, lambda2: lambda2, alpha: alpha, normalise: normalise)
        let scores = state.scores(settings)
        for (found, patches) in zip(scores, rounded) {
          let expected = score(patches, settings: settings).score
          #expect(abs(found - expected) <= 1e-9 * max(1, expected))
        }
        let chosen = choose(
          .criterion(settings, randomisation: 1), from: state, count: 60, seed: 0)
        #expect(chosen == selectBatch(scores: scores, count: 60))
      }
    }
  }

  @Test("exact zeros and ones do not decide everything")
  func saturated() {
    let settings = CriterionSettings(lambda1: 1, lambda2: 1, alpha: nil)
    let state = States.line([1, 2], probabilities: [[0, 1, 1, 0], [0, 1, 0, 1]])
    let scores = state.scores(settings)
    let expected = score([[0, 1], [1, 0]], settings: settings).score
    #expect(abs(scores[0] - expected) < 1e-9 && scores[0] > 10)
    #expect(scores[1] > 0 && scores[1] < 1e-4)
  }

  @Test("randomised selection draws from the ω × count best, the better more often")
  func randomised() {
    // Five candidates of rising entropy are drawn from; the sixth is too sure.
    let leads: [Float] = [0.5, 0.42, 0.34, 0.26, 0.18, 0.01]
    let state = States.line(
      [1, 2, 3, 4, 5, 6], probabilities: leads.map { [$0, 1 - $0] })
    let settings = CriterionSettings(lambda1: 1, lambda2: 0, alpha: nil)
    let scores = state.scores(settings)
    let total = scores.prefix(5).reduce(0, +)
    var times = [Int](repeating: 0, count: 6)
    for seed in 0..<4000 as Range<UInt64> {
      let strategy = Strategy.criterion(settings, randomisation: 5)
      for candidate in choose(strategy, from: state, count: 1, seed: seed) { times[candidate] += 1 }
    }
    #expect(times[5] == 0)
    for candidate in 0..<5 {
      // The standard deviation is at most 26.
      #expect(abs(Double(times[candidate]) - 4000 * scores[candidate] / total) < 120)
    }
  }
}
