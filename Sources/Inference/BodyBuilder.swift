import Graph
import Kernels
import Tensors

/// Makes the steps of a body.
struct BodyBuilder {
  let network: Network
  let slots: [String: Range<Int>]
  /// The rings of activations that exist a few rows at a time; they have no slot.
  var rings: [String: Rows] = [:]
  let scratch: SharedScratch
  let flipped: FlippedBytes

  init(network: Network, slots: [String: Range<Int>], scratch: SharedScratch) {
    self.network = network
    self.slots = slots
    self.scratch = scratch
    flipped = FlippedBytes(network, kernels: scratch.kernels)
  }

  /// Adds all stages of `plan` to `work`; returns what a body with their steps takes. Mapped weights are let
  /// go of as they are packed, so that no more than some of them are in memory twice.
  func add(_ plan: Plan, to work: BodyWork) throws(InferenceError) -> Body.Memory {
    var packedByteCount = 0
    defer { network.releasePages() }
    for stage in plan.stages.indices {
      for step in try add(stage, of: plan, to: work) { packedByteCount += step.packedByteCount }
      if stage % 8 == 7 { network.releasePages() }
    }
    return Body.Memory(
      arenaByteCount: plan.byteCount, scratchByteCount: scratch.byteCount,
      packedByteCount: packedByteCount)
  }

  /// Adds `stage` of `plan` to `work`; returns its steps, of which there is none if its result is its
  /// input's bytes or the feature.
  private func add(
    _ stage: Int, of plan: Plan, to work: BodyWork
  ) throws(InferenceError) -> [any BodyStep] {
    let nodes = Array(network.body)[plan.stages[stage].nodes]
    guard let chain = plan.stages[stage].chain else {
      let step = try step(nodes[nodes.startIndex])
      work.add(step)
      return [step].compactMap(\.self)
    }
    var builder = self
    for ring in chain.rings {
      builder.rings[ring.name] = Rows(ring, of: chain, at: plan.ringOffsets[stage])
    }
    var steps: [RowStep] = []
    for node in nodes {
      guard let step = try builder.rowStep(node) else {
        throw .arithmetic(node: node.name, what: "it has no form that runs in strips")
      }
      steps.append(step)
    }
    work.add(chain.schedule, steps)
    return steps
  }

  /// The step that runs `node` a few rows at a time; `nil` if it runs on whole activations only.
  private func rowStep(_ node: Node) throws(InferenceError) -> RowStep? {
    switch node.operation {
    case .convolution(let window, let groups):
      let geometry = Geometry(
        window: window, groups: groups, input: shape(node.inputs[0]), output: shape(node.output))
      return try convolution(node, geometry)
    case .add:
      return try add(node)
    default:
      return nil
    }
  }

  /// The step that runs `node` on whole activations; `nil` if its result is its input's bytes or the feature.
  func step(_ node: Node) throws(InferenceError) -> (any BodyStep)? {
    if node.output == network.cut, network.featureIsMean { return nil }
    let (source, target) = (try slot(node, node.inputs[0]), try slot(node, node.output))
    let (input, output) = (shape(node.inputs[0]), shape(node.output))
    switch node.operation {
    case .convolution(let window, let groups):
      let geometry = Geometry(window: window, groups: groups, input: input, output: output)
      return try convolution(node, geometry)
    case .fullyConnected:
      let constants = try constants(node)
      let (from, to) = (Rows(source.lowerBound, Shape(source.count)), try rows(node, node.output))
      guard constants.rest.isEmpty else {
        let geometry = Geometry(
          window: Window(height: 1, width: 1), groups: 1, input: Shape(1, 1, source.count),
          output: Shape(1, 1, output.count))
        return GatherStep(constants, geometry: geometry, from: from, to: to, scratch: scratch)
      }
      return PointwiseStep(
        constants, height: 1, width: 1, from: from, to: to, scratch: scratch)
    case .add:
      return try add(node)
    case .flatten where node.clamp.isNone && source == target:
      return nil
    case .clamp, .flatten:
      return TableStep(try bytePlace(node, from: source, to: target))
    case .pad(let padding):
      return PadStep(
        padding, input: input, output: output, quantisation: try form(node, node.output),
        clamp: node.clamp, from: source, to: target)
    case .globalAveragePool:
      return MeanStep(
        node, input: input, inputForm: try form(node, node.inputs[0]),
        outputForm: try form(node, node.output), from: source, to: target, scratch: scratch)
    case .maxPool, .averagePool, .multiply, .concatenate, .slice, .channelShuffle,
      .localResponseNormalisation, .activation:
      return try plainStep(node, from: source, to: target)
    case .batchNormalisation, .softmax:
      throw .arithmetic(node: node.name, what: "\(node.operation.label) has no integer form")
    }
  }

  /// What turns the last activation into the feature.
  func feature() throws(InferenceError) -> FeatureStep {
    guard let last = network.body.last else { throw .graph("its body has no nodes") }
    let name = network.featureIsMean ? last.inputs[0] : last.output
    return FeatureStep(
      isMean: network.featureIsMean, source: try slot(last, name),
      shape: Geometry.Extent(shape(name)),
      form: try form(last, name), kernels: scratch.kernels)
  }

  private func convolution(
    _ node: Node, _ geometry: Geometry
  ) throws(InferenceError) -> RowStep {
    let constants = try constants(node)
    let (source, target) = (try rows(node, node.inputs[0]), try rows(node, node.output))
    if geometry.isPointwise, constants.rest.isEmpty {
      return PointwiseStep(
        constants, height: geometry.output.height, width: geometry.output.width, from: source,
        to: target, scratch: scratch)
    }
    if geometry.isDepthwise {
      // Every tap is there twice if any weight has two bytes.
      try LayerConstants.check(geometry.taps * (constants.rest.isEmpty ? 1 : 2), node)
      return DepthwiseStep(
        constants, geometry: geometry, from: source, to: target, scratch: scratch)
    }
    return GatherStep(constants, geometry: geometry, from: source, to: target, scratch: scratch)
  }

  private func constants(_ node: Node) throws(InferenceError) -> LayerConstants {
    let forms = ByteForms(
      input: flipped.form(node.inputs[0]), output: flipped.form(node.output))
    return try LayerConstants(node, of: network, forms: forms)
  }

  private func add(_ node: Node) throws(InferenceError) -> AddStep {
    try AddStep(
      node, of: network, height: shape(node.output).height,
      from: (try rows(node, node.inputs[0]), try rows(node, node.inputs[1])),
      to: try rows(node, node.output), scratch: scratch)
  }

  /// Where the rows of the activation `name` lie.
  private func rows(_ node: Node, _ name: String) throws(InferenceError) -> Rows {
    if let ring = rings[name] { return ring }
    return Rows(try slot(node, name).lowerBound, shape(name))
  }

  func shape(_ name: String) -> Shape { network.shapes[name] ?? Shape(1) }

  func slot(_ node: Node, _ name: String) throws(InferenceError) -> Range<Int> {
    guard let slot = slots[name] else {
      throw .arithmetic(node: node.name, what: "activation '\(name)' has no place")
    }
    return slot
  }

  func form(_ node: Node, _ name: String) throws(InferenceError) -> Quantisation {
    guard let form = network.quantisation[name] else {
      throw .arithmetic(node: node.name, what: "activation '\(name)' has no quantisation")
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
