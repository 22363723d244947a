import Graph
import Kernels
import Tensors

/// Makes the steps of a body.
struct BodyBuilder {
  let network: Network
  let slots: [String: Range<Int>]
  let scratch: SharedScratch

  /// The step that runs `node`; `nil` if its result is its input's bytes or the feature.
  func step(_ node: Node) throws(InferenceError) -> (any BodyStep)? {
    if node.output == network.cut, network.featureIsMean { return nil }
    let (source, target) = (try slot(node, node.inputs[0]), try slot(node, node.output))
    let (input, output) = (shape(node.inputs[0]), shape(node.output))
    switch node.operation {
    case .convolution(let window, let groups):
      let geometry = Geometry(window: window, groups: groups, input: input, output: output)
      return try convolution(node, geometry, from: source, to: target)
    case .fullyConnected:
      return PointwiseStep(
        try LayerConstants(node, of: network), rows: 1, from: source, to: target, scratch: scratch)
    case .add:
      return try AddStep(node, of: network, slots: slots, scratch: scratch)
    case .flatten where node.clamp.isNone && source == target:
      return nil
    case .clamp, .flatten:
      let table = ByteTable(
        from: try form(node, node.inputs[0]), to: try form(node, node.output), clamp: node.clamp)
      return TableStep(table, from: source, to: target)
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
      isMean: network.featureIsMean, source: try slot(last, name), shape: shape(name),
      form: try form(last, name), kernels: scratch.kernels)
  }

  private func convolution(
    _ node: Node, _ geometry: Geometry, from source: Range<Int>, to target: Range<Int>
  ) throws(InferenceError) -> any BodyStep {
    let constants = try LayerConstants(node, of: network)
    if geometry.isPointwise {
      return PointwiseStep(
        constants, rows: geometry.pixels, from: source, to: target, scratch: scratch)
    }
    if geometry.isDepthwise {
      return DepthwiseStep(
        constants, geometry: geometry, from: source, to: target, scratch: scratch)
    }
    return GatherStep(constants, geometry: geometry, from: source, to: target, scratch: scratch)
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
  let shape: Shape
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
      features.count == bytes.count, "\(features.count) places for a feature of \(shape)")
    for index in bytes.indices { features[index] = form.real(bytes[index]) }
  }
}
