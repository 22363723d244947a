import Graph
import Tensors

/// A constant of a TensorFlow Lite file: weights, a bias, a list of extents.
struct TFLiteConstant {
  let tensor: TFLiteTensor
  private let file: FlatBuffer
  private let data: Range<Int>
  private let type: TFLiteType

  /// The constant `tensor`, whose bytes must be as many as its extents and type ask for.
  init(_ tensor: TFLiteTensor, in file: FlatBuffer) throws(Unsupported) {
    guard let type = tensor.type else {
      throw Unsupported(why: "constant '\(tensor.name)' has elements of type \(tensor.typeNumber)")
    }
    guard let data = tensor.data, !tensor.isUnusual else {
      throw Unsupported(why: "constant '\(tensor.name)' is sparse or variable")
    }
    var count = type.byteCount
    for dimension in tensor.dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 1, !overflow else {
        throw Unsupported(why: "constant '\(tensor.name)' has extents \(tensor.dims)")
      }
      count = product
    }
    guard count == data.count else {
      throw Unsupported(
        why: "constant '\(tensor.name)' has \(data.count) B for extents \(tensor.dims)")
    }
    self.tensor = tensor
    self.file = file
    self.data = data
    self.type = type
  }

  var dims: [Int] { tensor.dims }
  /// Whether the elements are 8-bit numbers.
  var isByte: Bool { type.isByte }

  /// The elements in fp32; quantised ones are turned back, one scale and zero point a slice.
  /// - Complexity: O(elements), charged to the file.
  func floats() throws(Unsupported) -> [Float] {
    switch type {
    case .float32: return try numbers(UInt32.self).map { Float(bitPattern: $0) }
    case .float16: return try numbers(UInt16.self).map(Half.float)
    case .int8: return try real(numbers(Int8.self).map(Int.init))
    case .uint8: return try real(numbers(UInt8.self).map(Int.init))
    case .int32: return try real(numbers(Int32.self).map(Int.init))
    case .int16, .int64, .bool:
      throw Unsupported(why: "constant '\(tensor.name)' of type \(type) is no weight")
    }
  }

  /// The elements of a list of integers, such as extents or axes.
  func integers() throws(Unsupported) -> [Int] {
    switch type {
    case .int32: return try numbers(Int32.self).map(Int.init)
    case .int64: return try numbers(Int64.self).map { Int(clamping: $0) }
    default: throw Unsupported(why: "constant '\(tensor.name)' holds no integers")
    }
  }

  /// The elements of an int32 bias.
  func int32() throws(Unsupported) -> [Int32] {
    guard type == .int32 else {
      throw Unsupported(why: "bias '\(tensor.name)' is \(type), expected int32")
    }
    return try numbers(Int32.self)
  }

  /// The elements of 8-bit weights as signed bytes: unsigned ones less 128.
  func bytes() throws(Unsupported) -> [Int8] {
    switch type {
    case .int8: return try numbers(Int8.self)
    case .uint8: return try numbers(UInt8.self).map { Int8(bitPattern: $0 ^ 0x80) }
    default: throw Unsupported(why: "weights '\(tensor.name)' are \(type), expected 8 bits")
    }
  }

  /// Scales and zero points of 8-bit weights, one for each of `count` slices along `axis`; the zero points
  /// belong to `bytes()`.
  func byteForm(
    slices count: Int, axis: Int
  ) throws(Unsupported) -> (scales: [Float], zeroPoints: [Int]) {
    let form = try form(slices: count, axis: axis)
    let shift = type == .uint8 ? 128 : 0
    let zeroPoints = form.zeroPoints.map { Int($0) - shift }
    guard zeroPoints.allSatisfy({ (-128...127).contains($0) }) else {
      throw Unsupported(why: "weights '\(tensor.name)' have a zero point that is no byte")
    }
    return (form.scales, zeroPoints)
  }

  private func form(
    slices count: Int, axis: Int
  ) throws(Unsupported) -> (scales: [Float], zeroPoints: [Int64]) {
    guard let form = tensor.quantisation else {
      throw Unsupported(why: "constant '\(tensor.name)' has no scale")
    }
    let zeroPoints =
      form.zeroPoints.isEmpty ? Array(repeating: 0, count: form.scales.count) : form.zeroPoints
    guard zeroPoints.count == form.scales.count,
      form.scales.count == 1 || form.scales.count == count && form.axis == axis
    else {
      throw Unsupported(
        why: "constant '\(tensor.name)' has \(form.scales.count) scales and \(zeroPoints.count) "
          + "zero points along axis \(form.axis), expected \(count) along \(axis)")
    }
    guard form.scales.allSatisfy({ $0.isNormal && $0 > 0 }),
      zeroPoints.allSatisfy({ (-128...255).contains($0) })
    else {
      throw Unsupported(
        why: "constant '\(tensor.name)' has a scale or zero point that is not valid")
    }
    if form.scales.count == count { return (form.scales, zeroPoints) }
    return (
      Array(repeating: form.scales[0], count: count),
      Array(repeating: zeroPoints[0], count: count)
    )
  }

  /// Turns quantised numbers back.
  private func real(_ values: [Int]) throws(Unsupported) -> [Float] {
    let axis = tensor.quantisation.map { $0.scales.count > 1 ? $0.axis : 0 } ?? 0
    guard axis == 0 || dims.indices.contains(axis) else {
      throw Unsupported(why: "constant '\(tensor.name)' is quantised along axis \(axis)")
    }
    let slices = dims.isEmpty ? 1 : dims[axis]
    let (scales, zeroPoints) = try form(slices: slices, axis: axis)
    let inner = dims.dropFirst(axis + 1).reduce(1, *)
    return values.indices.map { index in
      let slice = index / inner % slices
      return scales[slice] * Float(values[index] - Int(zeroPoints[slice]))
    }
  }

  private func numbers<Number: FixedWidthInteger>(
    _: Number.Type
  ) throws(Unsupported) -> [Number] {
    do throws(FlatBufferError) {
      try file.charge(data.count, "constant '\(tensor.name)'")
      let size = Number.bitWidth / 8
      var result: [Number] = []
      result.reserveCapacity(data.count / size)
      for offset in stride(from: data.lowerBound, to: data.upperBound, by: size) {
        result.append(try file.number(offset, as: Number.self, tensor.name))
      }
      return result
    } catch {
      throw Unsupported(why: error.description)
    }
  }
}
