package import Tensors

/// Turns a fused fp32 graph into a network: int8 up to the cut, fp32 after it.
package struct Quantiser {
  /// How the tail's constants are kept.
  package enum TailType: Sendable {
    /// Halves: an imported classifier, which fine-tuning replaces.
    case float16
    /// Exactly.
    case float32
  }

  /// What the quantised network is to hold beside the graph.
  package struct Settings: Sendable {
    package var preprocessing: Preprocessing
    package var classes: [String]
    package var lineage: Lineage
    package var tailType: TailType
    /// Mean of each activation's channels over the calibration photos, by name; where given,
    /// weights are rounded so that the error for a mean input is small, and what is left of it is
    /// taken out of the bias.
    package var channelMeans: [String: [Float]]

    /// Settings with everything but preprocessing and lineage at its default.
    package init(
      preprocessing: Preprocessing, classes: [String] = [], lineage: Lineage,
      tailType: TailType = .float16, channelMeans: [String: [Float]] = [:]
    ) {
      self.preprocessing = preprocessing
      self.classes = classes
      self.lineage = lineage
      self.tailType = tailType
      self.channelMeans = channelMeans
    }
  }

  /// Quantises `graph`, which `fused()` has made, up to the activation `cut`.
  ///
  /// Weights: per output channel, symmetric, `scale = max|w| / 127`, round half to even. Bias: int32
  /// in units of input scale × weight scale. Activations: per tensor, asymmetric, over `ranges`
  /// limited by the node's clamp.
  /// - Complexity: O(weights).
  package static func quantise(
    _ graph: Graph, cut: String, ranges: [String: ClosedRange<Float>],
    inputQuantisation: Quantisation, settings: Settings
  ) throws(GraphError) -> Network {
    let shapes = try graph.shapes()
    let (body, tail) = try graph.split(at: cut)
    var work = QuantiserWork(graph: graph, shapes: shapes, settings: settings)
    work.quantisation[graph.input] = inputQuantisation
    for node in body {
      let isMeanAtCut = node.output == cut && node.operation == .globalAveragePool
      if !isMeanAtCut { try work.setQuantisation(of: node, ranges: ranges) }
      try work.addBody(node)
    }
    for node in tail { work.addTail(node) }
    return try Network(
      input: graph.input, inputShape: graph.inputShape, nodes: work.nodes, output: graph.output,
      cut: cut, quantisation: work.quantisation, classes: settings.classes,
      preprocessing: settings.preprocessing, lineage: settings.lineage, tensors: work.tensors)
  }

  /// The quantisation of an input of 0...255 pixels preprocessed by `preprocessing`.
  ///
  /// If all channels have one deviation and one whole mean, a step is one pixel and byte = pixel −
  /// 128 exactly; otherwise the range of all channels is covered.
  package static func inputQuantisation(for preprocessing: Preprocessing) -> Quantisation {
    let (means, deviations) = (preprocessing.mean, preprocessing.deviation)
    if let mean = means.first, let deviation = deviations.first,
      means.allSatisfy({ $0 == mean }), deviations.allSatisfy({ $0 == deviation }),
      mean == mean.rounded(), (0...255).contains(mean)
    {
      return Quantisation(scale: 1 / deviation, zeroPoint: Int(mean) - 128)
    }
    var (low, high) = (Float.infinity, -Float.infinity)
    for (mean, deviation) in zip(means, deviations) {
      low = min(low, -mean / deviation)
      high = max(high, (255 - mean) / deviation)
    }
    return Quantisation(covering: min(low, 0)...max(high, 0))
  }
}

extension Graph {
  /// The nodes that lead to `cut`, and the rest, each in running order.
  func split(at cut: String) throws(GraphError) -> (body: [Node], tail: [Node]) {
    guard nodes.contains(where: { $0.output == cut }) else {
      throw .invalidCut(cut: cut, why: "no node of the fused graph writes it")
    }
    var needed: Set<String> = [cut]
    for node in nodes.reversed() where needed.contains(node.output) {
      needed.formUnion(node.inputs)
    }
    return (
      nodes.filter { needed.contains($0.output) }, nodes.filter { !needed.contains($0.output) }
    )
  }

  /// Where the body of a classifier ends by default: what the last fully connected layer reads.
  package var defaultCut: String? {
    nodes.last { $0.operation == .fullyConnected }?.inputs.first
  }
}
