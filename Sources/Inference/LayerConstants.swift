import Graph
import Kernels
import Tensors

/// A body layer's integer constants as the kernels take them.
struct LayerConstants {
  /// Products of one sum that the kernels take, repeated inputs included.
  static let greatestDepth = 32_768
  let weights: StoredTensor
  /// What `weights` lack of weights that a zero point takes beyond a byte, in their order; empty if nothing.
  let rest: [Int8]
  /// Places in a row of weights at which any output has a second byte.
  let repeatedColumns: [Int]
  /// `bias − zero point of the input × Σ weights`, one an output.
  let bias: [Int32]
  /// `(input scale × weight scale) / output scale`, in that order in fp32.
  let scale: [Float]
  let input: Quantisation
  let output: OutputS8
  /// How its input and its result lie in memory.
  let forms: ByteForms
  /// What padding holds, in the input's form.
  var padding: Int8 { input.zero ^ forms.input.mask }

  init(
    _ site: NodeSite, of network: Network, forms: ByteForms
  ) throws(InferenceError) {
    let (node, constants) = (site.node, network.constants(of: site.index))
    guard constants.parameters.count == 2, let weightScale = constants.scale,
      let input = network.quantisation(of: site.inputs[0]),
      let output = network.quantisation(of: site.output)
    else { throw .arithmetic(node: node.name, what: "a constant is missing") }
    let (weights, bias, zeros) = (constants.parameters[0], constants.parameters[1], constants.zero)
    let outputs = weights.shape[0]
    let depth = weights.count / outputs
    try Self.check(depth, node)
    let (near, rest) = try Self.split(weights, zeros, node)
    let repeated = Self.repeatedColumns(rest, depth: depth)
    try Self.check(depth + repeated.count, node)
    var sums = rowSumsS8(near.int8, rows: outputs)
    if !rest.isEmpty {
      for (index, sum) in rowSumsS8(rest.span, rows: outputs).enumerated() { sums[index] &+= sum }
    }
    let (plain, weightScales) = (bias.int32, weightScale.float32)
    var (folded, scales) = ([Int32](), [Float]())
    folded.reserveCapacity(outputs)
    scales.reserveCapacity(outputs)
    for index in 0..<outputs {
      // Modulo 2³², as the sums themselves: quantisers give channels that are off a bias at the very end
      // of 32 bits, which folding carries beyond it and the products of the zero point bring back.
      let value = plain[index] &- Int32(input.zeroPoint) &* sums[index]
      let scale = (input.scale * weightScales[index]) / output.scale
      guard scale.isNormal, scale > 0 else {
        throw .arithmetic(node: node.name, what: "the scale of output \(index) is \(scale)")
      }
      folded.append(value)
      scales.append(scale)
    }
    self.weights = near
    self.rest = rest
    repeatedColumns = repeated
    self.bias = folded
    self.scale = scales
    self.input = input
    self.output = OutputS8(output, node.clamp)
    self.forms = forms
  }

  /// Throws unless the kernels take sums of `depth` products.
  static func check(_ depth: Int, _ node: Node) throws(InferenceError) {
    guard depth <= greatestDepth else {
      throw .tooDeep(node: node.name, depth: depth, greatest: greatestDepth)
    }
  }

  /// Weights less their zero points as two bytes each, whose sum they are; most second ones are 0.
  private static func split(
    _ weights: StoredTensor, _ zeros: StoredTensor?, _ node: Node
  ) throws(InferenceError) -> (near: StoredTensor, rest: [Int8]) {
    guard let zeros else { return (weights, []) }
    let depth = weights.count / zeros.count
    let (bytes, points) = (weights.int8, zeros.int8)
    var (near, rest): ([Int8], [Int8]) = ([], [])
    near.reserveCapacity(weights.count)
    rest.reserveCapacity(weights.count)
    for index in 0..<weights.count {
      let value = Int(bytes[index]) - Int(points[index / depth])
      let byte = Int8(clamping: value)
      guard let other = Int8(exactly: value - Int(byte)) else {
        throw .arithmetic(
          node: node.name,
          what:
            "weight \(index) lies \(value) above its zero point, at most 254 can be run; quantise "
            + "its weights symmetrically, or put the cut before it")
      }
      near.append(byte)
      rest.append(other)
    }
    let stored = StoredTensor(shape: weights.shape, int8: near)
    return (stored, rest.allSatisfy { $0 == 0 } ? [] : rest)
  }
}

extension LayerConstants {
  private static func repeatedColumns(_ rest: [Int8], depth: Int) -> [Int] {
    guard !rest.isEmpty else { return [] }
    var isNeeded = [Bool](repeating: false, count: depth)
    for index in rest.indices where rest[index] != 0 { isNeeded[index % depth] = true }
    return isNeeded.indices.filter { isNeeded[$0] }
  }

  /// The product that makes `outputs`, none of whose weights has two bytes.
  func product(of outputs: Range<Int>, kernels: KernelSet, memory: MemoryBlock?) -> GemmS8 {
    let depth = weights.count / bias.count
    return GemmS8(
      weights: weights.int8.extracting(outputs.places(from: 0, of: depth)), outputs: outputs.count,
      depth: depth, bias: bias.span.extracting(outputs), scale: scale.span.extracting(outputs),
      kernels: kernels, memory: memory)
  }

  /// The rows of weights of `outputs`, each with its second bytes at `repeatedColumns` behind it and zeros to make
  /// it `step` long.
  func rows(_ outputs: Range<Int>, depth: Int, step: Int) -> [Int8] {
    let bytes = weights.int8
    var result: [Int8] = []
    result.reserveCapacity(outputs.count * step)
    for output in outputs {
      for index in (output * depth)..<((output + 1) * depth) { result.append(bytes[index]) }
      for column in repeatedColumns { result.append(rest[output * depth + column]) }
      result.append(contentsOf: repeatElement(0, count: step - depth - repeatedColumns.count))
    }
    return result
  }
}

extension OutputS8 {
  /// Bytes of `form` within `clamp`.
  init(_ form: Quantisation, _ clamp: Clamp) {
    let (low, high) = form.limits(clamp)
    self.init(zeroPoint: form.zeroPoint, low: low, high: high)
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
