import Glibc

/// A file that appears under its name only once all of it is on disk.
final class AtomicFile {
  private let path: String
  private let temporary: String
  private var descriptor: Int32

  /// Creates `PATH.PID.tmp` beside the file to be.
  init(_ path: String) throws(LoamFileError) {
    self.path = path
    temporary = "\(path).\(getpid()).tmp"
    descriptor = unsafe Glibc.open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unwritable(path: path, step: "creating '\(temporary)'", why: systemError())
    }
  }

  /// Appends `bytes`.
  func write(_ bytes: Span<UInt8>) throws(LoamFileError) {
    var done = 0
    while done < bytes.count {
      let rest = bytes.extracting(done...)
      let written = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written > 0 {
        done += written
      } else if written < 0, errno != EINTR {
        throw .unwritable(path: path, step: "writing", why: systemError())
      }
    }
  }

  /// Syncs the file, gives it its name and syncs the folder.
  func commit() throws(LoamFileError) {
    guard fsync(descriptor) == 0 else {
      throw .unwritable(path: path, step: "syncing", why: systemError())
    }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else {
      throw .unwritable(path: path, step: "closing", why: systemError())
    }
    guard unsafe rename(temporary, path) == 0 else {
      throw .unwritable(path: path, step: "renaming", why: systemError())
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let handle = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else {
      throw .unwritable(path: path, step: "opening its folder", why: systemError())
    }
    defer { close(handle) }
    guard fsync(handle) == 0 else {
      throw .unwritable(path: path, step: "syncing its folder", why: systemError())
    }
  }

  /// Removes what was written so far.
  func abandon() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    unsafe unlink(temporary)
  }
}

/// The last system call's error in words.
func systemError() -> String {
  unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
}

extension TensorBytes {
  /// Maps the regular file at `path` for reading.
  static func map(_ path: String) throws(LoamFileError) -> TensorBytes {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, why: systemError()) }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      throw .unreadable(path: path, why: systemError())
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, why: "it is not a regular file")
    }
    guard information.st_size > 0 else { return TensorBytes(copying: [UInt8]().span) }
    let byteCount = Int(information.st_size)
    guard
      let base = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
      unsafe base != MAP_FAILED
    else { throw .unreadable(path: path, why: systemError()) }
    return unsafe TensorBytes(mapping: UnsafeRawPointer(base), byteCount: byteCount)
  }
}
