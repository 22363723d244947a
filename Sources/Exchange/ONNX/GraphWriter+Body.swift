import Graph
import Tensors

/// The int8 body in ONNX.
///
/// `QLinearConv` with unsigned activations and unsigned weights (zero point 128, or the one of an older
/// uint8 layer) is what every processor sums exactly: signed weights go through 16-bit sums that saturate
/// on processors without VNNI. Its requantisation is Loam's: one fp32 multiply by (s_in · s_w) / s_out, round half to even.
/// Sums are written as two dequantisations by s_in / s_out and one quantisation by 1, which is
/// Loam's arithmetic; `Sum` rather than `Add`, because runtimes fuse the latter into an operator
/// with another order of rounding. Means are exact sums times one number.
extension GraphWriter {
  /// Appends a node of the body; its result are bytes, or the feature if it is a mean at the cut.
  mutating func addBody(_ node: Node) throws(ExchangeError) {
    switch node.operation {
    case .convolution(let window, let groups):
      try addConvolution(node, .window(window, groups: groups))
    case .fullyConnected:
      try addFullyConnected(node)
    case .add:
      try addSum(node)
    case .clamp:
      try addClamp(node)
    case .pad(let padding):
      let zero = try zeroPoint(node, node.inputs[0])
      let pads = store("\(node.name)/pads", integers: Self.pads(padding))
      try finish(node) { it, output in
        it.add("Pad", [it.name(of: node.inputs[0]), pads, zero], to: output)
      }
    case .globalAveragePool where node.output == network.cut && network.featureIsMean:
      try addMean(node, to: "features")
      rename(node.output, to: "features")
    case .globalAveragePool:
      let mean = unique("\(node.name)/mean")
      try addMean(node, to: mean)
      try quantise(node, mean)
    case .flatten:
      try finish(node) { it, output in it.addFlatten(node, to: output) }
    case .batchNormalisation, .softmax:
      throw .inexpressible(node: node.name, why: "it has no integer form")
    case .maxPool(let window):
      try finish(node) { it, output in
        it.add("MaxPool", [it.name(of: node.inputs[0])], to: output, .pool(window))
      }
    case .averagePool(let window, let counted):
      try addAverage(node, window, counted: counted)
    case .multiply:
      try addProduct(node)
    case .concatenate:
      try addJoined(node)
    case .slice(let start, let count):
      try finish(node) { it, output in
        it.addSlice(node, start: start, count: count, to: output)
      }
    case .channelShuffle(let groups):
      try finish(node) { it, output in it.addShuffle(node, groups: groups, to: output) }
    case .localResponseNormalisation(let response):
      try addReal(node) { it, input, output in it.addResponse(response, input, to: output) }
    case .activation(let function):
      try addReal(node) { it, input, output in
        it.addFunction(node, function, input, to: output)
      }
    }
  }

  /// Padding as ONNX lists it, for `[N, C, H, W]`.
  static func pads(_ padding: Padding) -> [Int64] {
    [
      0, 0, Int64(padding.top), Int64(padding.left), 0, 0, Int64(padding.bottom),
      Int64(padding.right),
    ]
  }

  /// Appends `Flatten`, channels innermost as Loam keeps them.
  mutating func addFlatten(_ node: Node, to output: String) {
    let shape = network.shapes[node.inputs[0]] ?? Shape(1)
    var input = name(of: node.inputs[0])
    if shape.dimensions.count == 3, shape.height * shape.width > 1 {
      let turned = unique("\(node.name)/channels_last")
      input = add("Transpose", [input], to: turned, [.ints("perm", [0, 2, 3, 1])])
    }
    add("Flatten", [input], to: output, [.int("axis", 1)])
  }

  /// Appends the dequantised cut as the feature.
  mutating func addFeature() throws(ExchangeError) {
    let last = network.body.last?.name ?? network.cut
    let input = name(of: network.cut)
    let (scale, zero) = try form(last, network.cut)
    add("DequantizeLinear", [input, scale, zero], to: "features")
    rename(network.cut, to: "features")
  }

  private mutating func addConvolution(
    _ node: Node, _ attributes: [ONNXAttribute]
  ) throws(ExchangeError) {
    let constants = try layer(node, dims: 4)
    try finish(node) { it, output throws(ExchangeError) in
      try it.addLinear(node, it.name(of: node.inputs[0]), constants, attributes, to: output)
    }
  }

  /// A fully connected layer is a 1 × 1 convolution of one pixel.
  private mutating func addFullyConnected(_ node: Node) throws(ExchangeError) {
    let constants = try layer(node, dims: 2)
    let pixelDims = store("\(node.name)/pixel", integers: [0, -1, 1, 1])
    let pixel = unique("\(node.name)/input")
    add("Reshape", [name(of: node.inputs[0]), pixelDims], to: pixel)
    let map = unique("\(node.name)/map")
    try addLinear(node, pixel, constants, [.ints("kernel_shape", [1, 1])], to: map)
    try finish(node) { it, output in
      it.add("Flatten", [map], to: output, [.int("axis", 1)])
    }
  }

  private mutating func addLinear(
    _ node: Node, _ input: String, _ constants: [String], _ attributes: [ONNXAttribute],
    to output: String
  ) throws(ExchangeError) {
    let (inScale, inZero) = try form(node.name, node.inputs[0])
    let (outScale, outZero) = try form(node.name, node.output)
    let inputs = [input, inScale, inZero] + constants[..<3] + [outScale, outZero, constants[3]]
    add("QLinearConv", inputs, to: output, attributes)
  }

  /// Names of weights, their scales, their zero points and the bias.
  private mutating func layer(_ node: Node, dims: Int) throws(ExchangeError) -> [String] {
    guard let weights = network.tensors[node.parameters[0]],
      let bias = network.tensors[node.parameters[1]], weights.shape.count == dims,
      let scale = network.tensors[Network.scaleName(node.parameters[0])]
    else { throw .inexpressible(node: node.name, why: "its weights are not there") }
    let signed = weights.int8
    let bytes = signed.indices.map { UInt8(bitPattern: signed[$0]) ^ 0x80 }
    let turned = Self.turned(bytes, weights.shape)
    let outputs = weights.shape[0]
    let extents = dims == 4 ? turned.dims : weights.shape + [1, 1]
    let plain = bias.int32
    let zeros = network.tensors[Network.zeroName(node.parameters[0])]?.floats() ?? []
    guard zeros.allSatisfy({ $0 == zeros[0] }) else {
      throw .inexpressible(
        node: node.name,
        why:
          "its weights have zero points that differ, QLinearConv takes one for all outputs; quantise it "
          + "with one for each layer")
    }
    let points = Array(repeating: UInt8(Int(zeros.first ?? 0) + 128), count: outputs)
    return [
      store("\(node.name)/weight", bytes: turned.elements, dims: extents),
      store("\(node.name)/weight_scale", floats: scale.floats(), dims: [outputs]),
      store("\(node.name)/weight_zero", bytes: points, dims: [outputs]),
      store("\(node.name)/bias", int32: plain.indices.map { plain[$0] }),
    ]
  }

  private mutating func addSum(_ node: Node) throws(ExchangeError) {
    if let name = node.parameters.first {
      guard let sum = network.tensors[name].flatMap(FixedSum.init) else {
        throw .inexpressible(node: node.name, why: "'\(name)' states no sum")
      }
      return try addFixedSum(node, sum)
    }
    let out = try quantisation(node.name, node.output)
    var terms: [String] = []
    for (index, input) in node.inputs.enumerated() {
      let form = try quantisation(node.name, input)
      let ratio = store("\(node.name)/ratio_\(index)", floats: [form.scale / out.scale])
      let zero = try zeroPoint(node, input)
      let term = unique("\(node.name)/term_\(index)")
      terms.append(add("DequantizeLinear", [name(of: input), ratio, zero], to: term))
    }
    let sum = add("Sum", terms, to: unique("\(node.name)/sum"))
    let one = store("\(node.name)/one", floats: [1])
    let zero = try zeroPoint(node, node.output)
    try finish(node) { it, output in it.add("QuantizeLinear", [sum, one, zero], to: output) }
  }

  private mutating func addClamp(_ node: Node) throws(ExchangeError) {
    let (scale, zero) = try form(node.name, node.inputs[0])
    let real = unique("\(node.name)/real")
    add("DequantizeLinear", [name(of: node.inputs[0]), scale, zero], to: real)
    try quantise(node, real)
  }

  /// The exact sum of the bytes' steps times scale / pixels, into `output`.
  private mutating func addMean(_ node: Node, to output: String) throws(ExchangeError) {
    let shape = network.shapes[node.inputs[0]] ?? Shape(1)
    let quantisation = try quantisation(node.name, node.inputs[0])
    let one = store("\(node.name)/one", floats: [1])
    let zero = try zeroPoint(node, node.inputs[0])
    let steps = unique("\(node.name)/steps")
    add("DequantizeLinear", [name(of: node.inputs[0]), one, zero], to: steps)
    let axes = store("\(node.name)/axes", integers: [2, 3])
    let sum = unique("\(node.name)/sum")
    add("ReduceSum", [steps, axes], to: sum, [.int("keepdims", 0)])
    let pixels = Float(shape.height * shape.width)
    let scale = store("\(node.name)/scale", floats: [quantisation.scale / pixels])
    add("Mul", [sum, scale], to: output)
  }

  /// Limits the fp32 value `real` and quantises it to the result of `node`.
  mutating func quantise(_ node: Node, _ real: String) throws(ExchangeError) {
    var limited = real
    if !node.clamp.isNone {
      limited = unique("\(node.name)/limited")
      addLimits(node, real, to: limited)
    }
    let (scale, zero) = try form(node.name, node.output)
    add("QuantizeLinear", [limited, scale, zero], to: name(of: node.output))
  }

  /// Appends what `write` writes, then the limits of the node's clamp on its bytes.
  mutating func finish(
    _ node: Node, _ write: (inout GraphWriter, String) throws(ExchangeError) -> Void
  ) throws(ExchangeError) {
    let form = try quantisation(node.name, node.output)
    let low = node.clamp.low.map(form.byte) ?? .min
    let high = max(low, node.clamp.high.map(form.byte) ?? .max)
    let output = name(of: node.output)
    guard low > .min || high < .max else { return try write(&self, output) }
    let wide = unique("\(node.name)/wide")
    try write(&self, wide)
    let limits = [
      store("\(node.name)/low", bytes: [UInt8(bitPattern: low) ^ 0x80]),
      store("\(node.name)/high", bytes: [UInt8(bitPattern: high) ^ 0x80]),
    ]
    add("Clip", [wide] + limits, to: output)
  }

  /// Names of the scale and the zero point of activation `name`.
  mutating func form(
    _ node: String, _ name: String
  ) throws(ExchangeError) -> (scale: String, zero: String) {
    let form = try quantisation(node, name)
    return (
      store("\(node)/scale", floats: [form.scale]),
      store("\(node)/zero", bytes: [UInt8(form.zeroPoint + 128)])
    )
  }

  mutating func zeroPoint(_ node: Node, _ name: String) throws(ExchangeError) -> String {
    let form = try quantisation(node.name, name)
    return store("\(node.name)/zero", bytes: [UInt8(form.zeroPoint + 128)])
  }

  func quantisation(
    _ node: String, _ name: String
  ) throws(ExchangeError) -> Quantisation {
    guard let form = network.quantisation[name] else {
      throw .inexpressible(node: node, why: "activation '\(name)' is not quantised")
    }
    return form
  }
}
