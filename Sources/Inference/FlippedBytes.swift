import Graph
import Kernels

/// Which activations of a body lie in its arena with their sign bits flipped (`ByteForm.flipped`): those that
/// are written and read by convolutions and fully connected layers alone, if the kernels take such bytes.
///
/// It is nobody's business but the steps': whatever leaves the body is plain.
struct FlippedBytes {
  private let names: Set<String>

  init(_ network: Network, kernels: KernelSet) {
    guard kernels.takesFlippedBytes else {
      names = []
      return
    }
    var flipped: Set = [network.input]
    for node in network.body where node.operation.isLinear { flipped.insert(node.output) }
    flipped.remove(network.cut)
    for node in network.body where !node.operation.isLinear { flipped.subtract(node.inputs) }
    names = flipped
  }

  /// How the activation `name` lies.
  func form(_ name: String) -> ByteForm { names.contains(name) ? .flipped : .plain }
}

extension Operation {
  /// Whether it is a product with weights.
  fileprivate var isLinear: Bool {
    switch self {
    case .convolution, .fullyConnected: true
    default: false
    }
  }
}
