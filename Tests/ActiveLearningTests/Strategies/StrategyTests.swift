import ActiveLearning
import Tensors
import Testing

@Suite("Every strategy")
struct StrategyTests {
  @Test("chooses as many different unlabelled ones as are wanted", arguments: Strategy.all)
  func wellFormed(strategy: Strategy) {
    let state = States.pool(seed: 3)
    for count in [0, 1, 7, 40, 111, 500] {
      let chosen = choose(strategy, from: state, count: count, seed: 5)
      #expect(chosen.count == min(count, 111), "\(strategy.name), \(count) wanted")
      #expect(Set(chosen).count == chosen.count, "\(strategy.name) repeats itself")
      #expect(Set(chosen).isSubset(of: state.unlabelled), "\(strategy.name) leaves the pool")
    }
  }

  @Test("does so without predictions, without labels, and with features that never differ")
  func bare() {
    let same = FeatureTable(dimension: 2, values: [Float](repeating: 4, count: 24))
    for table in [same, States.clouds(3, of: 10, seed: 1)] {
      for labelled in [[], [1, 4]] {
        for probability in [[], [Float(0.5), 0.5]] as [[Float]] {
          let count = table.count - labelled.count
          let state = States.make(
            table, labelled: labelled,
            probabilities: probability.isEmpty ? [] : .init(repeating: probability, count: count))
          for strategy in Strategy.all {
            let chosen = choose(strategy, from: state, count: 6, seed: 2)
            #expect(Set(chosen).count == 6, "\(strategy.name) chose \(chosen)")
            #expect(Set(chosen).isSubset(of: state.unlabelled), "\(strategy.name) chose \(chosen)")
            #expect(Set(choose(strategy, from: state, count: 99, seed: 2)) == Set(state.unlabelled))
          }
        }
      }
    }
  }

  @Test("has nothing to choose from an empty pool", arguments: Strategy.all)
  func empty(strategy: Strategy) {
    let state = States.line([])
    #expect(choose(strategy, from: state, count: 3, seed: 1) == [])
  }

  @Test("chooses the same by the same seed", arguments: Strategy.all)
  func deterministic(strategy: Strategy) {
    let state = States.pool(seed: 4)
    let first = choose(strategy, from: state, count: 12, seed: 9)
    #expect(first == choose(strategy, from: States.pool(seed: 4), count: 12, seed: 9))
  }

  @Test("that draws follows its seed", arguments: ["random", "aift-random", "badge"])
  func seeded(name: String) throws {
    let strategy = try Strategy(name: name)
    let state = States.pool(seed: 4)
    let choices = (0..<20).map { choose(strategy, from: state, count: 6, seed: UInt64($0)) }
    #expect(Set(choices).count > 15)
  }

  @Test(
    "that does not draw chooses the same photos whatever they are called",
    arguments: [
      "entropy", "diversity", "aift", "entropy-majority", "diversity-majority", "aift-majority",
      "least-confidence", "margin", "bald", "coreset",
    ])
  func renamed(name: String) throws {
    let strategy = try Strategy(name: name)
    let state = States.pool(seed: 8)
    var names = Array(0..<120)
    var random = SeededRandom(seed: 77)
    random.shuffle(&names)
    let other = States.renamed(state, table: States.clouds(4, of: 30, seed: 8), names: names)
    // Candidates of one patch all have diversity 0, and equals go by their names.
    let count = 20
    let chosen = choose(strategy, from: state, count: count, seed: 1).map { names[$0] }
    #expect(chosen == choose(strategy, from: other, count: count, seed: 1))
  }

  @Test("of unsureness asks at random before a head has learned anything", arguments: Strategy.all)
  func withoutPredictions(strategy: Strategy) {
    guard strategy.needsPredictions else { return }
    let state = States.make(States.clouds(2, of: 20, seed: 6), labelled: [0])
    for seed in 1...5 as ClosedRange<UInt64> {
      #expect(
        choose(strategy, from: state, count: 9, seed: seed)
          == choose(.random, from: state, count: 9, seed: seed))
    }
  }

  @Test("random takes each equally often")
  func uniform() {
    let state = States.line([1, 2, 3, 4, 5, 6, 7, 8], labelled: [2])
    var times = [Int](repeating: 0, count: 8)
    for seed in 0..<7000 as Range<UInt64> {
      for candidate in choose(.random, from: state, count: 1, seed: seed) { times[candidate] += 1 }
    }
    // 1000 expected of each; the standard deviation is 29.
    #expect(times[2] == 0)
    #expect(times.enumerated().allSatisfy { $0 == 2 || abs($1 - 1000) < 130 })
  }
}

@Suite("Names of strategies")
struct StrategyNameTests {
  @Test("lead to the strategy and back")
  func roundTrip() throws {
    #expect(Strategy.names.count == 16 && Set(Strategy.names).count == 16)
    #expect(Set(Strategy.all).count == 16)
    for (name, strategy) in zip(Strategy.names, Strategy.all) {
      #expect(try Strategy(name: name) == strategy)
      #expect(strategy.name == name)
      #expect(!strategy.summary.isEmpty)
    }
  }

  @Test("say what the published ones are")
  func published() throws {
    #expect(
      try Strategy(name: "aift")
        == .criterion(.init(lambda1: 1, lambda2: 1, alpha: nil), randomisation: 1))
    #expect(
      try Strategy(name: "aift-random")
        == .criterion(.init(lambda1: 1, lambda2: 1, alpha: 0.25), randomisation: 5))
    #expect(try Strategy(name: "loam") == .loam(LoamSettings()))
  }

  @Test("stay those of the kind when settings vary")
  func varied() {
    #expect(Strategy.loam(LoamSettings(shortlist: 9)).name == "loam")
    #expect(Strategy.criterion(.published(), randomisation: 2).name == "aift")
  }

  @Test(
    "that are unknown are an error which helps",
    arguments: [
      ("badg", "badge"), ("Margin", "margin"), ("core-set", "coreset"),
      ("aift-majorty", "aift-majority"),
      ("typicluster", "typiclust"),
    ])
  func unknown(name: String, meant: String) {
    #expect(throws: UnknownStrategy(name: name)) { try Strategy(name: name) }
    let error = UnknownStrategy(name: name)
    #expect(error.suggestion == meant)
    #expect(
      error.description.hasPrefix("no strategy is called '\(name)'; did you mean '\(meant)'?"))
    #expect(error.description.hasSuffix("probcover, loam"))
  }

  @Test("too far from any are not guessed at")
  func hopeless() {
    let error = UnknownStrategy(name: "simulated annealing")
    #expect(error.suggestion == nil)
    #expect(error.description.contains("; the strategies are: random, entropy"))
    #expect(UnknownStrategy(name: "").suggestion == nil)
  }
}
