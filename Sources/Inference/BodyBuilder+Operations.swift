import Graph
import Tensors

extension BodyBuilder {
  /// The step of an operation that has no weights and no kernel of its own.
  func plainStep(
    _ node: Node, from source: Range<Int>, to target: Range<Int>
  ) throws(InferenceError) -> any BodyStep {
    let (input, output) = (shape(node.inputs[0]), shape(node.output))
    let (inputForm, outputForm) = (try form(node, node.inputs[0]), try form(node, node.output))
    let table = ByteTable(from: inputForm, to: outputForm, clamp: node.clamp)
    switch node.operation {
    case .maxPool(let window):
      let places = PoolPlaces(window: window, counted: .none, input: input, output: output)
      return MaxPoolStep(places, table: table, from: source, to: target)
    case .averagePool(let window, let counted):
      let places = PoolPlaces(window: window, counted: counted, input: input, output: output)
      return try AveragePoolStep(
        node, places, input: inputForm, output: outputForm, from: source, to: target)
    case .multiply:
      let other = node.inputs[1]
      return try MultiplyStep(
        node, first: (source, inputForm),
        second: (try slot(node, other), try form(node, other)), output: outputForm, to: target)
    case .concatenate:
      return ConcatenateStep(try parts(of: node, form: outputForm), to: target)
    case .slice(let start, let count):
      return SliceStep(
        start: start, count: count, of: input.channels, table: table, from: source, to: target)
    case .channelShuffle(let groups):
      return ShuffleStep(
        groups: groups, of: input.channels, table: table, from: source, to: target)
    case .localResponseNormalisation(let response):
      return ResponseStep(
        response, input: inputForm, output: outputForm, clamp: node.clamp,
        channels: input.channels, from: source, to: target)
    case .activation(let function):
      return TableStep(
        ByteTable(from: inputForm, to: outputForm, function: function, clamp: node.clamp),
        from: source, to: target)
    case .convolution, .fullyConnected, .add, .clamp, .pad, .globalAveragePool, .flatten,
      .batchNormalisation, .softmax:
      throw .arithmetic(node: node.name, what: "\(node.operation.label) has no integer form")
    }
  }

  private func parts(
    of node: Node, form output: Quantisation
  ) throws(InferenceError) -> [ConcatenateStep.Part] {
    var parts: [ConcatenateStep.Part] = []
    for name in node.inputs {
      parts.append(
        ConcatenateStep.Part(
          range: try slot(node, name), channels: shape(name).channels,
          table: ByteTable(from: try form(node, name), to: output, clamp: node.clamp)))
    }
    return parts
  }
}
