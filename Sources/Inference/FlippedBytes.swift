import Graph
import Kernels

/// Which activations of a body lie in its arena with their sign bits flipped (`ByteForm.flipped`): those that
/// are written and read by convolutions and fully connected layers alone, if the kernels take such bytes.
///
/// It is nobody's business but the steps': whatever leaves the body is plain.
struct FlippedBytes {
  /// By activation; 0 is the input, n the result of the n-th node.
  private var isFlipped: [Bool]

  init(_ network: Network, kernels: KernelSet) {
    let count = network.bodyNodeCount
    isFlipped = Array(repeating: kernels.takesFlippedBytes, count: count + 1)
    guard kernels.takesFlippedBytes else { return }
    for index in 0..<count where !network.nodes[index].operation.isLinear {
      isFlipped[index + 1] = false
      for input in network.inputs(of: index) { isFlipped[input] = false }
    }
    // The feature is taken out of its bytes.
    isFlipped[count] = false
  }

  /// How `activation` lies.
  func form(_ activation: Int) -> ByteForm { isFlipped[activation] ? .flipped : .plain }
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
