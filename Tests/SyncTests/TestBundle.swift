import Crypto
import Foundation
import Graph
import Support
import Sync

/// A folder of its own that goes with its contents when the test is over.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/loam-sync-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], _ name: String) throws {
    let url = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: "\(path)/\(name)")))
  }

  func names(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").sorted()
  }

  /// Makes a small whole bundle in the folder `name`.
  @discardableResult
  func bundle(
    _ name: String, version: Int64 = 1, seed: UInt64 = 5,
    change: (inout BundleManifest) -> Void = { _ in }
  ) throws -> String {
    let network = try TestNetworks.classifier(seed: seed, classes: ["a", "b", "c", "d"])
    let folder = "\(path)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try LoamFile.write(network, to: "\(folder)/model.loam")
    try write(Array("stands for a model \(version)".utf8), "\(name)/model.onnx")
    try write(Array("sha256,photo\r\n".utf8), "\(name)/labels.csv")
    try write(Array("{}\n".utf8), "\(name)/metrics.json")
    let zeros = String(repeating: "0", count: 64)
    var manifest = BundleManifest(
      device: nil, version: version, model: 1, parentSHA256: nil, seed: 7, code: "test",
      classes: network.classes, labels: 0, labelsSHA256: zeros, images: 0, imagesSHA256: zeros,
      accuracy: nil, why: "test", lineage: network.lineage, files: [:])
    for file in BundleManifest.requiredFiles {
      let bytes = try read("\(name)/\(file)")
      manifest.files[file] = .init(bytes: bytes.count, sha256: sha256(bytes))
    }
    change(&manifest)
    try write(try manifest.encoded(), "\(name)/manifest.json")
    return folder
  }

  /// Puts a bundle into the outbox of the store that this folder stands for.
  @discardableResult
  func queue(_ version: Int64, seed: UInt64 = 5) throws -> OutboxBundle {
    try OutboxBundle(folder: try bundle("outbox/cam-\(version)", version: version, seed: seed))
  }
}

/// SHA-256 in hexadecimal.
func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}
