import ActiveLearning
import Inference
import Simulation
import Testing
import Training

@Suite("Simulator")
struct SimulatorTests {
  private func simulator(
    _ learner: Learner = .acftHQ, budget: Int = 60, labelNoise: Double = 0
  ) throws -> Simulator {
    Simulator(
      try Clouds.pool(), rounds: Rounds(batch: 6, growth: 0.5, budget: budget), learner: learner,
      labelNoise: labelNoise)
  }

  @Test("asks every candidate once when the budget allows", arguments: ["random", "loam", "badge"])
  func asksAll(name: String) throws {
    let run = try simulator(budget: 500).run(try Strategy(name: name), seed: 1)
    #expect(run.asked.sorted() == Array(0..<180))
  }

  @Test("learns: clouds that lie apart are told apart", arguments: Learner.allCases)
  func learns(learner: Learner) throws {
    let run = try simulator(learner).run(.loam(LoamSettings()), seed: 1)
    // 16 features have to say what 1,280 say elsewhere: λ must not hold them down.
    if learner != .acftQ { #expect(run.accuracies.dropFirst().allSatisfy { $0 > 0.8 }) }
    // Learning from the last batch alone forgets; even so it beats a guess by far.
    #expect(try #require(run.accuracies.last) > (learner == .acftQ ? 0.6 : 0.9))
    #expect(
      run.accuracies.count
        == Rounds(batch: 6, growth: 0.5, budget: 60).labels(candidates: 180).count)
  }

  @Test("gives the same run for the same seed, another for another")
  func repeats() throws {
    let simulator = try simulator()
    let first = try simulator.run(.margin, seed: 3)
    let again = try simulator.run(.margin, seed: 3)
    #expect(first.asked == again.asked)
    #expect(first.accuracies == again.accuracies)
    #expect(first.head == again.head)
    #expect(try simulator.run(.margin, seed: 4).asked != first.asked)
  }

  @Test("strategies that need predictions begin with the same labels as random")
  func sameStart() throws {
    let simulator = try simulator(budget: 6)
    let random = try simulator.run(.random, seed: 2).asked
    #expect(try simulator.run(.margin, seed: 2).asked == random)
    #expect(try simulator.run(.badge, seed: 2).asked == random)
  }

  @Test("flips the share of the answers that it is told to, never to the same class")
  func noise() throws {
    let simulator = try simulator(labelNoise: 0.2)
    let truth = simulator.pool.candidates.map(\.sample.label)
    let wrong = (0..<20).map { seed in
      zip(simulator.answers(seed: UInt64(seed)), truth).count { $0 != $1 }
    }
    // 20 seeds × 180 answers: 720 expected, standard deviation 24.
    #expect((600...840).contains(wrong.reduce(0, +)))
    #expect(simulator.answers(seed: 7) == simulator.answers(seed: 7))
    #expect(try self.simulator().answers(seed: 7) == truth)
  }

  @Test("the same simulation on one thread and on two gives the same results")
  func threads() async throws {
    let strategies = [("loam", Strategy.loam(LoamSettings())), ("random", .random)]
    var results: [Simulation.Outcome] = []
    for threads in [1, 2] {
      results.append(
        try await Simulation(
          try simulator(), strategies: strategies, seeds: 2, threads: threads
        ).run { _, _ in })
    }
    #expect(results[0].runs.map(\.accuracies) == results[1].runs.map(\.accuracies))
    #expect(results[0].fullAccuracy == results[1].fullAccuracy)
    #expect(results[0].fullAccuracy > 0.9)
  }

  @Test("a run looked at closely counts every test photo and names why each was asked")
  func detail() throws {
    let simulator = try simulator(labelNoise: 0.1)
    let detail = try RunRecorder.detail(
      simulator, name: "loam", strategy: .loam(LoamSettings()), seed: 0, pictures: 0)
    #expect(detail.confusion.joined().reduce(0, +) == 90)
    #expect(detail.asked.count == 60)
    #expect(detail.asked[0].guess == nil)
    #expect(detail.asked[59].guess != nil)
    #expect(detail.asked[59].nearest.count == 3)
    #expect(detail.asked.allSatisfy { !$0.reason.isEmpty && $0.thumbnail == nil })
    let answers = simulator.answers(seed: Simulation.seed(0))
    let wrong = Set(
      detail.asked.filter {
        answers[$0.candidate] != simulator.pool.candidates[$0.candidate].sample.label
      }
      .map(\.photo))
    let found = Set(detail.suspects.map(\.photo))
    #expect(!wrong.isEmpty && found.intersection(wrong).count * 2 > wrong.count)
  }
}
