import Crypto
import Exchange
import FoundationEssentials
import Glibc
package import Graph
import SampleStore

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

/// What goes home from a device: a folder with the model in two formats and a manifest.
package enum Bundle {
  /// What stands in `manifest.json`.
  package struct Manifest: Codable, Sendable {
    /// Version of this format.
    package var format = 1
    package var classes: [String]
    package var labels: Int
    /// The store's number of the model, which only grows.
    package var version: Int64
    package var accuracy: Double?
    package var why: String
    package var lineage: Lineage
    /// SHA-256 of each other file of the bundle, by name.
    package var files: [String: String]
  }

  /// Writes the active model of the store in `store` to the folder `output`.
  ///
  /// The folder is made under a temporary name, synced and renamed; a bundle that was there is
  /// replaced only by a whole one.
  @discardableResult
  package static func export(store folder: String, to output: String) throws -> Manifest {
    var output = output
    while output.count > 1, output.hasSuffix("/") { output.removeLast() }
    let (record, network) = try activeModel(folder)
    let files = FileManager.default
    if files.fileExists(atPath: output) {
      let found = (try? files.contentsOfDirectory(atPath: output)) ?? ["?"]
      guard Set(found) == ["model.loam", "model.onnx", "manifest.json"] else {
        throw BundleError.outputExists(path: output)
      }
    }
    let staging = "\(output).\(getpid()).part"
    do {
      try? files.removeItem(atPath: staging)
      try files.createDirectory(atPath: staging, withIntermediateDirectories: true)
      try LoamFile.write(network, to: "\(staging)/model.loam")
      try ONNXExporter.write(network, to: "\(staging)/model.onnx")
      var manifest = Manifest(
        classes: network.classes, labels: record.model.labelCount, version: record.id,
        accuracy: record.model.accuracyAfter, why: record.model.why, lineage: network.lineage,
        files: [:])
      for name in ["model.loam", "model.onnx"] {
        manifest.files[name] = try hash(of: "\(staging)/\(name)")
      }
      try write(manifest, to: "\(staging)/manifest.json")
      try put(staging, inPlaceOf: output)
      let parent = URL(filePath: output).deletingLastPathComponent().path
      try syncFolder(parent.isEmpty ? "." : parent)
      return manifest
    } catch {
      try? files.removeItem(atPath: staging)
      throw error
    }
  }

  /// The active model's record and network; a device that is just activating another one is waited
  /// for, so that both are of one model.
  private static func activeModel(_ folder: String) throws -> (ModelRecord, Network) {
    let store = try SampleStore.openReadOnly(folder)
    let slots = try ModelSlots(folder: "\(folder)/models")
    for _ in 0..<40 {
      if let record = try store.activeModel(), let path = slots.active {
        let file = try LoamFile.open(path)
        if file.sha256 == record.model.sha256 { return (record, try file.network()) }
      }
      usleep(50_000)
    }
    throw ModelSlotsError.noActiveModel(folder: folder)
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

  private static func hash(of path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BundleError.notWritable(path: path, why: "it went away")
    }
    return sha256Text(Array(data))
  }

  private static func write(_ manifest: Manifest, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try encoder.encode(manifest).write(to: URL(filePath: path))
    let descriptor = unsafe open(path, O_RDONLY)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw BundleError.notWritable(path: path, why: errorText(errno))
    }
  }
}
