import Crypto
import Glibc

/// The files of a bundle's archive, found and bounded before anything is read; nothing is unpacked.
struct ArchiveReader {
  /// A file in the archive.
  struct Entry: Hashable, Sendable {
    var name: String
    var offset: Int
    var byteCount: Int
  }

  let path: String
  /// In their order in the archive.
  let entries: [Entry]

  /// Reads the headers of the archive at `path`.
  ///
  /// Throws `damagedBundle` for anything but regular files in one folder: links, devices, names that lead
  /// elsewhere, a name twice, sizes beyond the file, wrong checksums, extended headers, bytes after the end.
  init(_ path: String) throws(SyncError) {
    self.path = path
    func damaged(_ why: String) -> SyncError {
      SyncError(.damagedBundle, step: shown(path), why + "; fetch the archive again")
    }
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw LocalFiles.failure("reading", path) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw damaged("not a regular file")
    }
    let (size, block) = (Int(status.st_size), BundleArchive.block)
    guard size.isMultiple(of: block) else { throw damaged("\(size) B, no multiple of \(block)") }
    var entries: [Entry] = []
    var folder: String?
    var offset = 0
    var ended = false
    while offset < size {
      guard lseek(file, offset, SEEK_SET) == offset else {
        throw LocalFiles.failure("reading", path)
      }
      var header: [UInt8] = []
      try LocalFiles.read(file, path: path, count: block, limit: block) {
        (piece: Span<UInt8>) throws(SyncError) in
        for index in piece.indices { header.append(piece[index]) }
      }
      guard header.count == block else { throw damaged("it ends in a header") }
      offset += block
      if header.allSatisfy({ $0 == 0 }) {
        ended = true
        guard size - offset <= 1 << 20 else { throw damaged("a long tail after its end") }
        continue
      }
      guard !ended else { throw damaged("something comes after its end") }
      let field = try ArchiveHeader(header, damaged: damaged)
      var name = field.name[...]
      if name.hasPrefix("./") { name = name.dropFirst(2) }
      if field.isFolder {
        let own = name.hasSuffix("/") ? name.dropLast() : name
        guard folder == nil, entries.isEmpty, own.isEmpty || BundleManifest.isFileName(own) else {
          throw damaged("a folder '\(shown(name))' in it; expected one, before the files")
        }
        folder = String(own)
        continue
      }
      if let parent = folder, !parent.isEmpty {
        guard name.hasPrefix(parent + "/") else {
          throw damaged("'\(shown(name))' in it is outside of its folder '\(parent)'")
        }
        name = name.dropFirst(parent.count + 1)
      }
      guard BundleManifest.isFileName(name) else {
        throw damaged("a file named '\(shown(name))' in it, which no bundle has")
      }
      guard !entries.contains(where: { $0.name == name }) else {
        throw damaged("'\(name)' is in it twice")
      }
      guard entries.count <= BundleManifest.mostFiles else { throw damaged("too many files in it") }
      guard field.byteCount <= BundleManifest.greatestFile, field.byteCount <= size - offset else {
        throw damaged(
          "'\(name)' is said to have \(field.byteCount) B, \(size - offset) B are left of it")
      }
      entries.append(Entry(name: String(name), offset: offset, byteCount: field.byteCount))
      offset += (field.byteCount + block - 1) / block * block
    }
    guard ended else { throw damaged("it has no end") }
    self.entries = entries
  }

  /// Gives `body` the bytes of `entry` in pieces of at most 64 KiB.
  func read(
    _ entry: Entry, _ body: (Span<UInt8>) throws(SyncError) -> Void
  ) throws(SyncError) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw LocalFiles.failure("reading", path) }
    defer { close(file) }
    guard lseek(file, entry.offset, SEEK_SET) == entry.offset else {
      throw LocalFiles.failure("reading", path)
    }
    try LocalFiles.read(file, path: path, count: entry.byteCount, limit: entry.byteCount, body)
  }
}

/// What a 512-byte header of an archive says.
private struct ArchiveHeader {
  var name: String
  var byteCount: Int
  var isFolder: Bool

  init(_ header: [UInt8], damaged: (String) -> SyncError) throws(SyncError) {
    func octal(_ range: Range<Int>) -> Int? {
      let text = header[range].prefix { $0 != 0 }.drop { $0 == 0x20 }
      let digits = text.prefix { (0x30...0x37).contains($0) }
      guard !digits.isEmpty, text.dropFirst(digits.count).allSatisfy({ $0 == 0x20 }) else {
        return nil
      }
      return digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
    }
    guard header[257..<262].elementsEqual("ustar".utf8) else {
      throw damaged("no header of a 'ustar' archive where one was expected")
    }
    let sum = header.enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element))
    }
    guard octal(148..<156) == sum else { throw damaged("a header's checksum is wrong") }
    guard let byteCount = octal(124..<136) else { throw damaged("a size that is no number") }
    guard header[345] == 0 else { throw damaged("a name of more than 100 B") }
    guard let name = String(validating: header[0..<100].prefix { $0 != 0 }, as: UTF8.self) else {
      throw damaged("a name that is no UTF-8")
    }
    (self.name, self.byteCount) = (name, byteCount)
    switch header[156] {
    case 0, UInt8(ascii: "0"): isFolder = false
    case UInt8(ascii: "5"): isFolder = true
    case let kind:
      throw damaged(
        "'\(shown(name))' in it is no file (type '\(shown(String(UnicodeScalar(kind))))')")
    }
    if isFolder, byteCount != 0 { throw damaged("a folder with a size") }
  }
}
