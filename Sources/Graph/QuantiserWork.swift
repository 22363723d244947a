import Tensors

/// What the quantiser has made so far.
struct QuantiserWork {
  let graph: Graph
  let shapes: [String: Shape]
  let settings: Quantiser.Settings
  var quantisation: [String: Quantisation] = [:]
  var nodes: [Node] = []
  var tensors: [String: StoredTensor] = [:]

  init(graph: Graph, shapes: [String: Shape], settings: Quantiser.Settings) {
    self.graph = graph
    self.shapes = shapes
    self.settings = settings
  }

  /// Finds how the result of `node` is quantised.
  mutating func setQuantisation(
    of node: Node, ranges: [String: ClosedRange<Float>]
  ) throws(GraphError) {
    switch node.operation {
    case .pad, .flatten, .maxPool, .slice, .channelShuffle:
      quantisation[node.output] = quantisation[node.inputs[0]]
    default:
      guard let range = ranges[node.output] else { throw .missingRange(tensor: node.output) }
      quantisation[node.output] = Quantisation(covering: node.clamp.limiting(range))
    }
  }

  /// Adds a node of the body with its integer constants.
  mutating func addBody(_ node: Node) throws(GraphError) {
    switch node.operation {
    case .convolution, .fullyConnected:
      try addWeights(node)
    case .add, .clamp, .pad, .globalAveragePool, .flatten, .maxPool, .averagePool, .multiply,
      .concatenate, .slice, .channelShuffle, .localResponseNormalisation, .activation:
      nodes.append(node)
    case .batchNormalisation, .softmax:
      throw .notQuantisable(node: node.name, operation: node.operation.label)
    }
  }

  /// Adds a node of the tail with its constants in the type asked for.
  mutating func addTail(_ node: Node) {
    nodes.append(node)
    for name in node.parameters {
      guard let constant = graph.constants[name] else { continue }
      let fitsHalf = constant.elements.allSatisfy { abs($0) <= 65_504 }
      tensors[name] =
        settings.tailType == .float16 && fitsHalf
        ? StoredTensor(shape: constant.shape, roundedToFloat16: constant.elements)
        : StoredTensor(shape: constant.shape, float32: constant.elements)
    }
  }

  private mutating func addWeights(_ node: Node) throws(GraphError) {
    guard let weights = graph.constants[node.parameters[0]], let input = shapes[node.inputs[0]],
      let inputScale = quantisation[node.inputs[0]]?.scale
    else { throw .missingParameter(node: node.name, parameter: node.parameters[0]) }
    let outputs = weights.shape[0]
    let bias =
      node.parameters.count > 1
      ? graph.constants[node.parameters[1]]?.elements : nil
    let rows = QuantisedRows(
      weights: weights, bias: bias ?? Array(repeating: 0, count: outputs), inputScale: inputScale,
      inputMeans: inputMeans(of: node, channels: input.channels))
    let name = uniqueName(node.name + ".weight")
    let biasName = uniqueName(node.name + ".bias")
    tensors[name] = StoredTensor(shape: weights.shape, int8: rows.weights)
    tensors[Network.scaleName(name)] = StoredTensor(shape: [outputs], float32: rows.scales)
    tensors[biasName] = StoredTensor(shape: [outputs], int32: rows.bias)
    var node = node
    node.parameters = [name, biasName]
    nodes.append(node)
  }

  /// Mean input of every output channel's weights along its innermost dimension.
  private func inputMeans(of node: Node, channels: Int) -> QuantisedRows.InputMeans? {
    guard let means = settings.channelMeans[node.inputs[0]] else { return nil }
    switch node.operation {
    case .convolution(_, let groups) where means.count == channels:
      return QuantisedRows.InputMeans(means: means, groups: groups)
    case .fullyConnected where means.count == channels:
      return QuantisedRows.InputMeans(means: means, groups: 1)
    default:
      return nil
    }
  }

  private func uniqueName(_ wanted: String) -> String {
    var name = wanted
    while tensors[name] != nil || tensors[Network.scaleName(name)] != nil
      || graph.constants[name] != nil && isReadByTail(name)
    {
      name += "_"
    }
    return name
  }

  private func isReadByTail(_ name: String) -> Bool {
    graph.nodes.contains { $0.parameters.contains(name) && quantisation[$0.output] == nil }
  }
}

extension Clamp {
  /// The part of `range` that passes; the nearest limit if nothing does.
  func limiting(_ range: ClosedRange<Float>) -> ClosedRange<Float> {
    let low = self(range.lowerBound)
    return low...max(low, self(range.upperBound))
  }
}
