import Graph
import Tensors

/// A body layer's integer constants as the kernels take them.
struct LayerConstants {
  /// Sums longer than this could leave 32 bits; the kernels' limit.
  static let greatestDepth = 65_536
  /// Greatest magnitude of a bias once the input's zero point is folded in.
  static let greatestBias = Int64(1) << 30

  let weights: StoredTensor
  /// `bias − zero point of the input × Σ weights`, one an output.
  let bias: [Int32]
  /// `(input scale × weight scale) / output scale`, in that order in fp32.
  let scale: [Float]
  let input: Quantisation
  let output: Quantisation
  let low: Int8
  let high: Int8

  init(_ node: Node, of network: Network) throws(InferenceError) {
    guard let weights = network.tensors[node.parameters[0]],
      let bias = network.tensors[node.parameters[1]],
      let weightScale = network.tensors[Network.scaleName(node.parameters[0])],
      let input = network.quantisation[node.inputs[0]],
      let output = network.quantisation[node.output]
    else { throw .arithmetic(node: node.name, what: "a constant is missing") }
    let outputs = weights.shape[0]
    let depth = weights.count / outputs
    guard depth <= Self.greatestDepth else {
      throw .tooDeep(node: node.name, depth: depth, greatest: Self.greatestDepth)
    }
    var (folded, scales) = ([Int32](), [Float]())
    let (bytes, plain) = (weights.int8, bias.int32)
    for (index, weightScale) in weightScale.floats().enumerated() {
      var sum: Int64 = 0
      for element in (index * depth)..<((index + 1) * depth) { sum += Int64(bytes[element]) }
      let value = Int64(plain[index]) - Int64(input.zeroPoint) * sum
      guard abs(value) <= Self.greatestBias else {
        throw .arithmetic(node: node.name, what: "the bias of output \(index) is \(value) units")
      }
      let scale = (input.scale * weightScale) / output.scale
      guard scale.isNormal, scale > 0 else {
        throw .arithmetic(node: node.name, what: "the scale of output \(index) is \(scale)")
      }
      folded.append(Int32(value))
      scales.append(scale)
    }
    self.weights = weights
    self.bias = folded
    self.scale = scales
    self.input = input
    self.output = output
    (low, high) = output.limits(node.clamp)
  }
}

extension Quantisation {
  /// The bytes that `clamp`'s limits come to.
  func limits(_ clamp: Clamp) -> (low: Int8, high: Int8) {
    let low = clamp.low.map(byte) ?? .min
    return (low, max(low, clamp.high.map(byte) ?? .max))
  }

  /// `zeroPoint` as a byte.
  var zero: Int8 { Int8(zeroPoint) }
}
