import Graph
import Tensors

extension Translation {
  /// Operators that may read quantised data as it is: their results are the same bytes, or limits of them.
  static let byteOperators: Set<String> = [
    "Clip", "Concat", "DequantizeLinear", "Dropout", "Flatten", "GlobalMaxPool", "Identity",
    "MaxPool", "Reshape",
    "Shape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze",
  ]

  /// The type of the bytes that `step` makes of the image's data, `nil` if it makes numbers.
  func byteType(ofResult step: Step) -> ONNXElementType? {
    switch step.type {
    case "QuantizeLinear": quantisedType(step)
    case "DequantizeLinear": nil
    default: step.inputs.first.flatMap(byteType)
    }
  }

  /// The type that a `QuantizeLinear` makes: its zero point's, the one stated, else that of the operator whose part
  /// it is, else unsigned.
  private func quantisedType(_ step: Step) -> ONNXElementType {
    if step.has(2), let type = byteType(of: step.inputs[2]) { return type }
    let stated = (try? step.int("output_dtype", default: 0)) ?? 0
    return ONNXElementType(rawValue: Int32(clamping: stated)) ?? step.alike.flatMap(byteType)
      ?? .uint8
  }

  /// The type of the bytes, or of the constant, that `name` stands for.
  private func byteType(of name: String) -> ONNXElementType? {
    switch known[name] {
    case .activation(let activation): activation.byteType
    case .constant(let constant): constant.type
    case .lost, nil: nil
    }
  }

  /// `QuantizeLinear` of the image's data: states what its bytes stand for, or takes it to other bytes.
  mutating func quantise(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let form = try form(step, of: quantisedType(step))
    guard let given = forms[image.name] else {
      forms[image.name] = form
      return alias(step, to: image)
    }
    if given == form { return alias(step, to: image) }
    try emit(step, .clamp, inputs: [image], dims: image.dims, layout: image.layout)
    forms[step.output] = form
  }

  /// `DequantizeLinear` of the image's data, which must be quantised that way.
  mutating func dequantise(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    guard let type = image.byteType else {
      throw Unsupported(why: "of data that is not quantised")
    }
    let form = try form(step, of: type)
    if forms[image.name] == nil { forms[image.name] = form }
    guard forms[image.name] == form else {
      throw Unsupported(why: "by another scale or zero point than it was quantised with")
    }
    alias(step, to: image)
  }

  /// The scale and zero point that `step` states for the image's data of type `data`; unsigned ones are 128 less.
  private func form(_ step: Step, of data: ONNXElementType) throws(Unsupported) -> Quantisation {
    guard try step.int("block_size", default: 0) == 0 else {
      throw Unsupported(why: "attribute 'block_size'")
    }
    guard let scale = try constant(step, 1).scalar, scale.isNormal, scale > 0 else {
      throw Unsupported(why: "its scale is not one number above 0")
    }
    let (type, zeroPoints) = try zeroPoints(step, count: 1, of: data)
    guard type == data else {
      throw Unsupported(why: "a zero point of type \(type) for data of type \(data)")
    }
    let zeroPoint = Int(zeroPoints[0]) - (type == .uint8 ? 128 : 0)
    guard (-128...127).contains(zeroPoint) else {
      throw Unsupported(why: "its zero point \(zeroPoints[0]) is no byte")
    }
    return Quantisation(scale: scale, zeroPoint: zeroPoint)
  }

  /// The type and the values of the zero points at input 2; without them 0 of type `data`.
  private func zeroPoints(
    _ step: Step, count: Int, of data: ONNXElementType
  ) throws(Unsupported) -> (type: ONNXElementType, values: [Int64]) {
    let number = try step.int("output_dtype", default: 0)
    let stated = ONNXElementType(rawValue: Int32(clamping: number))
    guard number == 0 || stated == .uint8 || stated == .int8 else {
      throw Unsupported(
        why: "elements of type \(stated.map { "\($0)" } ?? "\(number)"), expected 8 bits")
    }
    guard let constant = try optionalConstant(step, 2) else {
      return (data, Array(repeating: 0, count: count))
    }
    guard case .integers(let values) = constant.elements, values.count == count,
      let type = constant.type
    else { throw Unsupported(why: "its zero points do not belong to its \(count) scales") }
    guard type == .uint8 || type == .int8 || type == .int32 && values.allSatisfy({ $0 == 0 }) else {
      throw Unsupported(why: "elements of type \(type), expected 8 bits")
    }
    return (type, values)
  }

  /// `QuantizeLinear` of a constant.
  func quantisedConstant(_ step: Step) throws(Unsupported) -> Constant {
    let value = try constant(step, 0)
    let (scales, axis) = try scales(step, of: value)
    let (type, zeroPoints) = try zeroPoints(step, count: scales.count, of: quantisedType(step))
    let inner = value.dims.dropFirst(axis + 1).reduce(1, *)
    let limits: ClosedRange<Float> = type == .int8 ? -128...127 : 0...255
    var integers: [Int64] = []
    for (index, real) in value.floats.enumerated() {
      let slice = scales.count == 1 ? 0 : index / inner % scales.count
      let steps = (real / scales[slice]).rounded(.toNearestOrEven) + Float(zeroPoints[slice])
      guard steps.isFinite else { throw Unsupported(why: "of a number that is not finite") }
      integers.append(Int64(min(max(steps, limits.lowerBound), limits.upperBound)))
    }
    return Constant(dims: value.dims, elements: .integers(integers), type: type)
  }

  /// `DequantizeLinear` of a constant, which keeps its integers.
  func dequantisedConstant(_ step: Step) throws(Unsupported) -> Constant {
    let value = try constant(step, 0)
    // Among wider integers there are some whose distance from a zero point is none.
    guard case .integers(let integers) = value.elements, let type = value.type,
      [.uint8, .int8, .int32].contains(type)
    else {
      throw Unsupported(
        why: "of a constant of type \(value.typeName), expected uint8, int8 or int32")
    }
    let (scales, axis) = try scales(step, of: value)
    let zeroPoints = try zeroPoints(step, count: scales.count, of: type).values
    let inner = value.dims.dropFirst(axis + 1).reduce(1, *)
    let floats = integers.indices.map { index in
      let slice = scales.count == 1 ? 0 : index / inner % scales.count
      return Float(integers[index] - zeroPoints[slice]) * scales[slice]
    }
    let bytes = ByteConstant(
      values: integers, scales: scales, zeroPoints: zeroPoints,
      axis: value.dims.isEmpty ? 0 : axis)
    return Constant(dims: value.dims, elements: .floats(floats), bytes: bytes)
  }

  /// The scales at input 1, and the axis of `value` that they lie along; one scale is for all of it.
  private func scales(
    _ step: Step, of value: Constant
  ) throws(Unsupported) -> (scales: [Float], axis: Int) {
    guard try step.int("block_size", default: 0) == 0 else {
      throw Unsupported(why: "attribute 'block_size'")
    }
    let given = try constant(step, 1)
    let scales = given.floats
    guard given.dims.count <= 1, !scales.isEmpty, scales.allSatisfy({ $0.isNormal && $0 > 0 })
    else {
      throw Unsupported(why: "its scales are not numbers above 0")
    }
    guard scales.count > 1 else { return (scales, 0) }
    let axis = try resolve(axis: try step.int("axis", default: 1), rank: value.dims.count)
    guard value.dims[axis] == scales.count else {
      throw Unsupported(why: "\(scales.count) scales along axis \(axis) of \(value.dims)")
    }
    return (scales, axis)
  }

  /// Keeps the constants of the layer that was emitted last as the file has them.
  mutating func keepLayer(_ weights: Constant, bias: Constant?) {
    guard let name = nodes.last?.name else { return }
    layers[name] = (weights, bias)
  }

  /// Lets the result of an operation that changes no number be quantised like its input.
  mutating func keepForm(
    of inputs: [Activation], _ operation: Operation, in output: String, isOfBytes: Bool
  ) {
    guard let form = inputs.first.flatMap({ forms[$0.name] }) else { return }
    switch operation {
    case .pad, .flatten, .maxPool, .slice, .channelShuffle:
      forms[output] = form
    default:
      guard isOfBytes, inputs.allSatisfy({ forms[$0.name] == form }) else { return }
      forms[output] = form
    }
  }

  /// The numbers that limits on the bytes of `image`, of type `type`, stand for.
  func realLimits(
    _ clamp: Clamp, of image: Activation, _ type: ONNXElementType
  ) throws(Unsupported) -> Clamp {
    guard let form = forms[image.name] else { throw Unsupported(why: "of bytes without a scale") }
    let zero = Float(form.zeroPoint + (type == .uint8 ? 128 : 0))
    return Clamp(
      low: clamp.low.map { ($0 - zero) * form.scale },
      high: clamp.high.map { ($0 - zero) * form.scale })
  }
}
