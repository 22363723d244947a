import Glibc

/// A bundle as one file: a plain POSIX `ustar` archive that any `tar` unpacks.
///
/// Equal bundles give equal bytes: sorted names, no times, no owners. Inside is one folder of the bundle's
/// name with the files in it.
package enum BundleArchive {
  static let block = 512

  /// Writes the bundle folder at `bundle` to the new file `output`, which is there whole or not at all.
  ///
  /// The bundle's files have to be what its manifest says. Returns the archive's size.
  /// - Complexity: reads each file twice, holds 64 KiB.
  @discardableResult
  package static func make(bundle: String, to output: String) throws(SyncError) -> Int {
    let item = try OutboxBundle(folder: bundle)
    let names = try item.checkedFiles().map(\.name)
    let temporary = "\(output).\(getpid()).part"
    let file = unsafe open(
      temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw LocalFiles.failure("writing", output) }
    var size = 0
    do throws(SyncError) {
      defer { close(file) }
      func put(_ bytes: Span<UInt8>) throws(SyncError) {
        try writeAll(bytes, to: file, path: output)
        size += bytes.count
      }
      try put(header(item.name + "/", byteCount: 0, isFolder: true).span)
      for name in names {
        let path = "\(item.path)/\(name)"
        guard let entry = LocalFiles.entry(path), entry.isRegular else {
          throw LocalFiles.failure("reading", path)
        }
        try put(header("\(item.name)/\(name)", byteCount: entry.byteCount).span)
        let count = try LocalFiles.read(path, limit: entry.byteCount, put)
        guard count == entry.byteCount else {
          throw SyncError(.damagedBundle, step: shown(path), "it changed; export it again")
        }
        try put([UInt8](repeating: 0, count: (block - count % block) % block).span)
      }
      try put([UInt8](repeating: 0, count: 2 * block).span)
      guard fsync(file) == 0 else { throw LocalFiles.failure("syncing", output) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    do throws(SyncError) { try LocalFiles.move(temporary, to: output) } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    try LocalFiles.syncFolder(parentFolder(output))
    return size
  }

  /// The 512 bytes before a file or folder in the archive; `path` takes at most 100 bytes.
  static func header(_ path: String, byteCount: Int, isFolder: Bool = false) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: block)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int, digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    precondition(path.utf8.count <= 100, "'\(path)' is too long for an archive")
    put(path, at: 0)
    put(isFolder ? "0000755" : "0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(byteCount, digits: 11), at: 124)
    put("00000000000", at: 136)
    put("        ", at: 148)
    put(isFolder ? "5" : "0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
    header[154] = 0
    return header
  }
}

/// Writes `bytes` whole, also when the system takes them in pieces.
func writeAll(_ bytes: Span<UInt8>, to file: Int32, path: String) throws(SyncError) {
  var done = 0
  while done < bytes.count {
    let rest = bytes.extracting(done...)
    let count = unsafe rest.withUnsafeBytes {
      unsafe Glibc.write(file, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { throw LocalFiles.failure("writing", path) }
    done += count
  }
}

/// The folder that the last part of `path` lies in.
func parentFolder(_ path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
