import Inference
import Tensors
import Testing
import Training

@Suite("Feature scaling")
struct ScalingTests {
  @Test("a stream gives the mean and deviation of the whole")
  func stream() {
    var random = SeededRandom(seed: 2)
    let rows = (0..<200).map { _ in
      [Float(random.unit() * 4 + 100), Float(random.unit()), 7]
    }
    var measurement = FeatureScaling.Measurement(featureCount: 3)
    let firstRows = rows[0..<70].flatMap { $0 }
    measurement.add(firstRows.span)
    for row in rows[70...] { measurement.add(row.span) }
    #expect(measurement.count == 200)
    let scaling = measurement.scaling
    for column in 0..<3 {
      let values = rows.map { Double($0[column]) }
      let mean = values.reduce(0, +) / 200
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200
      #expect(abs(Double(scaling.mean[column]) - mean) < 1e-5)
      #expect(abs(Double(scaling.deviation[column]) - variance.squareRoot()) < 1e-6)
    }
    #expect(FeatureScaling.Measurement(featureCount: 2).scaling == .identity(featureCount: 2))
  }

  @Test("training in scaled space changes the units, not the answers")
  func folds() throws {
    let clouds = Clouds()
    let samples = clouds.samples(30, seed: 3)
    var stretched = samples
    for index in stretched.indices {
      for place in stretched[index].features.indices {
        let column = Float(place % clouds.featureCount)
        stretched[index].features[place] *= 1 + column
        stretched[index].features[place] += 10 * column
      }
    }
    let tuner = FineTuner(FineTuneSettings(epochs: 4, minimumSteps: 0, weightDecay: 60))
    let plain = try tuner.fineTune(
      head: clouds.head, new: samples, old: [], scaling: clouds.scaling(samples)
    ).head
    let scaled = try tuner.fineTune(
      head: clouds.head, new: stretched, old: [], scaling: clouds.scaling(stretched)
    ).head
    for (left, right) in zip(samples, stretched) {
      let before = plain.probabilities(left.features.span, count: left.patches)
      let after = scaled.probabilities(right.features.span, count: right.patches)
      for (p, q) in zip(before, after) { #expect(abs(p - q) < 1e-3) }
    }
  }

  @Test("a feature that never changed in the pool has no say")
  func constant() throws {
    let new = [
      TrainingSample(candidate: 1, label: 0, features: [0, 5], patches: 1),
      TrainingSample(candidate: 2, label: 1, features: [1, 5], patches: 1),
    ]
    let twoFeatures = Head(
      classes: ["no", "yes"], featureCount: 2, weights: [0, 0.5, 1, 0.5], bias: [0, 0])
    let scaling = FeatureScaling(mean: [0.5, 5], deviation: [0.5, 0])
    let head = try FineTuner(FineTuneSettings(epochs: 3)).fineTune(
      head: twoFeatures, new: new, old: [], scaling: scaling
    ).head
    #expect(head.weights[1] == 0 && head.weights[3] == 0 && head.weights[2] > 0)
  }
}
