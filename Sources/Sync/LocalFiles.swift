import Crypto
import Glibc

/// The few file operations of this module; none follows a symbolic link at the end of its path.
enum LocalFiles {
  /// What lies at a path.
  struct Entry: Hashable, Sendable {
    var isRegular: Bool
    var isFolder: Bool
    var byteCount: Int
    /// Hard links to it.
    var links: Int
  }

  /// What lies at `path` itself; `nil` when there is nothing.
  static func entry(_ path: String) -> Entry? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return Entry(
      isRegular: status.st_mode & S_IFMT == S_IFREG, isFolder: status.st_mode & S_IFMT == S_IFDIR,
      byteCount: Int(status.st_size), links: Int(status.st_nlink))
  }

  /// What `path` leads to, links followed; `nil` when there is nothing.
  static func entryFollowing(_ path: String) -> Entry? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Entry(
      isRegular: status.st_mode & S_IFMT == S_IFREG, isFolder: status.st_mode & S_IFMT == S_IFDIR,
      byteCount: Int(status.st_size), links: Int(status.st_nlink))
  }

  /// `path` as seen from the root.
  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let current = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(current) }
    return unsafe String(cString: current) + "/" + path
  }

  /// The names in `folder`, sorted, without `.` and `..`; more than `limit` are an error.
  static func names(in folder: String, limit: Int) throws(SyncError) -> [String] {
    guard let handle = unsafe opendir(folder) else { throw failure("reading", folder) }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name == "." || name == ".." { continue }
      names.append(name)
      if names.count > limit {
        throw SyncError(
          .localFile, step: "reading \(shown(folder))",
          "more than \(limit) files are in it; this is no folder of Loam's: name another")
      }
    }
    return names.sorted()
  }

  /// Gives `body` the bytes of the regular file at `path` in pieces of at most 64 KiB; returns how many.
  ///
  /// It stops with an error once more than `limit` bytes have come.
  @discardableResult
  static func read(
    _ path: String, limit: Int, _ body: (Span<UInt8>) throws(SyncError) -> Void
  ) throws(SyncError) -> Int {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw failure("reading", path) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw SyncError(
        .localFile, step: "reading \(shown(path))", "not a regular file; give a bundle's own files")
    }
    return try read(file, path: path, count: nil, limit: limit, body)
  }

  /// As above from an open file, `count` bytes or up to its end.
  @discardableResult
  static func read(
    _ file: Int32, path: String, count: Int?, limit: Int,
    _ body: (Span<UInt8>) throws(SyncError) -> Void
  ) throws(SyncError) -> Int {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var done = 0
    while done < count ?? .max {
      let wanted = min(buffer.count, (count ?? .max) - done)
      let got = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, wanted)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw failure("reading", path) }
      if got == 0 { break }
      done += got
      guard done <= limit else {
        throw SyncError(
          .localFile, step: "reading \(shown(path))",
          "more than \(limit) B, which no bundle's file has; check what it is")
      }
      try body(buffer.span.extracting(first: got))
    }
    return done
  }

  /// All bytes of the file at `path`, at most `limit`.
  static func bytes(_ path: String, limit: Int) throws(SyncError) -> [UInt8] {
    var result: [UInt8] = []
    try read(path, limit: limit) { (piece: Span<UInt8>) throws(SyncError) in
      for index in piece.indices { result.append(piece[index]) }
    }
    return result
  }

  /// SHA-256 of the file at `path`, and its size.
  static func hash(_ path: String, limit: Int) throws(SyncError) -> (sha256: String, bytes: Int) {
    var hash = SHA256()
    let count = try read(path, limit: limit) { (piece: Span<UInt8>) throws(SyncError) in
      unsafe piece.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }
    return (hexadecimal(hash.finalize()), count)
  }

  /// Makes the folder `path` unless it is there; its parent has to be.
  static func makeFolder(_ path: String) throws(SyncError) {
    guard unsafe mkdir(path, 0o755) != 0 else { return }
    guard errno == EEXIST, entry(path)?.isFolder == true else { throw failure("making", path) }
  }

  /// Makes the names in `folder` durable.
  static func syncFolder(_ folder: String) throws(SyncError) {
    let handle = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw failure("opening", folder) }
    defer { close(handle) }
    guard fsync(handle) == 0 || errno == EINVAL else { throw failure("syncing", folder) }
  }

  /// Gives `from` the name `to`, in the same file system.
  static func move(_ from: String, to: String) throws(SyncError) {
    guard unsafe rename(from, to) == 0 else { throw failure("renaming \(shown(from)) to", to) }
  }

  /// Removes a folder of files and folders, no deeper than three; what cannot be removed stays.
  static func remove(_ path: String, depth: Int = 3) {
    guard let found = entry(path) else { return }
    guard found.isFolder else {
      _ = unsafe unlink(path)
      return
    }
    if depth > 0, let names = try? names(in: path, limit: 10_000) {
      for name in names { remove("\(path)/\(name)", depth: depth - 1) }
    }
    _ = unsafe rmdir(path)
  }

  /// The last system call's error as a failure of `step` on `path`.
  static func failure(_ step: String, _ path: String) -> SyncError {
    let why = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    return SyncError(
      .localFile, step: "\(step) \(shown(path))",
      "\(why); check that it exists, its permissions and free space")
  }
}

/// `bytes` in lower-case hexadecimal.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef")
  return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

/// A lock on a file that ends with the process that holds it.
package final class FileLock: Sendable {
  private let file: Int32

  /// Takes the lock on `path`, waiting at most `patience`; throws `locked` when another process keeps it.
  init(_ path: String, patience: Duration = .zero, step: String) throws(SyncError) {
    file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw LocalFiles.failure("opening", path) }
    let end = ContinuousClock.now + patience
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR, ContinuousClock.now < end else {
        close(file)
        throw SyncError(
          .locked, step: step,
          "another process holds \(shown(path)); wait until it has ended, then run this again")
      }
      usleep(50_000)
    }
  }

  deinit { close(file) }
}
