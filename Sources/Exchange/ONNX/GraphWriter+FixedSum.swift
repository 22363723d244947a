import Graph
import Tensors

extension GraphWriter {
  /// Appends a sum of bytes in integers. Doubles hold each of its numbers exactly: they have 53 bits, the sum
  /// has 31.
  mutating func addFixedSum(_ node: Node, _ sum: FixedSum) throws(ExchangeError) {
    let double = ONNXAttribute.int("to", Int(ONNXElementType.double.rawValue))
    let unit = Double(sign: .plus, exponent: -Int(sum.shift), significand: 1)
    var terms: [String] = []
    for (input, multiplier) in zip(node.inputs, [sum.first, sum.second]) {
      let form = try quantisation(node.name, input)
      let zero = store("\(node.name)/zero", double: Double(form.zeroPoint + 128))
      let factor = store("\(node.name)/factor", double: Double(multiplier) * unit)
      let wide = add("Cast", [name(of: input)], to: unique("\(node.name)/wide"), [double])
      let steps = add("Sub", [wide, zero], to: unique("\(node.name)/steps"))
      terms.append(add("Mul", [steps, factor], to: unique("\(node.name)/term")))
    }
    let out = try quantisation(node.name, node.output)
    let sum = add("Add", terms, to: unique("\(node.name)/sum"))
    // Half a step more, rounded down, is halves up; the zero point is a whole number of steps.
    let rest = store("\(node.name)/rest", double: Double(out.zeroPoint + 128) + 0.5)
    let moved = add("Add", [sum, rest], to: unique("\(node.name)/moved"))
    let whole = add("Floor", [moved], to: unique("\(node.name)/whole"))
    let limits = [
      store("\(node.name)/least", double: 0), store("\(node.name)/greatest", double: 255),
    ]
    let byte = add("Clip", [whole] + limits, to: unique("\(node.name)/byte"))
    try finish(node) { it, output in
      it.add("Cast", [byte], to: output, [.int("to", Int(ONNXElementType.uint8.rawValue))])
    }
  }
}
