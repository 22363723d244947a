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
    _ name: String, version: Int64 = 1, seed: Int = 5,
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
  func queue(_ version: Int64, seed: Int = 5) throws -> OutboxBundle {
    try OutboxBundle(folder: try bundle("outbox/cam-\(version)", version: version, seed: seed))
  }
}

/// SHA-256 in hexadecimal, by another way than the one under test: the verifier's own words.
func sha256(_ bytes: [UInt8]) -> String {
  var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  let constants = (0..<64).map { index -> UInt32 in
    var primes: [Int] = []
    var next = 2
    while primes.count <= index {
      if primes.allSatisfy({ next % $0 != 0 }) { primes.append(next) }
      next += 1
    }
    let root = cbrt(Double(primes[index]))
    return UInt32((root - root.rounded(.down)) * 4_294_967_296)
  }
  var message = bytes + [0x80]
  while message.count % 64 != 56 { message.append(0) }
  message += (0..<8).map { UInt8(truncatingIfNeeded: bytes.count * 8 >> (56 - 8 * $0)) }
  func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value >> count | value << (32 - count)
  }
  for start in stride(from: 0, to: message.count, by: 64) {
    var w = (0..<16).map { word in
      (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(message[start + 4 * word + $1]) }
    }
    for index in 16..<64 {
      let (a, b) = (w[index - 15], w[index - 2])
      let s0 = rotated(a, 7) ^ rotated(a, 18) ^ a >> 3
      let s1 = rotated(b, 17) ^ rotated(b, 19) ^ b >> 10
      w.append(w[index - 16] &+ s0 &+ w[index - 7] &+ s1)
    }
    var v = state
    for index in 0..<64 {
      let s1 = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)
      let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
      let t1 = v[7] &+ s1 &+ choice &+ constants[index] &+ w[index]
      let s0 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)
      let t2 = s0 &+ ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]))
      v = [t1 &+ t2, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
    }
    state = zip(state, v).map { $0 &+ $1 }
  }
  return state.map { word in
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }.joined()
}
