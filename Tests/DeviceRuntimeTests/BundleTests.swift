import DeviceRuntime
import Exchange
import Foundation
import Graph
import Testing

@Suite("A bundle")
struct BundleTests {
  @Test("names the hash of each file, and replaces an older bundle whole")
  func manifest() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    let output = world.folder + "/bundle"
    let first = try Bundle.export(store: world.store, to: output)
    try World.live(device, rounds: 1)
    let second = try Bundle.export(store: world.store, to: output)
    #expect(first.version == 1 && second.version == 2)
    #expect(first.files["model.onnx"] != second.files["model.onnx"])
    for (name, hash) in second.files {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(output)/\(name)")))
      #expect(sha256Text(bytes) == hash)
    }
    let network = try LoamFile.open(output + "/model.loam").network()
    #expect(network.lineage.labels == 4)
    let left = try FileManager.default.contentsOfDirectory(atPath: world.folder)
    #expect(!left.contains { $0.hasSuffix(".part") })
  }

  @Test("never replaces a folder that is no bundle")
  func foreignFolder() throws {
    let world = try World()
    _ = try world.device()
    let output = world.folder + "/precious"
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(filePath: output + "/file"))
    #expect(throws: BundleError.self) { try Bundle.export(store: world.store, to: output) }
    #expect(FileManager.default.fileExists(atPath: output + "/file"))
  }
}
