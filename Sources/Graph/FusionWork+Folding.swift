import Tensors

/// `scale × x + shift` per channel, what a batch normalisation comes to.
struct Affine {
  let scale: [Double]
  let shift: [Double]

  /// From gamma, beta, mean and variance; `nil` if one is missing.
  init?(_ parameters: [FloatTensor?], epsilon: Float) {
    let given = parameters.compactMap { $0?.elements }
    guard given.count == 4 else { return nil }
    let count = given[0].count
    var (scale, shift) = ([Double](), [Double]())
    for channel in 0..<count {
      let deviation = (Double(given[3][channel]) + Double(epsilon)).squareRoot()
      let factor = Double(given[0][channel]) / deviation
      scale.append(factor)
      shift.append(Double(given[1][channel]) - Double(given[2][channel]) * factor)
    }
    (self.scale, self.shift) = (scale, shift)
  }
}

extension Operation {
  /// The operation that does what this one does to a map with `padding` zeros around it; `nil` if
  /// there is none.
  func padded(by padding: Padding) -> Operation? {
    switch self {
    case .convolution(var window, let groups):
      window.padding = window.padding + padding
      return .convolution(window, groups: groups)
    case .averagePool(var window, let counted):
      window.padding = window.padding + padding
      return .averagePool(window, counted: counted + padding)
    default:
      return nil
    }
  }
}

extension Padding {
  fileprivate static func + (a: Padding, b: Padding) -> Padding {
    Padding(
      top: a.top + b.top, left: a.left + b.left, bottom: a.bottom + b.bottom,
      right: a.right + b.right)
  }
}

extension Clamp {
  /// The clamp that does what this one and then `next` do.
  package func followed(by next: Clamp) -> Clamp {
    let low = self.low.map { next($0) } ?? next.low
    let high = self.high.map { next($0) } ?? next.high
    return Clamp(low: low, high: high)
  }
}
