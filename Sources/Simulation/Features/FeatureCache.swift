import DeviceRuntime
import FoundationEssentials
import Glibc

/// Features of photos, kept in a file so that no photo goes through the body twice.
///
/// One file holds what one body makes of photos with one way of cutting patches; a photo is known by
/// the SHA-256 of its bytes, so that moved, renamed and shared photos are found again. A record has a
/// fixed size and its own sum and is written at once: what an interrupted run computed stays, and a
/// torn or altered record is computed again.
///
/// Record: 32 bytes SHA-256 of the photo, 8 bytes sum (FNV-1a of the payload), payload
/// `[patches, feature count]` in fp16; little-endian.
package final class FeatureCache {
  /// The file that holds the records.
  package let path: String
  private let valueCount: Int
  private let descriptor: CInt
  private var places: [[UInt8]: Int] = [:]
  private var recordCount = 0

  private var recordSize: Int { 32 + 8 + 2 * valueCount }

  /// Opens or makes the file in `folder` for photos of `valueCount` numbers, named by `key`.
  package init(folder: String, key: String, valueCount: Int) throws(SimulationError) {
    self.valueCount = valueCount
    path = "\(folder)/\(key).features"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .cache(path: folder, why: "\(error)")
    }
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cache(path: path, why: errorText(errno)) }
    // Two runs at once would write into each other's records.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let why = "another loam is using it; wait for it, or name another --cache"
      close(descriptor)
      throw .cache(path: path, why: why)
    }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      throw .cache(path: path, why: errorText(errno))
    }
    recordCount = Int(information.st_size) / recordSize
    var key = [UInt8](repeating: 0, count: 32)
    for record in 0..<recordCount where read(&key, at: record * recordSize) { places[key] = record }
  }

  deinit { close(descriptor) }

  /// Photos known.
  package var count: Int { places.count }

  /// Whether the features of the photo with this hash are there; they may yet turn out torn.
  package func contains(_ sha256: [UInt8]) -> Bool { places[sha256] != nil }

  /// The features of the photo with this hash, or `nil` if they are not there or not whole.
  package func features(_ sha256: [UInt8]) -> [Float16]? {
    guard let record = places[sha256] else { return nil }
    var bytes = [UInt8](repeating: 0, count: recordSize - 32)
    guard read(&bytes, at: record * recordSize + 32) else { return nil }
    var sum: UInt64 = 0
    for index in 0..<8 { sum |= UInt64(bytes[index]) << UInt64(8 * index) }
    guard sum == fnv1a(bytes[8...]) else { return nil }
    return (0..<valueCount).map { place in
      let low = UInt16(bytes[8 + 2 * place])
      let high = UInt16(bytes[9 + 2 * place])
      return Float16(bitPattern: low | high << 8)
    }
  }

  /// Keeps the features of a photo; a record of it that was torn is replaced.
  package func add(_ sha256: [UInt8], _ values: [Float16]) throws(SimulationError) {
    precondition(sha256.count == 32 && values.count == valueCount, "\(values.count) numbers")
    var payload: [UInt8] = []
    payload.reserveCapacity(2 * valueCount)
    for value in values {
      payload.append(UInt8(truncatingIfNeeded: value.bitPattern))
      payload.append(UInt8(truncatingIfNeeded: value.bitPattern >> 8))
    }
    let sum = fnv1a(payload[...])
    let record = sha256 + (0..<8).map { UInt8(truncatingIfNeeded: sum >> UInt64(8 * $0)) } + payload
    let place = places[sha256] ?? recordCount
    var written = 0
    while written < record.count {
      let count = unsafe record.withUnsafeBytes { bytes in
        unsafe pwrite(
          descriptor, bytes.baseAddress?.advanced(by: written), record.count - written,
          off_t(place * recordSize + written))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .cache(path: path, why: errorText(errno)) }
      written += count
    }
    if place == recordCount { recordCount += 1 }
    places[sha256] = place
  }

  /// Fills `bytes` from `offset`; false at the end of the file.
  private func read(_ bytes: inout [UInt8], at offset: Int) -> Bool {
    var done = 0
    let count = bytes.count
    while done < count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return false }
      done += got
    }
    return true
  }
}

/// The 64-bit FNV-1a sum of `bytes`.
private func fnv1a(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
