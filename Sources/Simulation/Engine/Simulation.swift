package import ActiveLearning
import Synchronization

/// Learning curves of several strategies on one pool, from several seeds each.
package struct Simulation: Sendable {
  package var simulator: Simulator
  /// Names and strategies in the order in which they are reported; names are not there twice.
  package var strategies: [(name: String, strategy: Strategy)]
  /// Runs of each strategy; the same seed gives all of them the same conditions.
  package var seeds: Int
  package var threads: Int

  /// A simulation of `strategies` with `simulator`.
  package init(
    _ simulator: Simulator, strategies: [(name: String, strategy: Strategy)], seeds: Int,
    threads: Int
  ) {
    self.simulator = simulator
    self.strategies = strategies
    self.seeds = seeds
    self.threads = threads
  }

  /// The seed of run `index`; seeds are handed out in order, so that more runs repeat the first ones.
  package static func seed(_ index: Int) -> UInt64 { UInt64(1000 + index) }

  /// What all runs gave.
  package struct Outcome: Sendable {
    /// In the order of the strategies.
    package var runs: [StrategyRuns]
    /// Mean over seeds of what the whole pool's answers give.
    package var fullAccuracy: Double
  }

  /// Runs everything; `progress` is told of the runs done and to do, from any thread.
  package func run(progress: @escaping @Sendable (Int, Int) -> Void) async throws -> Outcome {
    // The full pool differs between seeds by the order of training and the noise alone.
    let fullSeeds = simulator.labelNoise > 0 ? seeds : min(seeds, 3)
    let jobs = strategies.count * seeds + fullSeeds
    let shared = Shared(jobs: jobs, strategies: strategies.count, seeds: seeds)
    try await withThrowingTaskGroup { group in
      for _ in 0..<max(1, threads) {
        group.addTask {
          while let job = shared.take() {
            try Task.checkCancellation()
            let start = ContinuousClock.now
            if job < fullSeeds {
              // The longest jobs come first, so that no thread is left with one at the end.
              shared.addFull(try simulator.fullAccuracy(seed: Self.seed(job)))
            } else {
              let (seed, place) = (job - fullSeeds).quotientAndRemainder(
                dividingBy: strategies.count)
              let run = try simulator.run(strategies[place].strategy, seed: Self.seed(seed))
              let seconds = (ContinuousClock.now - start) / Duration.seconds(1)
              shared.add(run.accuracies, strategy: place, seed: seed, seconds: seconds)
            }
            progress(shared.finish(), jobs)
          }
        }
      }
      try await group.waitForAll()
    }
    let labels = simulator.rounds.labels(candidates: simulator.pool.candidates.count)
    let (accuracies, seconds, full) = shared.results
    return Outcome(
      runs: strategies.indices.map { place in
        StrategyRuns(
          name: strategies[place].name, labels: labels, accuracies: accuracies[place],
          seconds: seconds[place])
      },
      fullAccuracy: full.reduce(0, +) / Double(fullSeeds))
  }
}

/// What the threads share.
private final class Shared: Sendable {
  struct State {
    var next = 0
    var done = 0
    var accuracies: [[[Double]]]
    var seconds: [Double]
    var full: [Double] = []
  }

  private let jobs: Int
  private let state: Mutex<State>

  init(jobs: Int, strategies: Int, seeds: Int) {
    self.jobs = jobs
    state = Mutex(
      State(
        accuracies: .init(repeating: .init(repeating: [], count: seeds), count: strategies),
        seconds: .init(repeating: 0, count: strategies)))
  }

  func take() -> Int? {
    state.withLock { state in
      guard state.next < jobs else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func addFull(_ accuracy: Double) { state.withLock { $0.full.append(accuracy) } }

  func add(_ accuracies: [Double], strategy: Int, seed: Int, seconds: Double) {
    state.withLock {
      $0.accuracies[strategy][seed] = accuracies
      $0.seconds[strategy] += seconds
    }
  }

  func finish() -> Int {
    state.withLock {
      $0.done += 1
      return $0.done
    }
  }

  var results: ([[[Double]]], [Double], [Double]) {
    state.withLock { ($0.accuracies, $0.seconds, $0.full.sorted()) }
  }
}
