import Graph
import Tensors

/// Operators without weights in the int8 body, in Loam's arithmetic where ONNX has words for it.
extension GraphWriter {
  /// An operator on the real numbers that the input's bytes stand for.
  mutating func addReal(
    _ node: Node, _ write: (inout GraphWriter, String, String) -> Void
  ) throws(ExchangeError) {
    let (scale, zero) = try form(node.name, node.inputs[0])
    let real = unique("\(node.name)/real")
    add("DequantizeLinear", [name(of: node.inputs[0]), scale, zero], to: real)
    let result = unique("\(node.name)/result")
    write(&self, real, result)
    try quantise(node, result)
  }

  /// The exact mean of the bytes' steps times the ratio of the scales.
  mutating func addAverage(
    _ node: Node, _ window: Window, counted: Padding
  ) throws(ExchangeError) {
    try requireDense(node, window)
    let (input, out) = (
      try quantisation(node.name, node.inputs[0]), try quantisation(node.name, node.output)
    )
    let steps = try addSteps(node, 0)
    let mean = unique("\(node.name)/mean")
    addAverage(node, window, counted: counted, steps, to: mean)
    try addRounded(node, mean, times: input.scale / out.scale)
  }

  /// The exact product of the bytes' steps times the ratio of the scales.
  mutating func addProduct(_ node: Node) throws(ExchangeError) {
    let (first, second) = (
      try quantisation(node.name, node.inputs[0]), try quantisation(node.name, node.inputs[1])
    )
    let out = try quantisation(node.name, node.output)
    let steps = [try addSteps(node, 0), try addSteps(node, 1)]
    let product = unique("\(node.name)/product")
    add("Mul", factors(node, steps), to: product)
    try addRounded(node, product, times: first.scale * second.scale / out.scale)
  }

  /// Channels one after the other, those of another scale brought to the result's.
  mutating func addJoined(_ node: Node) throws(ExchangeError) {
    let out = try quantisation(node.name, node.output)
    var parts: [String] = []
    for (index, input) in node.inputs.enumerated() {
      guard try quantisation(node.name, input) != out else {
        parts.append(name(of: input))
        continue
      }
      let (scale, zero) = try form(node.name, input)
      let real = unique("\(node.name)/real_\(index)")
      add("DequantizeLinear", [name(of: input), scale, zero], to: real)
      let (outScale, outZero) = try form(node.name, node.output)
      let part = unique("\(node.name)/part_\(index)")
      parts.append(add("QuantizeLinear", [real, outScale, outZero], to: part))
    }
    try finish(node) { it, output in
      it.add("Concat", parts, to: output, [.int("axis", 1)])
    }
  }

  /// The steps from the zero point of input `index` of `node`, in fp32.
  private mutating func addSteps(_ node: Node, _ index: Int) throws(ExchangeError) -> String {
    let one = store("\(node.name)/one", floats: [1])
    let zero = try zeroPoint(node, node.inputs[index])
    let steps = unique("\(node.name)/steps_\(index)")
    return add("DequantizeLinear", [name(of: node.inputs[index]), one, zero], to: steps)
  }

  private mutating func addRounded(
    _ node: Node, _ steps: String, times factor: Float
  ) throws(ExchangeError) {
    let scale = store("\(node.name)/factor", floats: [factor])
    let scaled = add("Mul", [steps, scale], to: unique("\(node.name)/scaled"))
    let one = store("\(node.name)/one", floats: [1])
    let zero = try zeroPoint(node, node.output)
    try finish(node) { it, output in it.add("QuantizeLinear", [scaled, one, zero], to: output) }
  }
}
