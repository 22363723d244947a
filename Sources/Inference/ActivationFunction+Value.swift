package import Graph
import Kernels

extension ActivationFunction {
  /// The function of `x` in fp32, each step rounded, with `expF32` for the exponential: the same
  /// bits on every processor. Within 1e-6 of the exact value, absolute for tanh and sigmoid.
  package func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .leakyReLU(let slope): x >= 0 ? x : slope * x
    case .sigmoid: 1 / (1 + expF32(-x))
    case .hardSigmoid(let slope, let offset): min(max(slope * x + offset, 0), 1)
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .silu: x / (1 + expF32(-x))
    case .tanh: 1 - 2 / (expF32(2 * x) + 1)
    }
  }
}

extension LocalResponse {
  /// Normalises the channels of one pixel; `row` and `out` have the same count and do not overlap.
  ///
  /// Squares are summed in fp32 from the lowest channel on. The power is made of square roots for
  /// the usual beta of 0.75, else of `expF32` and `logF32`.
  @_lifetime(out: copy out)
  func normalise(_ row: Span<Float>, into out: inout MutableSpan<Float>) {
    let factor = alpha / Float(size)
    for channel in row.indices {
      var sum: Float = 0
      for near in channels(around: channel, of: row.count) { sum += row[near] * row[near] }
      out[channel] = row[channel] / power(bias + factor * sum)
    }
  }

  private func power(_ base: Float) -> Float {
    guard beta == 0.75 else { return expF32(beta * logF32(base)) }
    let root = base.squareRoot()
    return root * root.squareRoot()
  }
}
