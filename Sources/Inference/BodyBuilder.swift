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
  /// The rings of activations that exist a few rows at a time, from activation `firstRing` on; they have no slot.
  private var rings: [Rows] = []
  private var firstRing = 0

  init(network: Network, plan: Plan, scratch: SharedScratch) {
    self.network = network
    self.plan = plan
    self.scratch = scratch
    flipped = FlippedBytes(network, kernels: scratch.kernels)
  }

  /// Adds all stages of the plan to `work`; returns what a body with their steps takes. Mapped weights are let
  /// go of as they are packed, so that no more than some of them are in memory twice, unless somebody else is reading
  /// them all.
  func add(to work: BodyWork) throws(InferenceError) -> Body.Memory {
    var packedByteCount = 0
    defer { network.releasePages() }
    for stage in plan.stages.indices {
      packedByteCount += try add(stage, to: work)
      if stage % 8 == 7 { network.releasePages() }
    }
    return Body.Memory(
      arenaByteCount: plan.byteCount, scratchByteCount: scratch.byteCount,
      packedByteCount: packedByteCount)
  }

  /// About how many bytes the weights of `network`'s body take once they are packed.
  static func packedByteCount(_ network: Network, _ kernels: KernelSet) -> Int {
    var byteCount = 0
    for index in 0..<network.bodyNodeCount {
      guard let weights = network.constants(of: index).parameters.first else { continue }
      switch network.nodes[index].operation {
      case .convolution(_, let groups) where groups == weights.shape[0] && weights.shape[3] == 1:
        byteCount += DepthwiseS8.packedByteCount(
          taps: weights.shape[1] * weights.shape[2], channels: groups, kernels: kernels)
      case .convolution(_, let groups):
        byteCount +=
          groups
          * GemmS8.packedByteCount(
            outputs: weights.shape[0] / groups, depth: weights.count / weights.shape[0],
            kernels: kernels)
      case .fullyConnected:
        byteCount += GemmS8.packedByteCount(
          outputs: weights.shape[0], depth: weights.shape[1], kernels: kernels)
      default: break
      }
    }
    return byteCount
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
    switch site.node.operation {
    case .convolution(let window, let groups):
      let geometry = Geometry(
        window: window, groups: groups, input: shape(site.inputs[0]), output: shape(site.output))
      return try convolution(site, geometry)
    case .add:
      return try add(site)
    default:
      return nil
    }
  }

  /// The step that runs a node on whole activations; `nil` if its result is its input's bytes or the feature.
  func step(_ site: NodeSite) throws(InferenceError) -> (any BodyStep)? {
    let node = site.node
    if site.output == network.bodyNodeCount, network.featureIsMean { return nil }
    let (source, target) = (try slot(site, site.inputs[0]), try slot(site, site.output))
    let (input, output) = (shape(site.inputs[0]), shape(site.output))
    switch node.operation {
    case .convolution(let window, let groups):
      let geometry = Geometry(window: window, groups: groups, input: input, output: output)
      return try convolution(site, geometry)
    case .fullyConnected:
      let constants = try constants(site)
      let (from, to) = (Rows(source.lowerBound, Shape(source.count)), try rows(site, site.output))
      guard constants.rest.isEmpty else {
        let geometry = Geometry(
          window: Window(height: 1, width: 1), groups: 1, input: Shape(1, 1, source.count),
          output: Shape(1, 1, output.count))
        return GatherStep(constants, geometry: geometry, from: from, to: to, scratch: scratch)
      }
      return PointwiseStep(
        constants, height: 1, width: 1, from: from, to: to, scratch: scratch)
    case .add:
      return try add(site)
    case .flatten where node.clamp.isNone && source == target:
      return nil
    case .clamp, .flatten:
      return TableStep(try bytePlace(site, from: source, to: target))
    case .pad(let padding):
      return PadStep(
        padding, input: input, output: output, quantisation: try form(site, site.output),
        clamp: node.clamp, from: source, to: target)
    case .globalAveragePool:
      return MeanStep(
        node, input: input, inputForm: try form(site, site.inputs[0]),
        outputForm: try form(site, site.output), from: source, to: target, scratch: scratch)
    case .maxPool, .averagePool, .multiply, .concatenate, .slice, .channelShuffle,
      .localResponseNormalisation, .activation:
      return try plainStep(site, from: source, to: target)
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

  private func convolution(
    _ site: NodeSite, _ geometry: Geometry
  ) throws(InferenceError) -> RowStep {
    let constants = try constants(site)
    let (source, target) = (try rows(site, site.inputs[0]), try rows(site, site.output))
    if geometry.isPointwise, constants.rest.isEmpty {
      return PointwiseStep(
        constants, height: geometry.output.height, width: geometry.output.width, from: source,
        to: target, scratch: scratch)
    }
    if geometry.isDepthwise {
      // Every tap is there twice if any weight has two bytes.
      try LayerConstants.check(geometry.taps * (constants.rest.isEmpty ? 1 : 2), site.node)
      return DepthwiseStep(
        constants, geometry: geometry, from: source, to: target, scratch: scratch)
    }
    return GatherStep(constants, geometry: geometry, from: source, to: target, scratch: scratch)
  }

  private func constants(_ site: NodeSite) throws(InferenceError) -> LayerConstants {
    let forms = ByteForms(
      input: flipped.form(site.inputs[0]), output: flipped.form(site.output))
    return try LayerConstants(site, of: network, forms: forms)
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
