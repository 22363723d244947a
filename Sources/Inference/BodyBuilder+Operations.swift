import Graph
import Tensors

extension BodyBuilder {
  /// The step of an operation that has no weights and no kernel of its own.
  func plainStep(
    _ site: NodeSite, from source: Range<Int>, to target: Range<Int>
  ) throws(InferenceError) -> any WholeStep {
    let node = site.node
    let (input, output) = (shape(site.inputs[0]), shape(site.output))
    let place = try bytePlace(site, from: source, to: target)
    switch node.operation {
    case .maxPool(let window):
      let places = PoolPlaces(window: window, counted: .none, input: input, output: output)
      return MaxPoolStep(place, places)
    case .averagePool(let window, let counted):
      let places = PoolPlaces(window: window, counted: counted, input: input, output: output)
      return try AveragePoolStep(
        node, places, input: place.input, output: place.output, from: source, to: target)
    case .multiply:
      let other = site.inputs[1]
      return try MultiplyStep(
        node, first: (source, place.input),
        second: (try slot(site, other), try form(site, other)), output: place.output, to: target)
    case .concatenate:
      return ConcatenateStep(try parts(of: site, form: place.output), to: target)
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

  /// Where a node reads its first input, at `source`, and writes.
  func bytePlace(
    _ site: NodeSite, from source: Range<Int>, to target: Range<Int>
  ) throws(InferenceError) -> BytePlace {
    BytePlace(
      source: source, target: target, input: try form(site, site.inputs[0]),
      output: try form(site, site.output), clamp: site.node.clamp)
  }

  private func parts(
    of site: NodeSite, form output: Quantisation
  ) throws(InferenceError) -> [ConcatenateStep.Part] {
    var parts: [ConcatenateStep.Part] = []
    for input in site.inputs {
      parts.append(
        ConcatenateStep.Part(
          range: try slot(site, input), channels: shape(input).channels,
          table: ByteTable(from: try form(site, input), to: output, clamp: site.node.clamp)))
    }
    return parts
  }
}
