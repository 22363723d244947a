internal import Glibc

/// The few file operations of the store, each durable when it returns.
enum Files {
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Makes the folder `path` unless it is there; its parent has to be.
  static func makeFolder(_ path: String) throws(StoreError) {
    guard unsafe mkdir(path, 0o755) != 0 else { return try syncFolder(parent(path)) }
    guard errno == EEXIST else { throw StoreError(errno: errno, path: path) }
  }

  /// Puts the names in the folder `path` on the disk.
  static func syncFolder(_ path: String) throws(StoreError) {
    let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw StoreError(errno: errno, path: path) }
    defer { close(folder) }
    // Some file systems cannot sync a folder and say so.
    guard fsync(folder) == 0 || errno == EINVAL else { throw StoreError(errno: errno, path: path) }
  }

  /// Puts `bytes` at `path` as a whole or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
    let temporary = "\(path).\(getpid()).partial"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw StoreError(errno: errno, path: path) }
    do throws(StoreError) {
      defer { close(file) }
      try writeAll(bytes, to: file, path: path)
      guard fsync(file) == 0 else { throw StoreError(errno: errno, path: path) }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    guard unsafe rename(temporary, path) == 0 else {
      let error = StoreError(errno: errno, path: path)
      unsafe unlink(temporary)
      throw error
    }
    try syncFolder(parent(path))
  }

  private static func writeAll(
    _ bytes: [UInt8], to file: Int32, path: String
  ) throws(StoreError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw StoreError(errno: count == 0 ? ENOSPC : errno, path: path) }
      written += count
    }
  }

  /// Size of the file at `path`; `nil` when there is no regular file.
  static func byteCount(_ path: String) -> Int? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The text of a small file; `nil` when it is not there or longer than `limit` bytes.
  static func text(_ path: String, limit: Int) -> String? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: limit + 1)
    let count = unsafe read(file, &buffer, buffer.count)
    return (0...limit).contains(count) ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }

  /// Names in the folder `path` that end with `suffix`, in no order, without `.` and `..`.
  static func names(in path: String, suffix: String) throws(StoreError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw StoreError(errno: errno, path: path) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let item = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &item.pointee.d_name) { start in
        unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name.hasSuffix(suffix), name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes what `write` of an earlier process left unfinished in the folder `path`, if it is there.
  static func removeUnfinished(in path: String) {
    for name in (try? names(in: path, suffix: ".partial")) ?? [] {
      unsafe unlink("\(path)/\(name)")
    }
  }

  static func parent(_ path: String) -> String {
    let trimmed = path.hasSuffix("/") ? path.dropLast() : path[...]
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }
}

/// A lock on a folder that ends with the process that holds it.
final class FolderLock: Sendable {
  private let file: Int32

  /// Takes the lock; throws `StoreError.inUse` when another process has it.
  init(folder: String) throws(StoreError) {
    let path = folder + "/loam.lock"
    file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw StoreError(errno: errno, path: path) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(file)
      throw code == EWOULDBLOCK ? .inUse(folder: folder) : StoreError(errno: code, path: path)
    }
  }

  deinit { close(file) }
}
