import Glibc

/// Why a file of the device's identity could not be read or written.
package enum ProvisionError: Error, Hashable, CustomStringConvertible {
  case unreadable(path: String, why: String)
  case unwritable(path: String, why: String)
  case damaged(path: String, what: String)
  case exists(path: String)
  case badPin(String)
  case badName(String)
  case hashRefused

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .unreadable(let path, let why):
      "\(path): cannot be read: \(why); check its owner and its rights"
    case .unwritable(let path, let why):
      "\(path): cannot be written: \(why); check permissions and free space"
    case .damaged(let path, let what):
      "\(path): is damaged: \(what); make it again with `loam provision`"
    case .exists(let path):
      "\(path): the device has a key already; --force replaces it, and whoever knows the old one must be "
        + "told the new one"
    case .badPin(let what): "the PIN \(what)"
    case .badName(let what): "the name \(what)"
    case .hashRefused:
      "libcrypt does not hash the PIN; it needs 16 MiB of free memory and yescrypt (libcrypt 4.4)"
    }
  }
}

/// Small files of the device's identity, each replaced as a whole and durable when that returns.
enum PrivateFile {
  private static let longest = 64 * 1024

  /// The text of the file at `path`; `nil` when there is none.
  static func read(_ path: String) throws(ProvisionError) -> String? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw .unreadable(path: path, why: errorMessage(errno))
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    while bytes.count <= longest {
      var count = 0
      let more = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
        count = unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
        filled = max(0, count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .unreadable(path: path, why: errorMessage(errno))
      }
      if count == 0 { break }
      bytes += more
    }
    guard bytes.count <= longest, let text = String(validating: bytes, as: UTF8.self) else {
      throw .damaged(path: path, what: "it is no short text")
    }
    return text
  }

  /// Puts `text` at `path` with the rights `mode`: all of it, or the file is as it was.
  static func write(_ text: String, to path: String, mode: UInt32) throws(ProvisionError) {
    let temporary = "\(path).\(getpid()).tmp"
    _ = unsafe unlink(temporary)
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw .unwritable(path: path, why: errorMessage(errno)) }
    do throws(ProvisionError) {
      defer { close(file) }
      try writeAll(Array(text.utf8), to: file, path: path)
      guard fchmod(file, mode) == 0, fsync(file) == 0 else {
        throw .unwritable(path: path, why: errorMessage(errno))
      }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    guard unsafe rename(temporary, path) == 0 else {
      let why = errorMessage(errno)
      _ = unsafe unlink(temporary)
      throw .unwritable(path: path, why: why)
    }
    try syncFolder(of: path)
  }

  private static func writeAll(
    _ bytes: [UInt8], to file: Int32, path: String
  ) throws(ProvisionError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .unwritable(path: path, why: errorMessage(errno)) }
      rest = rest.dropFirst(count)
    }
  }

  private static func syncFolder(of path: String) throws(ProvisionError) {
    let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let folder = unsafe open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .unwritable(path: path, why: errorMessage(errno)) }
    defer { close(folder) }
    guard fsync(folder) == 0 || errno == EINVAL else {
      throw .unwritable(path: path, why: errorMessage(errno))
    }
  }
}

private func errorMessage(_ code: Int32) -> String {
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}
