import Graph
import Kernels
import Tensors

/// A node of a body and the activations that it reads and writes, by number.
struct NodeSite {
  let node: Node
  let index: Int
  let inputs: [Int]

  /// The activation that it writes.
  var output: Int { index + 1 }

  /// The site of node `index` of `network`.
  init(_ index: Int, of network: Network) {
    node = network.nodes[index]
    self.index = index
    inputs = network.inputs(of: index)
  }
}

/// Makes the steps of a body.
struct BodyBuilder {
  let network: Network
  let plan: Plan
  let scratch: SharedScratch
  let flipped: FlippedBytes
  /// By node.
  private let layers: [PackedLayer?]
  /// The rings of activations that exist a few rows at a time, from activation `firstRing` on; they have no slot.
  private var rings: [Rows] = []
  private var firstRing = 0

  /// A builder of steps with `layers`, which `packer` has packed, at the places of `plan`.
  init(_ packer: LayerPacker, layers: [PackedLayer?], plan: Plan) {
    network = packer.network
    scratch = packer.scratch
    flipped = packer.flipped
    self.layers = layers
    self.plan = plan
  }

  /// Adds all stages of the plan to `work`; returns what a body with their steps takes.
  func add(to work: BodyWork) throws(InferenceError) -> Body.Memory {
    var packedByteCount = 0
    for stage in plan.stages.indices { packedByteCount += try add(stage, to: work) }
    return Body.Memory(
      arenaByteCount: plan.byteCount, scratchByteCount: scratch.byteCount,
      packedByteCount: packedByteCount)
  }

  /// Adds a stage to `work`; returns what its steps keep. There is none if its result is its input's bytes or the
  /// feature.
  private func add(_ stage: Int, to work: BodyWork) throws(InferenceError) -> Int {
    let nodes = plan.stages[stage].nodes
    guard let chain = plan.stages[stage].chain else {
      let step = try step(NodeSite(nodes.lowerBound, of: network))
      work.add(step)
      return step?.packedByteCount ?? 0
    }
    var builder = self
    builder.firstRing = nodes.lowerBound + 1
    builder.rings = chain.rings.map { Rows($0, of: chain, at: plan.ringOffsets[stage]) }
    var steps: [RowStep] = []
    for index in nodes {
      let site = NodeSite(index, of: network)
      guard let step = try builder.rowStep(site) else {
        throw .arithmetic(node: site.node.name, what: "it has no form that runs in strips")
      }
      steps.append(step)
    }
    work.add(chain.schedule, steps)
    return steps.reduce(0) { $0 + $1.packedByteCount }
  }

  /// The step that runs a node a few rows at a time; `nil` if it runs on whole activations only.
  private func rowStep(_ site: NodeSite) throws(InferenceError) -> RowStep? {
    if case .add = site.node.operation { return try add(site) }
    return try layers[site.index]?.step(
      from: rows(site, site.inputs[0]), to: rows(site, site.output))
  }

  /// The step that runs a node on whole activations; `nil` if its result is its input's bytes or the feature.
  func step(_ site: NodeSite) throws(InferenceError) -> BodyStep? {
    let node = site.node
    if site.output == network.bodyNodeCount, network.featureIsMean { return nil }
    let (source, target) = (try slot(site, site.inputs[0]), try slot(site, site.output))
    let (input, output) = (shape(site.inputs[0]), shape(site.output))
    switch node.operation {
    case .convolution:
      return try rowStep(site).map(BodyStep.rows)
    case .fullyConnected:
      // Whatever the shape of what it reads, that is one pixel.
      let from = Rows(source.lowerBound, Shape(source.count))
      let to = try rows(site, site.output)
      return layers[site.index].map { .rows($0.step(from: from, to: to)) }
    case .add:
      return .rows(try add(site))
    case .flatten where node.clamp.isNone && source == target:
      return nil
    case .clamp, .flatten:
      return .whole(TableStep(try bytePlace(site, from: source, to: target)))
    case .pad(let padding):
      return .whole(
        PadStep(
          padding, input: input, output: output, quantisation: try form(site, site.output),
          clamp: node.clamp, from: source, to: target))
    case .globalAveragePool:
      return .whole(
        MeanStep(
          node, input: input, inputForm: try form(site, site.inputs[0]),
          outputForm: try form(site, site.output), from: source, to: target, scratch: scratch))
    case .maxPool, .averagePool, .multiply, .concatenate, .slice, .channelShuffle,
      .localResponseNormalisation, .activation:
      return .whole(try plainStep(site, from: source, to: target))
    case .batchNormalisation, .softmax:
      throw .arithmetic(node: node.name, what: "\(node.operation.label) has no integer form")
    }
  }

  /// What turns the last activation into the feature.
  func feature() throws(InferenceError) -> FeatureStep {
    guard network.bodyNodeCount > 0 else { throw .graph("its body has no nodes") }
    let last = NodeSite(network.bodyNodeCount - 1, of: network)
    let activation = network.featureIsMean ? last.inputs[0] : last.output
    return FeatureStep(
      isMean: network.featureIsMean, source: try slot(last, activation),
      shape: Geometry.Extent(shape(activation)),
      form: try form(last, activation), kernels: scratch.kernels)
  }

  private func add(_ site: NodeSite) throws(InferenceError) -> AddStep {
    let (first, second) = (site.inputs[0], site.inputs[1])
    return try AddStep(
      site, of: network, height: shape(site.output).height,
      from: (try rows(site, first), try rows(site, second)), to: try rows(site, site.output),
      scratch: scratch)
  }

  /// Where the rows of `activation` lie.
  private func rows(_ site: NodeSite, _ activation: Int) throws(InferenceError) -> Rows {
    let ring = activation - firstRing
    if ring >= 0, ring < rings.count { return rings[ring] }
    return Rows(try slot(site, activation).lowerBound, shape(activation))
  }

  func shape(_ activation: Int) -> Shape { network.shape(of: activation) }

  func slot(_ site: NodeSite, _ activation: Int) throws(InferenceError) -> Range<Int> {
    guard let slot = plan.slot(of: activation) else {
      throw .arithmetic(
        node: site.node.name, what: "activation '\(network.name(of: activation))' has no place")
    }
    return slot
  }

  func form(_ site: NodeSite, _ activation: Int) throws(InferenceError) -> Quantisation {
    guard let form = network.quantisation(of: activation) else {
      throw .arithmetic(
        node: site.node.name,
        what: "activation '\(network.name(of: activation))' has no quantisation")
    }
    return form
  }
}

/// Takes the feature out of the arena: the exact mean of bytes, or the bytes dequantised.
struct FeatureStep {
  let isMean: Bool
  let source: Range<Int>
  let shape: Geometry.Extent
  let form: Quantisation
  let kernels: KernelSet

  /// Writes the feature to `features`, which has its count.
  func run(_ arena: WorkMemory<Int8>, into features: inout MutableSpan<Float>) {
    let bytes = arena.read(source)
    if isMean {
      let pixels = shape.height * shape.width
      meanS8(
        bytes, pixels: pixels, channels: shape.channels, zeroPoint: form.zeroPoint,
        scale: form.scale / Float(pixels), into: &features, kernels: kernels)
      return
    }
    precondition(
      features.count == bytes.count, "\(features.count) places for \(bytes.count) features")
    for index in 0..<bytes.count { features[index] = form.real(bytes[index]) }
  }
}
