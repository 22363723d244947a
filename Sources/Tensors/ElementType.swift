/// The type of a stored tensor's elements. Raw values are the names that safetensors uses.
package enum ElementType: String, Hashable, Sendable, Codable, CaseIterable {
  case int8 = "I8"
  case int32 = "I32"
  case float16 = "F16"
  case float32 = "F32"

  /// Bytes of one element.
  package var byteCount: Int {
    switch self {
    case .int8: 1
    case .float16: 2
    case .int32, .float32: 4
    }
  }
}
