import ActiveLearning
import Tensors
import Testing

/// `patches` random rows of `classes` probabilities.
func randomPatches(_ patches: Int, _ classes: Int, _ random: inout SeededRandom) -> [[Double]] {
  (0..<patches).map { _ in
    let raw = (0..<classes).map { _ in random.unit() * random.unit() + 1e-4 }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }
}

@Suite("Criteria")
struct CriterionTests {
  @Test("a candidate on which all agree and are sure scores next to nothing")
  func sureIsWorthless() {
    let found = score(Array(repeating: [0, 1, 0], count: 8), settings: .init(alpha: nil))
    #expect(found.score < 1e-4 && found.diversity == 0)
  }

  @Test("entropy alone of a uniform patch is ln of the classes", arguments: [2, 3, 10])
  func uniform(classes: Int) {
    let patch = [Double](repeating: 1 / Double(classes), count: classes)
    let found = score([patch], settings: .init(alpha: nil))
    let logarithms = [2: 0.6931471805599453, 3: 1.0986122886681098, 10: 2.302585092994046]
    #expect(abs(found.entropy - (logarithms[classes] ?? 0)) < 1e-14)
    #expect(found.diversity == 0 && found.score == found.entropy)
  }

  @Test("the order of patches and of classes does not change the score", arguments: 2...5)
  func symmetric(classes: Int) {
    var random = SeededRandom(seed: UInt64(classes))
    for _ in 0..<50 {
      let patches = randomPatches(7, classes, &random)
      var mixed = patches
      random.shuffle(&mixed)
      mixed = mixed.map { $0.reversed() }
      for alpha in [nil, 0.25, 0.5] {
        let (first, second) = (
          score(patches, settings: .init(alpha: alpha)), score(mixed, settings: .init(alpha: alpha))
        )
        #expect(abs(first.score - second.score) <= 1e-9 * max(1, first.score))
      }
    }
  }

  @Test("normalised, a candidate counts the same when each patch comes twice")
  func normalisedEntropy() {
    var random = SeededRandom(seed: 5)
    let patches = randomPatches(4, 3, &random)
    let settings = CriterionSettings(alpha: nil, normalise: true)
    let (once, twice) = (
      score(patches, settings: settings), score(patches + patches, settings: settings)
    )
    #expect(abs(once.entropy - twice.entropy) < 1e-12)
    // Of the 8 × 7 ordered pairs, 8 are of a patch with itself.
    #expect(abs(twice.diversity - once.diversity * 48 / 56) < 1e-12)
  }

  @Test("sums are those of the formula, taken from the text", arguments: 1...6)
  func formula(patches count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let patches = randomPatches(count, 4, &random)
    var (entropy, diversity) = (0.0, 0.0)
    for (j, p) in patches.enumerated() {
      for (l, q) in patches.enumerated() {
        for k in 0..<4 {
          if j == l {
            entropy -= p[k] * series(p[k])
          } else {
            diversity += (p[k] - q[k]) * (series(p[k]) - series(q[k]))
          }
        }
      }
    }
    let found = score(
      patches, settings: .init(lambda1: 2, lambda2: 3, alpha: nil, normalise: false))
    #expect(abs(found.entropy - entropy) < 1e-9 && abs(found.diversity - diversity) < 1e-9)
    #expect(abs(found.score - (2 * entropy + 3 * diversity)) < 1e-9)
    #expect(found.kept == Array(0..<count))
  }

  /// ln x by Newton's method on a Taylor series of exp: slow, but nothing of the tested code.
  private func series(_ x: Double) -> Double {
    var guess = 0.0
    for _ in 0..<60 {
      let (whole, rest) = (guess.rounded(), guess - guess.rounded())
      var (term, sum) = (1.0, 1.0)
      for n in 1...20 {
        term *= rest / Double(n)
        sum += term
      }
      let e = 2.718281828459045
      let power = (0..<Int(abs(whole))).reduce(sum) { sum, _ in whole < 0 ? sum / e : sum * e }
      guess += x / power - 1
    }
    return guess
  }

  @Test("exact zeros and ones weigh as much as epsilon says")
  func epsilon() {
    let patches = [[0.0, 1], [0.5, 0.5]]
    let scores = [1e-2, 1e-4, 1e-6].map {
      score(patches, settings: .init(alpha: nil, epsilon: $0)).diversity
    }
    #expect(scores[0] < scores[1] && scores[1] < scores[2] && scores[2] < 7)
  }

  @Test(
    "of several classes the majority's patches stay, at least two, never more than there are",
    arguments: zip([1, 2, 3, 4, 8, 10, 20], [1, 2, 2, 2, 2, 3, 5]))
  func keptCount(patches: Int, kept: Int) {
    var random = SeededRandom(seed: UInt64(patches))
    let rows = randomPatches(patches, 3, &random)
    let found = score(rows, settings: .init(alpha: 0.25))
    #expect(found.kept.count == kept && Set(found.kept).count == kept)
    let means = (0..<3).map { item in rows.reduce(0) { $0 + $1[item] } }
    let top = means.indices.max { means[$0] < means[$1] } ?? 0
    let least = found.kept.map { rows[$0][top] }.min() ?? 0
    #expect(rows.indices.allSatisfy { found.kept.contains($0) || rows[$0][top] <= least })
  }

  @Test("of two classes one patch may stay, but never none", arguments: [1, 2, 3, 5])
  func keptOfTwo(patches: Int) {
    let rows = Array(repeating: [0.3, 0.7], count: patches)
    #expect(score(rows, settings: .init(alpha: 0.01)).kept == [0])
  }

  @Test("settings that mean nothing are named")
  func problems() {
    #expect(CriterionSettings().problem == nil && CriterionSettings.published().problem == nil)
    #expect(CriterionSettings(lambda1: -1).problem?.contains("lambda1 is -1.0") == true)
    #expect(CriterionSettings(lambda2: .nan).problem?.contains("lambda2 is nan") == true)
    #expect(CriterionSettings(alpha: 0).problem?.contains("alpha is 0.0") == true)
    #expect(CriterionSettings(alpha: 1.5).problem?.contains("alpha is 1.5") == true)
    #expect(CriterionSettings(epsilon: 0).problem?.contains("epsilon is 0.0") == true)
    #expect(CriterionSettings(epsilon: 0.5).problem?.contains("epsilon is 0.5") == true)
  }
}
