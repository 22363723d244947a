import Inference
import Kernels

/// A linear layer with softmax in standardised space, its velocity and gradient: what a step works on.
struct SoftmaxLayer: Sendable {
  let classes: Int
  let featureCount: Int
  /// `[classes, featureCount]`, row-major, like the two below it.
  var weights: [Float]
  var bias: [Float]
  var weightVelocity: [Float]
  var biasVelocity: [Float]
  private(set) var weightGradient: [Float]
  private(set) var biasGradient: [Float]

  /// `head` in the space of `scaling`, at rest.
  ///
  /// w · x + b = ŵ · x̂ + b̂ with x = mean + deviation x̂: ŵ = w deviation, b̂ = b + Σ w mean.
  init(_ head: Head, scaling: FeatureScaling) {
    (classes, featureCount) = (head.classes.count, head.featureCount)
    let inverse = scaling.inverse
    weights = head.weights
    bias = head.bias
    for item in 0..<classes {
      var shift = 0.0
      for column in 0..<featureCount {
        let index = item * featureCount + column
        shift += Double(head.weights[index]) * Double(scaling.mean[column])
        weights[index] = inverse[column] > 0 ? head.weights[index] / inverse[column] : 0
      }
      bias[item] = Float(Double(head.bias[item]) + shift)
    }
    weightVelocity = [Float](repeating: 0, count: weights.count)
    biasVelocity = [Float](repeating: 0, count: classes)
    weightGradient = weightVelocity
    biasGradient = biasVelocity
  }

  /// The layer as a head in the units of the features.
  func head(classes names: [String], scaling: FeatureScaling) -> Head {
    let inverse = scaling.inverse
    var head = Head(classes: names, featureCount: featureCount)
    for item in 0..<classes {
      var shift = 0.0
      for column in 0..<featureCount {
        let index = item * featureCount + column
        head.weights[index] = weights[index] * inverse[column]
        shift += Double(head.weights[index]) * Double(scaling.mean[column])
      }
      head.bias[item] = Float(Double(bias[item]) - shift)
    }
    return head
  }

  /// Puts the gradient of the batch's mean loss into `weightGradient` and `biasGradient`.
  ///
  /// `inputs` is `[rows, featureCount]`; row i shows class `labels[i]` and counts `rowWeights[i]`
  /// times. The mean divides by `rows`.
  ///
  /// - Returns: Σ over rows of −weight × ln p(label), for reports.
  mutating func differentiate(
    inputs: Span<Float>, labels: Span<Int>, rowWeights: Span<Float>, kernels: KernelSet
  ) -> Float {
    let (rows, classes, featureCount) = (labels.count, classes, featureCount)
    var gradients = [Float](repeating: 0, count: rows * classes)
    var probabilities = gradients.mutableSpan
    gemmF32(
      inputs, rows: rows, weights: weights.span, outputs: classes, depth: featureCount,
      bias: bias.span, into: &probabilities, kernels: kernels)
    softmaxF32(rows: rows, columns: classes, &probabilities, kernels: kernels)
    for item in biasGradient.indices { biasGradient[item] = 0 }
    for index in weightGradient.indices { weightGradient[index] = 0 }
    var loss: Float = 0
    for row in 0..<rows {
      let share = rowWeights[row] / Float(rows)
      loss -= rowWeights[row] * logF32(max(gradients[row * classes + labels[row]], 1e-30))
      for item in 0..<classes {
        let index = row * classes + item
        gradients[index] = (gradients[index] - (item == labels[row] ? 1 : 0)) * share
        biasGradient[item] += gradients[index]
      }
    }
    var sums = weightGradient.mutableSpan
    accumulateOuterF32(
      gradients: gradients.span, inputs: inputs, rows: rows, outputs: classes,
      depth: featureCount, into: &sums, kernels: kernels)
    return loss
  }

  /// One step of gradient descent with momentum: v = momentum v + gradient + decay w; w = w − rate v.
  /// The bias does not decay.
  mutating func step(rate: Float, momentum: Float, decay: Float) {
    momentumStepF32(
      gradient: weightGradient, rate: rate, momentum: momentum, decay: decay,
      weights: &weights, velocity: &weightVelocity)
    for item in bias.indices {
      biasVelocity[item] = momentum * biasVelocity[item] + biasGradient[item]
      bias[item] -= rate * biasVelocity[item]
    }
  }

  /// Whether every weight is a finite number.
  var isFinite: Bool { weights.allSatisfy(\.isFinite) && bias.allSatisfy(\.isFinite) }
}
