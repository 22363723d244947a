import FoundationEssentials
import Glibc
import Inference
import Kernels
import Tensors
import Testing

@testable import Training

@Suite("Gradient and step")
struct GradientTests {
  /// A random layer in a space that is not scaled.
  private func layer(classes: Int, featureCount: Int, _ random: inout SeededRandom)
    -> SoftmaxLayer
  {
    var head = Head(classes: (0..<classes).map { "\($0)" }, featureCount: featureCount)
    head.weights = head.weights.map { _ in Float(random.unit() - 0.5) }
    head.bias = head.bias.map { _ in Float(random.unit() - 0.5) }
    return SoftmaxLayer(head, scaling: .identity(featureCount: featureCount))
  }

  /// The mean weighted loss of `layer`, in `Double` and written out.
  private func loss(
    _ layer: SoftmaxLayer, _ inputs: [Float], _ labels: [Int], _ weights: [Float]
  ) -> Double {
    var total = 0.0
    for (row, label) in labels.enumerated() {
      let logits = (0..<layer.classes).map { item in
        (0..<layer.featureCount).reduce(Double(layer.bias[item])) { sum, column in
          sum + Double(layer.weights[item * layer.featureCount + column])
            * Double(inputs[row * layer.featureCount + column])
        }
      }
      let sum = logits.reduce(0.0) { $0 + exp($1) }
      total += Double(weights[row]) * (log(sum) - logits[label])
    }
    return total / Double(labels.count)
  }

  @Test("equals central differences", arguments: [2, 3, 7], [1, 5, 33])
  func centralDifferences(classes: Int, rows: Int) {
    var random = SeededRandom(seed: UInt64(classes * 100 + rows))
    var layer = layer(classes: classes, featureCount: 18, &random)
    let inputs = (0..<rows * 18).map { _ in Float(random.unit() * 2 - 1) }
    let labels = (0..<rows).map { _ in random.below(classes) }
    let weights = (0..<rows).map { _ in Float(random.unit() + 0.5) }
    let found = layer.differentiate(
      inputs: inputs.span, labels: labels.span, rowWeights: weights.span, kernels: .chosen)
    let wanted = loss(layer, inputs, labels, weights) * Double(rows)
    #expect(abs(Double(found) - wanted) < 1e-5 * Double(rows))
    let step: Float = 0x1p-8
    for index in layer.weights.indices {
      var (up, down) = (layer, layer)
      up.weights[index] += step
      down.weights[index] -= step
      let width = Double(up.weights[index]) - Double(down.weights[index])
      let slope =
        (loss(up, inputs, labels, weights) - loss(down, inputs, labels, weights)) / width
      // The differences err by step² / 6 times the third derivative, fp32 by some 2⁻²³ a row.
      #expect(abs(Double(layer.weightGradient[index]) - slope) < 1e-5)
    }
    for item in layer.bias.indices {
      var (up, down) = (layer, layer)
      up.bias[item] += step
      down.bias[item] -= step
      let width = Double(up.bias[item]) - Double(down.bias[item])
      let slope =
        (loss(up, inputs, labels, weights) - loss(down, inputs, labels, weights)) / width
      #expect(abs(Double(layer.biasGradient[item]) - slope) < 1e-5)
    }
  }

  /// What `Tests/Golden/make_training_golden.py` writes.
  private struct Golden: Codable {
    var width, classes: Int
    var inputs, rowWeights: [Float]
    var labels: [Int]
    var batches: [[Int]]
    var losses: [Double]
    var firstWeights, firstBias, lastWeights, lastBias: [Float]
  }

  @Test("twenty steps end where PyTorch ends", arguments: Level.runnable)
  func pytorch(level: Level) throws {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let path = folder.joined(separator: "/") + "/Golden/training.json"
    let data = try Data(contentsOf: URL(filePath: path))
    let golden = try JSONDecoder().decode(Golden.self, from: data)
    var layer = SoftmaxLayer(
      Head(
        classes: (0..<golden.classes).map { "\($0)" }, featureCount: golden.width,
        weights: golden.firstWeights, bias: golden.firstBias),
      scaling: .identity(featureCount: golden.width))
    for (step, batch) in golden.batches.enumerated() {
      let inputs = batch.flatMap { golden.inputs[$0 * golden.width..<($0 + 1) * golden.width] }
      let labels = batch.map { golden.labels[$0] }
      let weights = batch.map { golden.rowWeights[$0] }
      let loss = layer.differentiate(
        inputs: inputs.span, labels: labels.span, rowWeights: weights.span,
        kernels: level.kernels)
      #expect(abs(Double(loss) / Double(batch.count) - golden.losses[step]) < 2e-6)
      let rate = 0.05 * (1 - Float(step) / Float(golden.batches.count))
      layer.step(rate: rate, momentum: 0.9, decay: 0.05)
    }
    // Both are fp32 in different orders of summation; 20 steps of some 2⁻²³ each.
    for (found, wanted) in zip(layer.weights + layer.bias, golden.lastWeights + golden.lastBias) {
      #expect(abs(found - wanted) < 2e-6)
    }
  }

  @Test("a candidate counts once, however many patches it has")
  func patchesShareOneVote() throws {
    var random = SeededRandom(seed: 4)
    let (a, b) = (
      (0..<6).map { _ in Float(random.unit()) }, (0..<6).map { _ in Float(random.unit()) }
    )
    let head = Head(classes: ["x", "y"], featureCount: 6)
    func trained(_ copies: Int) throws -> Head {
      let new = [
        TrainingSample(
          candidate: 1, label: 0, features: Array(repeating: a, count: copies).flatMap { $0 },
          patches: copies),
        TrainingSample(candidate: 2, label: 1, features: b, patches: 1),
      ]
      let settings = FineTuneSettings(epochs: 5, minimumSteps: 0, batchSize: 64)
      return try FineTuner(settings).fineTune(
        head: head, new: new, old: [], scaling: .identity(featureCount: 6)
      ).head
    }
    let (once, fourTimes) = (try trained(1), try trained(4))
    for (left, right) in zip(once.weights, fourTimes.weights) { #expect(abs(left - right) < 1e-6) }
  }
}
