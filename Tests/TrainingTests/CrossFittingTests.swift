import Inference
import Testing
import Training

@Suite("Cross-fitting")
struct CrossFittingTests {
  private let clouds = Clouds(featureCount: 40, width: 1.5)
  private var fitting: CrossFitting {
    CrossFitting(settings: FineTuneSettings(weightDecay: 60, seed: 3))
  }

  private func probabilities(_ samples: [TrainingSample]) throws -> [[Double]] {
    try fitting.probabilities(
      of: samples, classes: clouds.head.classes, scaling: clouds.scaling(samples))
  }

  @Test("tells the class of samples that the head was not trained on")
  func outOfSample() throws {
    let samples = clouds.samples(60, seed: 4)
    let rows = try probabilities(samples)
    #expect(rows.count == 60 && rows.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-4 })
    let right = zip(samples, rows).count { $1[$0.label] > 0.5 }
    #expect(right >= 57)
    #expect(try probabilities(samples) == rows, "the same seed, the same bytes")
  }

  @Test("is not talked into a wrong label by the label itself")
  func flipped() throws {
    var samples = clouds.samples(60, seed: 4)
    samples[7].label = (samples[7].label + 1) % 3
    let row = try probabilities(samples)[7]
    #expect(row[samples[7].label] < 0.2)
    let rows = try probabilities(samples)
    let trained = try FineTuner(fitting.settings).fineTune(
      head: clouds.head, new: samples, old: [], scaling: clouds.scaling(samples)
    ).head
    let features = samples[7].features
    let inSample = trained.probabilities(features.span, count: clouds.patches)
    #expect(Double(inSample[samples[7].label]) > rows[7][samples[7].label])
  }

  @Test("does with few samples what can be done, and says what is wrong with them")
  func few() throws {
    #expect(try probabilities(clouds.samples(1, seed: 1)).isEmpty)
    #expect(try probabilities(clouds.samples(2, seed: 1)).count == 2)
    var samples = clouds.samples(9, seed: 1)
    samples[3].label = 3
    #expect(throws: TrainingError.self) { try probabilities(samples) }
  }
}
