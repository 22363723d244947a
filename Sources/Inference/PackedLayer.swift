import Graph
import Kernels
import Tensors

/// A layer's weights as its kernels take them. Where its activations lie is not known yet.
enum PackedLayer {
  case pointwise(PointwiseStep.Weights)
  case gather(GatherStep.Weights)
  case depthwise(DepthwiseStep.Weights)

  /// The step that reads and writes at these places.
  func step(from source: Rows, to target: Rows) -> RowStep {
    switch self {
    case .pointwise(let weights): PointwiseStep(weights, from: source, to: target)
    case .gather(let weights): GatherStep(weights, from: source, to: target)
    case .depthwise(let weights): DepthwiseStep(weights, from: source, to: target)
    }
  }
}

/// Packs the weights of a body.
struct LayerPacker {
  let network: Network
  let scratch: SharedScratch
  let flipped: FlippedBytes

  init(_ network: Network, scratch: SharedScratch) {
    self.network = network
    self.scratch = scratch
    flipped = FlippedBytes(network, kernels: scratch.kernels)
  }

  /// The layers of all nodes, `nil` for those without weights. Mapped weights are let go of as they are packed, so that no
  /// more than some of them are in memory twice, unless somebody else is reading them all.
  func layers() throws(InferenceError) -> [PackedLayer?] {
    var layers: [PackedLayer?] = []
    layers.reserveCapacity(network.bodyNodeCount)
    defer { network.releasePages() }
    for index in 0..<network.bodyNodeCount {
      layers.append(try layer(NodeSite(index, of: network)))
      if index % 16 == 15 { network.releasePages() }
    }
    return layers
  }

  private func layer(_ site: NodeSite) throws(InferenceError) -> PackedLayer? {
    let output = network.shape(of: site.output)
    switch site.node.operation {
    case .convolution(let window, let groups):
      let geometry = Geometry(
        window: window, groups: groups, input: network.shape(of: site.inputs[0]), output: output)
      return try convolution(site, geometry)
    case .fullyConnected:
      let inputs = network.shape(of: site.inputs[0]).count
      let geometry = Geometry(
        window: Window(height: 1, width: 1), groups: 1, input: Shape(1, 1, inputs),
        output: Shape(1, 1, output.count))
      return try convolution(site, geometry)
    default:
      return nil
    }
  }

  private func convolution(
    _ site: NodeSite, _ geometry: Geometry
  ) throws(InferenceError) -> PackedLayer {
    let forms = ByteForms(
      input: flipped.form(site.inputs[0]), output: flipped.form(site.output))
    let constants = try LayerConstants(site, of: network, forms: forms)
    if geometry.isPointwise, constants.rest.isEmpty {
      let (height, width) = (geometry.output.height, geometry.output.width)
      return .pointwise(
        PointwiseStep.Weights(constants, height: height, width: width, scratch: scratch))
    }
    if geometry.isDepthwise {
      // Every tap is there twice if any weight has two bytes.
      try LayerConstants.check(geometry.taps * (constants.rest.isEmpty ? 1 : 2), site.node)
      return .depthwise(DepthwiseStep.Weights(constants, geometry: geometry, scratch: scratch))
    }
    return .gather(GatherStep.Weights(constants, geometry: geometry, scratch: scratch))
  }

  /// About how many bytes the weights of `network`'s body take once they are packed.
  static func byteCount(_ network: Network, _ kernels: KernelSet) -> Int {
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
}
