import FoundationEssentials

/// ONNX's element types that are read or written; the raw values are its numbers for them.
enum ONNXElementType: Int32 {
  case float = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case double = 11
  case bfloat16 = 16

  /// Bytes of one element in `raw_data`.
  var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float, .int32: 4
    case .int64, .double: 8
    }
  }
}

/// Why a tensor of the file is no constant.
struct ConstantError: Error {
  let why: String
}

extension Constant {
  /// The constant that `tensor` states, after checking that its extents and its data agree.
  init(_ tensor: ONNXTensor) throws(ConstantError) {
    guard tensor.dataLocation == .inside else {
      throw ConstantError(why: "its data lies in another file")
    }
    guard let type = ONNXElementType(rawValue: tensor.dataType) else {
      throw ConstantError(
        why: "element type \(tensor.dataType) is not read; fp32, fp16, fp64 and integers are")
    }
    guard tensor.dims.count <= Translation.mostExtents else {
      throw ConstantError(
        why: "\(tensor.dims.count) extents, at most \(Translation.mostExtents) are read")
    }
    let dims = tensor.dims.map(Int.init)
    guard let count = Self.count(of: dims) else { throw ConstantError(why: "extents \(dims)") }
    let elements = try Self.elements(of: tensor, type: type)
    self.init(dims: dims, elements: elements, type: type)
    guard self.count == count else {
      throw ConstantError(why: "\(self.count) elements for extents \(dims)")
    }
  }

  private static func elements(
    of tensor: ONNXTensor, type: ONNXElementType
  ) throws(ConstantError) -> Elements {
    if !tensor.rawData.isEmpty { return try raw(tensor.rawData, type: type) }
    switch type {
    case .float: return .floats(tensor.floatData)
    case .double: return .floats(tensor.doubleData.map(Float.init))
    case .float16: return .floats(tensor.int32Data.map { float16(UInt16(truncatingIfNeeded: $0)) })
    case .bfloat16:
      return .floats(tensor.int32Data.map { bfloat16(UInt16(truncatingIfNeeded: $0)) })
    case .int64: return .integers(tensor.int64Data)
    case .uint8, .int8, .uint16, .int16, .int32, .bool:
      return .integers(tensor.int32Data.map(Int64.init))
    }
  }

  private static func raw(_ data: Data, type: ONNXElementType) throws(ConstantError) -> Elements {
    let size = type.byteCount
    guard data.count % size == 0 else {
      throw ConstantError(why: "\(data.count) B are no whole number of \(size)-byte elements")
    }
    let bytes = [UInt8](data)
    func each<Bits: FixedWidthInteger, Result>(
      _: Bits.Type, _ convert: (Bits) -> Result
    ) -> [Result] {
      stride(from: 0, to: bytes.count, by: size).map { start in
        var bits: Bits = 0
        for index in 0..<size {
          bits |= Bits(truncatingIfNeeded: bytes[start + index]) << (8 * index)
        }
        return convert(bits)
      }
    }
    switch type {
    case .float:
      return .floats(floats(in: bytes))
    case .double: return .floats(each(UInt64.self) { Float(Double(bitPattern: $0)) })
    case .float16: return .floats(each(UInt16.self, float16))
    case .bfloat16: return .floats(each(UInt16.self, bfloat16))
    case .int64: return .integers(each(Int64.self) { $0 })
    case .int32: return .integers(each(Int32.self, Int64.init))
    case .int16: return .integers(each(Int16.self, Int64.init))
    case .uint16: return .integers(each(UInt16.self, Int64.init))
    case .int8: return .integers(each(Int8.self, Int64.init))
    case .uint8, .bool: return .integers(each(UInt8.self, Int64.init))
    }
  }

  private static func floats(in bytes: [UInt8]) -> [Float] {
    unsafe bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / 4).map { index in
        unsafe buffer.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
      }
    }
  }

  private static func float16(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }

  private static func bfloat16(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}
