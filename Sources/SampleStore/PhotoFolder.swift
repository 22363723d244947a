internal import Glibc

/// Photos in files named by their SHA-256, in 256 folders: `ab/abcdef….jpg`.
package struct PhotoFolder: Hashable, Sendable {
  /// The folder that holds the 256 others.
  package let path: String

  /// Path of the photo with the hash `sha256`, whether it is there or not.
  package func path(of sha256: String) throws(StoreError) -> String {
    try Self.check(sha256)
    return "\(path)/\(sha256.prefix(2))/\(sha256).jpg"
  }

  /// Whether the photo is there.
  package func contains(_ sha256: String) throws(StoreError) -> Bool {
    Files.byteCount(try path(of: sha256)) != nil
  }

  /// Stores the `bytes` of a photo whose hash is `sha256`; returns its path once they are durable.
  ///
  /// A photo that is there already is left alone.
  @discardableResult
  package func store(_ bytes: [UInt8], sha256: String) throws(StoreError) -> String {
    let file = try path(of: sha256)
    if Files.byteCount(file) == bytes.count { return file }
    try Files.makeFolder(path)
    try Files.makeFolder(Files.parent(file))
    try Files.write(bytes, to: file)
    return file
  }

  /// Removes the photo; one that is not there is no error.
  package func remove(_ sha256: String) throws(StoreError) {
    let file = try path(of: sha256)
    guard unsafe unlink(file) != 0, errno != ENOENT else { return }
    throw StoreError(errno: errno, path: file)
  }

  /// Gives the file `source`, durable and of the same file system, a second name as the photo
  /// `sha256`; returns once that is durable. Where files cannot have two names it is written anew.
  @discardableResult
  package func adopt(
    _ source: String, _ bytes: [UInt8], sha256: String
  ) throws(StoreError) -> String {
    let file = try path(of: sha256)
    if Files.byteCount(file) == bytes.count { return file }
    try Files.makeFolder(path)
    let folder = Files.parent(file)
    try Files.makeFolder(folder)
    guard unsafe link(source, file) == 0 else { return try store(bytes, sha256: sha256) }
    try Files.syncFolder(folder)
    return file
  }

  /// Removes photos that a process which was cut off has left unfinished.
  ///
  /// Only for who alone writes photos. Looks into each of the folders: some milliseconds.
  func removeUnfinished() {
    for name in (try? Files.names(in: path, suffix: "")) ?? [] where name.utf8.count == 2 {
      Files.removeUnfinished(in: "\(path)/\(name)")
    }
  }

  /// Throws `StoreError.badHash` unless `text` is a SHA-256 in lower-case hexadecimal.
  static func check(_ text: String) throws(StoreError) {
    let digits = text.utf8
    guard digits.count == 64,
      digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { throw .badHash(text) }
  }
}
