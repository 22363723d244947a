import FoundationEssentials
import Glibc
import Testing

/// A folder that goes with its contents when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = "/tmp/loam-board-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { Self.remove(path) }

  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// Puts `bytes` into the file `name`; the file is closed when this returns.
  func write(_ name: String, _ bytes: [UInt8] = [1, 2, 3]) throws {
    let file = try OpenFile(path + "/" + name)
    try file.write(bytes)
  }

  func makeFolder(_ name: String) throws {
    try #require(unsafe mkdir(path + "/" + name, 0o755) == 0)
  }

  func rename(_ old: String, _ new: String) throws {
    try #require(unsafe Glibc.rename(path + "/" + old, path + "/" + new) == 0)
  }
}

/// A file open for writing until the object goes.
final class OpenFile {
  private let number: Int32

  init(_ path: String) throws {
    number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    try #require(number >= 0, "\(path)")
  }

  deinit { close(number) }

  func write(_ bytes: [UInt8]) throws {
    let written = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(number, $0.baseAddress, $0.count)
    }
    try #require(written == bytes.count)
  }
}
