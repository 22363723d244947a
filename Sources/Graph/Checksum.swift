import CXXHash
import Tensors

/// The sum that tells whether a file's bytes are still those that were written: XXH3 with 64 bits.
///
/// It guards against what cards and cables do, not against people. On a Zen 5, which has instructions for SHA-256, it
/// takes a tenth of that one's time a byte.
@safe
struct Checksum: ~Copyable {
  /// What the tensor is called that holds it: the last 8 bytes of a `.loam` file, the sum of all bytes before
  /// them, least significant first.
  static let name = "__checksum"
  /// Bytes of it.
  static let byteCount = 8

  private let sum: OpaquePointer

  init() {
    guard let sum = unsafe xxh_begin() else { preconditionFailure("no memory for a checksum") }
    unsafe self.sum = sum
  }

  deinit { unsafe xxh_end(sum) }

  /// Adds bytes to it.
  func add(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe xxh_add(sum, $0.baseAddress, $0.count) }
  }

  /// The sum of all that was added.
  var value: UInt64 { unsafe xxh_value(sum) }

  /// The sum as a file holds it.
  var bytes: [UInt8] {
    let value = value
    return (0..<UInt64(Self.byteCount)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The sum that `tensor` holds, if that is the end of its file; a tensor that is merely called so holds none.
  static func stated(in tensor: StoredTensor) -> UInt64? {
    guard tensor.type == .int8, tensor.shape == [byteCount],
      tensor.place.upperBound == tensor.storage.byteCount
    else { return nil }
    let bytes = tensor.int8
    return bytes.indices.reduce(0) { $0 | UInt64(UInt8(bitPattern: bytes[$1])) << UInt64(8 * $1) }
  }
}
