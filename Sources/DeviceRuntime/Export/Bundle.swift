import Exchange
import FoundationEssentials
import Glibc
import Graph
import SampleStore
package import Sync

/// Why a bundle could not be made.
package enum BundleError: Error, CustomStringConvertible {
  case outputExists(path: String)
  case notWritable(path: String, why: String)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .outputExists(let path):
      "\(path): is there already and is no bundle of Loam's; name another --output"
    case .notWritable(let path, let why):
      "\(path): cannot be written: \(why); check permissions and free space"
    }
  }
}

/// What goes home from a device: a folder with the model in two formats, the labels that made it, figures,
/// and a manifest with the hash of each file.
///
/// Everything in it comes from the store: one state of a store gives the same bytes, whenever it is
/// exported. A signature of the manifest would lie beside it as `manifest.sig`.
package enum Bundle {
  /// What stands in `manifest.json`.
  package typealias Manifest = BundleManifest

  /// Program and version, as they stand in the manifest.
  package static let code = "loam \(programVersion)"

  /// Writes the active model of the store in `store` to the folder `output`, with its labels and figures.
  ///
  /// The folder is made under a temporary name, synced and renamed; a bundle that was there is
  /// replaced only by a whole one. `device` is named in the manifest.
  /// - Complexity: O(model + labels), the labels in memory.
  @discardableResult
  package static func export(
    store folder: String, to output: String, device: Manifest.Device? = nil
  ) throws -> Manifest {
    let content = try BundleContent.read(store: folder, device: device)
    return try write(content, to: output)
  }

  /// Writes `content` to the folder `output`.
  static func write(_ content: BundleContent, to output: String) throws -> Manifest {
    var output = output
    while output.count > 1, output.hasSuffix("/") { output.removeLast() }
    let files = FileManager.default
    if files.fileExists(atPath: output) {
      let found = Set((try? files.contentsOfDirectory(atPath: output)) ?? ["?"])
      let ours = Set(Manifest.requiredFiles + [Manifest.name, Manifest.signatureName])
      guard found.contains(Manifest.name), found.isSubset(of: ours) else {
        throw BundleError.outputExists(path: output)
      }
    }
    let staging = "\(output).\(getpid()).part"
    do {
      try? files.removeItem(atPath: staging)
      try files.createDirectory(atPath: staging, withIntermediateDirectories: true)
      try LoamFile.write(content.network, to: "\(staging)/model.loam")
      try ONNXExporter.write(content.network, to: "\(staging)/model.onnx")
      try writeDurably(content.labelsCSV, to: "\(staging)/labels.csv")
      try writeDurably(content.metricsJSON, to: "\(staging)/metrics.json")
      var manifest = content.manifest
      for name in Manifest.requiredFiles {
        manifest.files[name] = try file("\(staging)/\(name)")
      }
      try writeDurably(try manifest.encoded(), to: "\(staging)/\(Manifest.name)")
      try syncFolder(staging)
      try put(staging, inPlaceOf: output)
      let parent = URL(filePath: output).deletingLastPathComponent().path
      try syncFolder(parent.isEmpty ? "." : parent)
      return manifest
    } catch {
      try? files.removeItem(atPath: staging)
      throw error
    }
  }

  /// Gives the folder `staging` the name `output`; a bundle of that name steps aside first, and goes
  /// once the new one is in its place. A power cut in between leaves the old one as `output.PID.old`.
  private static func put(_ staging: String, inPlaceOf output: String) throws {
    let files = FileManager.default
    let old = "\(output).\(getpid()).old"
    try? files.removeItem(atPath: old)
    let replaces = unsafe rename(output, old) == 0
    guard unsafe rename(staging, output) == 0 else {
      let why = errorText(errno)
      if replaces { _ = unsafe rename(old, output) }
      throw BundleError.notWritable(path: output, why: why)
    }
    if replaces { try? files.removeItem(atPath: old) }
  }

  private static func file(_ path: String) throws -> Manifest.File {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BundleError.notWritable(path: path, why: "it went away")
    }
    return Manifest.File(bytes: data.count, sha256: sha256Text(Array(data)))
  }

  private static func writeDurably(_ bytes: [UInt8], to path: String) throws {
    do { try Data(bytes).write(to: URL(filePath: path)) } catch {
      throw BundleError.notWritable(path: path, why: "writing failed")
    }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw BundleError.notWritable(path: path, why: errorText(errno))
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw BundleError.notWritable(path: path, why: errorText(errno))
    }
  }
}
