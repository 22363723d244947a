import Glibc

/// Whole files in and out.
package enum FileAccess {
  /// The first `count` bytes of the regular file at `path`, or all if it has fewer.
  static func beginning(of path: String, count: Int) throws(ExchangeError) -> [UInt8] {
    try read(path, limit: count, isBeginning: true)
  }

  /// The bytes of the regular file at `path`, at most `limit` of them; a longer one is refused unless its
  /// beginning is asked for.
  static func read(
    _ path: String, limit: Int, isBeginning: Bool = false
  ) throws(ExchangeError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, why: systemError()) }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      throw .unreadable(path: path, why: systemError())
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, why: "it is not a regular file")
    }
    let size = isBeginning ? min(limit, Int(information.st_size)) : Int(information.st_size)
    guard size <= limit else { throw .tooLarge(path: path, found: size, limit: limit) }
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = unsafe Glibc.read(
          descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        if got > 0 {
          count += got
        } else if got == 0 {
          break
        } else if errno != EINTR {
          failure = errno
          break
        }
      }
    }
    guard failure == 0 else { throw .unreadable(path: path, why: systemError(failure)) }
    return bytes
  }

  /// Throws what `write` to `path` would for its folder, before hours of work that would be lost.
  package static func checkWritable(_ path: String) throws(ExchangeError) {
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = unsafe open(temporary, O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unwritable(path: path, step: "creating '\(temporary)'", why: systemError())
    }
    close(descriptor)
    unsafe unlink(temporary)
  }

  /// Puts `bytes` under the name `path` once all of them are on disk; until then, and after a
  /// failure, what was there before stays.
  package static func write(_ bytes: [UInt8], to path: String) throws(ExchangeError) {
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = unsafe open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unwritable(path: path, step: "creating '\(temporary)'", why: systemError())
    }
    do throws(ExchangeError) {
      defer { close(descriptor) }
      try append(bytes, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else {
        throw .unwritable(path: path, step: "syncing", why: systemError())
      }
      guard unsafe rename(temporary, path) == 0 else {
        throw .unwritable(path: path, step: "renaming", why: systemError())
      }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }

  private static func append(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(ExchangeError) {
    var done = 0
    while done < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if written > 0 {
        done += written
      } else if written == 0 || errno != EINTR {
        throw .unwritable(path: path, step: "writing", why: systemError())
      }
    }
  }

  private static func syncFolder(of path: String) throws(ExchangeError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let handle = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else {
      throw .unwritable(path: path, step: "opening its folder", why: systemError())
    }
    defer { close(handle) }
    guard fsync(handle) == 0 else {
      throw .unwritable(path: path, step: "syncing its folder", why: systemError())
    }
  }

  private static func systemError(_ code: Int32 = errno) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
