import Graph
import Tensors

extension BodyBuilder {
  /// The step of an operation that has no weights and no kernel of its own.
  func plainStep(
    _ node: Node, from source: Range<Int>, to target: Range<Int>
  ) throws(InferenceError) -> any BodyStep {
    let (input, output) = (shape(node.inputs[0]), shape(node.output))
    let place = try bytePlace(node, from: source, to: target)
    switch node.operation {
    case .maxPool(let window):
      let places = PoolPlaces(window: window, counted: .none, input: input, output: output)
      return MaxPoolStep(place, places)
    case .averagePool(let window, let counted):
      let places = PoolPlaces(window: window, counted: counted, input: input, output: output)
      return try AveragePoolStep(
        node, places, input: place.input, output: place.output, from: source, to: target)
    case .multiply:
      let other = node.inputs[1]
      return try MultiplyStep(
        node, first: (source, place.input),
        second: (try slot(node, other), try form(node, other)), output: place.output, to: target)
    case .concatenate:
      return ConcatenateStep(try parts(of: node, form: place.output), to: target)
    case .slice(let start, let count):
      return SliceStep(place, start: start, count: count, of: input.channels)
    case .channelShuffle(let groups):
      return ShuffleStep(place, groups: groups, of: input.channels)
    case .localResponseNormalisation(let response):
      return ResponseStep(place, response, channels: input.channels)
    case .activation(let function):
      return TableStep(place, function)
    case .convolution, .fullyConnected, .add, .clamp, .pad, .globalAveragePool, .flatten,
      .batchNormalisation, .softmax:
      throw .arithmetic(node: node.name, what: "\(node.operation.label) has no integer form")
    }
  }

  /// Where `node` reads its first input, at `source`, and writes.
  func bytePlace(
    _ node: Node, from source: Range<Int>, to target: Range<Int>
  ) throws(InferenceError) -> BytePlace {
    BytePlace(
      source: source, target: target, input: try form(node, node.inputs[0]),
      output: try form(node, node.output), clamp: node.clamp)
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
