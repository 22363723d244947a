import Graph
import Tensors

extension FloatBuilder {
  /// The step of an operation that has no weights and no kernel of its own.
  func plainStep(
    _ node: Node, _ place: FloatPlace, input: Shape, output: Shape
  ) throws(InferenceError) -> any FloatStep {
    switch node.operation {
    case .maxPool(let window):
      let places = PoolPlaces(window: window, counted: .none, input: input, output: output)
      return FloatPool(place, places, isMean: false)
    case .averagePool(let window, let counted):
      let places = PoolPlaces(window: window, counted: counted, input: input, output: output)
      return FloatPool(place, places, isMean: true)
    case .multiply:
      return FloatPair(place, other: slots[node.inputs[1]] ?? place.source, isProduct: true)
    case .concatenate:
      return FloatConcatenate(
        place,
        parts: node.inputs.map { (slots[$0] ?? place.source, shapes[$0]?.channels ?? 1) })
    case .slice(let start, let count):
      return FloatSlice(place, start: start, count: count, of: input.channels)
    case .channelShuffle(let groups):
      return FloatShuffle(place, groups: groups, of: input.channels)
    case .localResponseNormalisation(let response):
      return FloatResponse(place, response, channels: input.channels)
    case .activation(let function):
      return FloatMap(place, function)
    case .convolution, .fullyConnected, .batchNormalisation, .add, .clamp, .pad,
      .globalAveragePool, .flatten, .softmax:
      throw .graph("node '\(node.name)' (\(node.operation.label)) has no step")
    }
  }
}
