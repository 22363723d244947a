import FoundationEssentials
import Simulation
import Testing

@Suite("Results of simulations")
struct SimulationResultTests {
  private let runs = [
    StrategyRuns(
      name: "aift", labels: [10, 40], accuracies: [[0.5, 0.9], [0.7, 0.9]], seconds: 2),
    StrategyRuns(name: "random", labels: [10, 40], accuracies: [[0.5, 0.7], [0.5, 0.7]]),
  ]

  private var result: SimulationResult {
    SimulationResult(
      data: "pack", model: "m.loam", classes: ["a", "b"], candidates: 50, photos: 80,
      testPhotos: 20, groups: true, fullAccuracy: 0.8, seeds: 2, budget: 40, batch: 10,
      learner: "softmax head", strategies: StrategyResult.all(of: runs, fullAccuracy: 0.8))
  }

  @Test("all follows from the runs")
  func strategy() throws {
    let (aift, random) = (result.strategies[0], result.strategies[1])
    #expect(aift.name == "aift" && aift.seeds == 2 && aift.seconds == 2)
    #expect(aift.mean == [0.6, 0.9] && abs(aift.stderr[0] - 0.1) < 1e-15 && aift.stderr[1] == 0)
    #expect(abs(aift.area - 0.75) < 1e-12 && abs(aift.areaStderr - 0.05) < 1e-12)
    #expect(aift.labelsTo.map(\.percent) == [95, 98, 100])
    // 0.8 is two thirds of the way from 0.6 to 0.9: 10 × 4^(2/3).
    #expect(abs(try #require(aift.labelsTo[2].labels) - 25.198420997897465) < 1e-9)
    #expect(random.labelsTo[2].labels == nil && aift.labelsTo[2].ratioToRandom == nil)
    #expect(try #require(aift.againstRandom).wins == 2)
    #expect(random.againstRandom == nil)
  }

  @Test("the ratio to random divides the labels needed")
  func ratio() throws {
    let both = StrategyResult.all(of: runs, fullAccuracy: 0.65)
    let own = try #require(both[0].labelsTo[2].labels)
    let random = try #require(both[1].labelsTo[2].labels)
    #expect(abs(try #require(both[0].labelsTo[2].ratioToRandom) - own / random) < 1e-12)
    #expect(both[1].labelsTo[2].ratioToRandom == 1)
  }

  @Test("the JSON has the keys that other programs rely on, and null where nothing was reached")
  func json() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(result), as: UTF8.self)
    for key in [
      "data", "full_accuracy", "strategies", "name", "labels", "mean", "stderr", "seeds",
      "test_photos", "label_noise", "labels_to", "against_random", "below_at", "mean_difference",
      "area_stderr",
    ] { #expect(text.contains("\"\(key)\":"), "no \(key)") }
    #expect(text.contains("{\"labels\":null,\"percent\":100,\"ratio_to_random\":null,"))
    #expect(try JSONDecoder().decode(SimulationResult.self, from: Data(text.utf8)) == result)
  }
}
