import Synchronization
import Tensors

/// The checksum of a file's bytes but the last, which hold it. To find it brings the file's pages into memory.
final class FileSum: Sendable {
  /// Bytes that are added at a time.
  private static let pieceByteCount = 512 << 10

  private let storage: TensorBytes
  private let isAbandoned = Atomic(false)
  private let found = Mutex<UInt64?>(nil)

  init(_ storage: TensorBytes) { self.storage = storage }

  /// What it is; found by the first who asks.
  var value: UInt64 {
    found.withLock { found in
      let value = found ?? sum()
      found = value
      return value
    }
  }

  /// Nobody needs it any more.
  func abandon() { isAbandoned.store(true, ordering: .relaxed) }

  private func sum() -> UInt64 {
    let storage = storage
    let checksum = Checksum()
    let end = max(0, storage.byteCount - Checksum.byteCount)
    var start = 0
    while start < end, !isAbandoned.load(ordering: .relaxed) {
      let next = min(end, start + Self.pieceByteCount)
      let bytes = storage.elements(at: start, count: next - start, as: UInt8.self)
      checksum.add(bytes)
      start = next
    }
    return checksum.value
  }
}
