package import Tensors

extension Network {
  /// One line of `loam inspect`: a node with what it reads, makes and costs.
  package struct Row: Hashable, Sendable, Codable {
    package var name: String
    package var operation: String
    /// Shape of the result.
    package var shape: Shape
    /// How the result is kept: `int8 scale 0.0235 zero −128`, or `fp32`.
    package var quantisation: String
    /// Elements of its weights and bias.
    package var parameters: Int
    /// Multiply-accumulates of one run.
    package var macs: Int
    /// Whether it stands before the cut.
    package var isBody: Bool
  }

  /// One row a node, in running order.
  package var rows: [Row] {
    let macs = Graph.macs(of: nodes, shapes: shapes)
    return nodes.enumerated().map { index, node in
      Row(
        name: node.name, operation: node.summary, shape: shapes[node.output] ?? Shape(1),
        quantisation: quantisation[node.output].map(\.summary) ?? "fp32",
        parameters: node.parameters.reduce(0) { $0 + (tensors[$1]?.count ?? 0) },
        macs: macs[node.name] ?? 0, isBody: index < bodyNodeCount)
    }
  }

  /// Elements of all weights and biases, scales not counted.
  package var parameterCount: Int { rows.reduce(0) { $0 + $1.parameters } }

  /// Multiply-accumulates of one run.
  package var macCount: Int { rows.reduce(0) { $0 + $1.macs } }
}

extension Quantisation {
  /// As in `int8 × 0.02353, zero −128`.
  fileprivate var summary: String {
    let digits = 3 - Float.log10Floor(scale)
    return "int8 × \(scale.rounded(toDecimals: digits)), zero \(zeroPoint)"
  }
}

extension Float {
  /// The greatest n with 10ⁿ ≤ `value`, which is > 0 and normal.
  fileprivate static func log10Floor(_ value: Float) -> Int {
    var (power, exponent) = (Double(1), 0)
    while power > Double(value) { (power, exponent) = (power / 10, exponent - 1) }
    while power * 10 <= Double(value) { (power, exponent) = (power * 10, exponent + 1) }
    return exponent
  }

  /// The nearest number with that many digits after the point.
  fileprivate func rounded(toDecimals digits: Int) -> Float {
    var power = 1.0
    for _ in 0..<max(0, digits) { power *= 10 }
    return Float((Double(self) * power).rounded() / power)
  }
}

extension Node {
  /// The operation with its main settings, as in `conv 3×3 /2 relu6` or `depthwise 5×5`.
  package var summary: String {
    var text: String
    switch operation {
    case .convolution(let window, let groups):
      let kind = groups > 1 ? "grouped conv ÷\(groups)" : "conv"
      text = "\(kind) \(window.height)×\(window.width)"
      if window.strideY > 1 || window.strideX > 1 {
        text += " /\(max(window.strideY, window.strideX))"
      }
    default:
      text = operation.label
    }
    switch (clamp.low, clamp.high) {
    case (nil, nil): break
    case (0, nil): text += " relu"
    case (0, 6): text += " relu6"
    case (let low, let high):
      text += " clamp " + (low.map { "\($0)" } ?? "−∞") + "…" + (high.map { "\($0)" } ?? "∞")
    }
    return text
  }
}
