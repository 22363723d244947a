/// A function of one number that is not a clamp.
package enum ActivationFunction: Hashable, Sendable, Codable {
  /// `x` above 0, `slope × x` below.
  case leakyReLU(slope: Float)
  /// `1 / (1 + exp(−x))`.
  case sigmoid
  /// `min(max(slope × x + offset, 0), 1)`; ONNX calls the two alpha and beta.
  case hardSigmoid(slope: Float, offset: Float)
  /// `x × min(max(x + 3, 0), 6) / 6`.
  ///
  /// Source: Howard et al., "Searching for MobileNetV3", ICCV 2019, §5.2.
  case hardSwish
  /// `x / (1 + exp(−x))`, also called swish.
  case silu
  /// Hyperbolic tangent.
  case tanh

  /// What people call it, as in `hardSwish`.
  package var label: String {
    switch self {
    case .leakyReLU: "leakyReLU"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hardSigmoid"
    case .hardSwish: "hardSwish"
    case .silu: "silu"
    case .tanh: "tanh"
    }
  }

  /// Its numbers, which must be finite.
  var attributes: [Float] {
    switch self {
    case .leakyReLU(let slope): [slope]
    case .hardSigmoid(let slope, let offset): [slope, offset]
    case .sigmoid, .hardSwish, .silu, .tanh: []
    }
  }
}

/// `x / (bias + alpha / size × Σ x²)^beta`, the sum over `size` channels around the element's.
///
/// Channel `c` sums channels `c − (size − 1) / 2` (rounded down) to `c + size / 2`, as far as they
/// exist.
/// Source: Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks",
/// NIPS 2012, §3.3; alpha is divided by size as ONNX and PyTorch do.
package struct LocalResponse: Hashable, Sendable, Codable {
  /// Channels in one sum, 1 or more.
  package var size: Int
  package var alpha: Float
  package var beta: Float
  /// Above 0, and `alpha` 0 or more, so that nothing is divided by 0.
  package var bias: Float

  /// A normalisation over `size` channels.
  package init(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, bias: Float = 1) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.bias = bias
  }

  /// The channels that are summed for `channel` of `channels`.
  package func channels(around channel: Int, of channels: Int) -> Range<Int> {
    max(0, channel - (size - 1) / 2)..<min(channels, channel + size / 2 + 1)
  }
}
