import Crypto
import Graph

/// What a check of a bundle found.
package struct BundleVerification: Encodable, Hashable, Sendable {
  /// A file that the manifest names.
  package struct File: Encodable, Hashable, Sendable {
    package var name: String
    package var bytes: Int
    package var sha256: String
  }

  package var path: String
  /// Whether nothing is wrong.
  package var ok: Bool { problems.isEmpty }
  /// What is wrong, each as a sentence for people.
  package var problems: [String] = []
  /// Whether it is an archive, not a folder.
  package var archive: Bool
  /// SHA-256 of the manifest's bytes; `nil` if they could not be read.
  package var manifest_sha256: String?
  package var device: BundleManifest.Device?
  package var version: Int64?
  package var classes: [String] = []
  package var labels: Int?
  package var images: Int?
  package var parent_sha256: String?
  /// The files that are what the manifest says.
  package var files: [File] = []

  private enum CodingKeys: String, CodingKey {
    case path, ok, problems, archive, manifest_sha256, device, version, classes, labels, images
    case parent_sha256, files
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(ok, forKey: .ok)
    try container.encode(problems, forKey: .problems)
    try container.encode(archive, forKey: .archive)
    try container.encodeIfPresent(manifest_sha256, forKey: .manifest_sha256)
    try container.encodeIfPresent(device, forKey: .device)
    try container.encodeIfPresent(version, forKey: .version)
    try container.encode(classes, forKey: .classes)
    try container.encodeIfPresent(labels, forKey: .labels)
    try container.encodeIfPresent(images, forKey: .images)
    try container.encodeIfPresent(parent_sha256, forKey: .parent_sha256)
    try container.encode(files, forKey: .files)
  }
}

/// Checks a bundle against its manifest; nothing in it is trusted.
package enum BundleVerifier {
  /// A model longer than this is not opened from an archive, where it has to be held in memory.
  static let greatestModelInMemory = 256 << 20

  /// Checks the bundle folder or archive at `path`: the manifest, each file's presence, size and hash,
  /// nothing else beside them, and that the model opens and has the manifest's classes.
  ///
  /// Whatever is wrong is in the result. Throws only if `path` cannot be read at all.
  /// - Complexity: reads each file once, the model twice; 64 KiB of memory for a folder.
  package static func verify(_ path: String) throws(SyncError) -> BundleVerification {
    guard let entry = LocalFiles.entry(path) else {
      throw SyncError(
        .localFile, step: shown(path),
        "there is nothing; give a bundle's folder or its .tar archive")
    }
    var result = BundleVerification(path: path, archive: !entry.isFolder)
    do throws(SyncError) {
      let contents: any BundleContents =
        entry.isFolder ? try FolderContents(path) : try ArchiveReader(path)
      try check(contents, into: &result)
    } catch {
      result.problems.append("\(error)")
    }
    return result
  }

  private static func check(
    _ contents: any BundleContents, into result: inout BundleVerification
  ) throws(SyncError) {
    result.problems += contents.strangers
    guard let first = contents.sizes[BundleManifest.name] else {
      result.problems.append("\(BundleManifest.name) is missing: this is no bundle of Loam's")
      return
    }
    guard first <= BundleManifest.greatestByteCount else {
      result.problems.append(
        "\(BundleManifest.name) has \(first) B, at most \(BundleManifest.greatestByteCount) expected"
      )
      return
    }
    let bytes = try contents.bytes(BundleManifest.name)
    result.manifest_sha256 = hexadecimal(SHA256.hash(data: bytes))
    let manifest = try BundleManifest.parse(bytes, path: BundleManifest.name)
    result.device = manifest.device
    result.version = manifest.version
    result.classes = manifest.classes
    result.labels = manifest.labels
    result.images = manifest.images
    result.parent_sha256 = manifest.parentSHA256
    let expected = manifest.files.keys
    for name in contents.sizes.keys.sorted()
    where !expected.contains(name) && name != BundleManifest.name
      && name != BundleManifest.signatureName
    {
      result.problems.append("\(name) is there, but the manifest does not name it: take it out")
    }
    for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
      guard let size = contents.sizes[name] else {
        result.problems.append("\(name) is missing: fetch the bundle again")
        continue
      }
      guard size == file.bytes else {
        result.problems.append("\(name) has \(size) B, \(file.bytes) B expected: fetch it again")
        continue
      }
      let found = try contents.hash(name)
      guard found == file.sha256 else {
        result.problems.append(
          "\(name) has the hash \(found), \(file.sha256) expected: fetch it again")
        continue
      }
      result.files.append(.init(name: name, bytes: size, sha256: found))
    }
    // A model that is not the manifest's would say nothing new.
    if result.files.contains(where: { $0.name == "model.loam" }) {
      do throws(SyncError) { try checkModel(try contents.model(), manifest, into: &result) } catch {
        result.problems.append("\(error)")
      }
    }
  }

  private static func checkModel(
    _ model: LoamFile, _ manifest: BundleManifest, into result: inout BundleVerification
  ) throws(SyncError) {
    if model.sha256 != manifest.files["model.loam"]?.sha256 {
      result.problems.append("model.loam changed while it was checked: check it again")
    }
    let network: Network
    do throws(LoamFileError) { network = try model.network() } catch {
      throw SyncError(.damagedBundle, step: "model.loam", shown("\(error)", limit: 500))
    }
    if network.classes != manifest.classes {
      result.problems.append(
        "model.loam has the classes \(shown(network.classes.joined(separator: ", "))), "
          + "the manifest \(shown(manifest.classes.joined(separator: ", "))): export the bundle again"
      )
    }
    if network.lineage != manifest.lineage {
      result.problems.append(
        "model.loam has another lineage than the manifest: export the bundle again")
    }
  }
}

/// The files of a bundle, wherever they lie.
protocol BundleContents {
  /// Each file's size, by name.
  var sizes: [String: Int] { get }
  /// What lies there and is no file of a bundle, as sentences.
  var strangers: [String] { get }
  /// All bytes of a small file.
  func bytes(_ name: String) throws(SyncError) -> [UInt8]
  /// SHA-256 of a file.
  func hash(_ name: String) throws(SyncError) -> String
  /// The model, its header checked.
  func model() throws(SyncError) -> LoamFile
}

/// A bundle that is a folder.
struct FolderContents: BundleContents {
  let path: String
  private(set) var sizes: [String: Int] = [:]
  private(set) var strangers: [String] = []

  init(_ path: String) throws(SyncError) {
    self.path = path
    for name in try LocalFiles.names(in: path, limit: 1000) {
      guard let entry = LocalFiles.entry("\(path)/\(name)"), entry.isRegular else {
        strangers.append("'\(shown(name))' is no regular file: take it out")
        continue
      }
      guard BundleManifest.isFileName(name) else {
        strangers.append("'\(shown(name))' is no name of a bundle's file: take it out")
        continue
      }
      sizes[name] = entry.byteCount
    }
  }

  func bytes(_ name: String) throws(SyncError) -> [UInt8] {
    try LocalFiles.bytes("\(path)/\(name)", limit: BundleManifest.greatestByteCount)
  }

  func hash(_ name: String) throws(SyncError) -> String {
    try LocalFiles.hash("\(path)/\(name)", limit: BundleManifest.greatestFile).sha256
  }

  func model() throws(SyncError) -> LoamFile {
    do throws(LoamFileError) { return try LoamFile.open("\(path)/model.loam") } catch {
      throw SyncError(.damagedBundle, step: "model.loam", shown("\(error)", limit: 500))
    }
  }
}

extension ArchiveReader: BundleContents {
  var sizes: [String: Int] {
    Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.byteCount) })
  }

  var strangers: [String] { [] }

  func bytes(_ name: String) throws(SyncError) -> [UInt8] {
    var result: [UInt8] = []
    try read(try entry(name)) { (piece: Span<UInt8>) throws(SyncError) in
      for index in piece.indices { result.append(piece[index]) }
    }
    return result
  }

  func hash(_ name: String) throws(SyncError) -> String {
    var hash = SHA256()
    try read(try entry(name)) { (piece: Span<UInt8>) throws(SyncError) in
      unsafe piece.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }
    return hexadecimal(hash.finalize())
  }

  func model() throws(SyncError) -> LoamFile {
    let size = try entry("model.loam").byteCount
    guard size <= BundleVerifier.greatestModelInMemory else {
      throw SyncError(
        .damagedBundle, step: "model.loam",
        "\(size) B are too many to check within an archive; unpack it and verify the folder")
    }
    let model = try bytes("model.loam")
    do throws(LoamFileError) {
      return try LoamFile.parse(model, path: "model.loam")
    } catch {
      throw SyncError(.damagedBundle, step: "model.loam", shown("\(error)", limit: 500))
    }
  }

  private func entry(_ name: String) throws(SyncError) -> Entry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw SyncError(.damagedBundle, step: name, "it is missing; fetch the bundle again")
    }
    return entry
  }
}
