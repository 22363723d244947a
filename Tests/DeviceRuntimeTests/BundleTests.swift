import Board
@testable import DeviceRuntime
import Exchange
import Foundation
import Graph
import SampleStore
import Sync
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
    #expect(first.model == 1 && second.model == 2 && first.version < second.version)
    #expect(first.files["model.onnx"] != second.files["model.onnx"])
    for (name, file) in second.files {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(output)/\(name)")))
      #expect(sha256Text(bytes) == file.sha256 && bytes.count == file.bytes)
    }
    #expect(try BundleVerifier.verify(output).problems == [])
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

  @Test("of one state of a store is the same bytes each time, and tells who said what")
  func sameBytes() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    let place = BundleManifest.Device(id: "d-1", name: "cam")
    for name in ["one", "two"] {
      try Bundle.export(store: world.store, to: "\(world.folder)/\(name)", device: place)
      world.clock.advance(by: .seconds(1000))
    }
    for name in BundleManifest.requiredFiles + [BundleManifest.name] {
      let (one, two) = (
        try Data(contentsOf: URL(filePath: "\(world.folder)/one/\(name)")),
        try Data(contentsOf: URL(filePath: "\(world.folder)/two/\(name)"))
      )
      #expect(one == two, "\(name)")
    }
    let table = try String(contentsOfFile: world.folder + "/one/labels.csv", encoding: .utf8)
    let rows = table.components(separatedBy: "\r\n")
    #expect(rows.first?.hasPrefix("sha256,photo,candidate,decision,class,operator,time,") == true)
    #expect(rows.count == 6 && rows.last == "")
    for row in rows.dropFirst().dropLast() {
      let cells = row.components(separatedBy: ",")
      #expect(cells.count == 11 && cells[3] == "label" && cells[4] == World.truth(cells[1]))
      #expect(cells[6].hasSuffix("Z") && ["yes", "no"].contains(cells[8]))
    }
    let metrics = try Data(contentsOf: URL(filePath: world.folder + "/one/metrics.json"))
    let figures = try #require(try JSONSerialization.jsonObject(with: metrics) as? [String: Any])
    #expect((figures["rounds"] as? [Any])?.count == 2)
    #expect((figures["counts"] as? [String: Int])?["labels"] == 4)
  }

  @Test("goes into the outbox once for each model and set of labels, with growing numbers")
  func queued() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    let first = try Bundle.exportNext(store: world.store)
    #expect(first.isNew && first.bundle.name == "loam-\(first.bundle.version)")
    try device.capture(path: try world.photo(12))
    let same = try Bundle.exportNext(store: world.store)
    #expect(!same.isNew && same.bundle == first.bundle)
    let outbox = Outbox(store: world.store)
    try outbox.markSent(first.bundle)
    #expect(try !Bundle.exportNext(store: world.store).isNew)
    try World.live(device, rounds: 1)
    _ = try DeviceIdentity.make(in: world.store, name: "../Hall 3: cam")
    let second = try Bundle.exportNext(store: world.store)
    #expect(second.isNew && second.bundle.version > first.bundle.version)
    #expect(second.bundle.name == "Hall-3--cam-\(second.bundle.version)")
    #expect(try outbox.unsent() == [second.bundle])
    #expect(try BundleVerifier.verify(second.bundle.path).problems == [])
    let left = try FileManager.default.contentsOfDirectory(atPath: outbox.folder)
    #expect(!left.contains { $0.hasSuffix(".part") })
    try Data("{}".utf8).write(to: URL(filePath: DeviceIdentity.publicPath(in: world.store)))
    #expect(throws: ProvisionError.self) { try Bundle.exportNext(store: world.store) }
  }

  @Test("that was made to be sent over a line leaves no archive behind, whatever comes of it")
  func archiveForLine() throws {
    let world = try World()
    var device: Device? = try world.device()
    let outbox = Outbox(store: world.store)
    func archives() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: outbox.folder).filter {
        $0.hasSuffix(".tar")
      }
    }
    let cancelled = try #require(try device?.bundleForSending())
    #expect(try archives().count == 1)
    device?.bundleWasNotSent(cancelled)
    #expect(try archives() == [])
    // One that the end of the program leaves goes at the next start; nothing else does.
    let left = try #require(try device?.bundleForSending())
    let bundle = try #require(try outbox.unsent().first)
    try Data().write(to: URL(filePath: outbox.folder + "/.\(bundle.name).tar"))
    try Data("mine".utf8).write(to: URL(filePath: outbox.folder + "/mine.tar"))
    device = nil
    device = try world.device()
    #expect(try archives() == ["mine.tar"], "\(left)")
    #expect(try outbox.unsent() == [bundle])
    let sent = try #require(try device?.bundleForSending())
    try device?.bundleWasSent(sent)
    #expect(try archives() == ["mine.tar"])
  }

  @Test("is also one archive, which replaces nothing but another one")
  func archive() throws {
    let world = try World()
    _ = try world.device()
    let output = world.folder + "/bundle.tar"
    for _ in 0..<2 { try Bundle.exportArchive(store: world.store, to: output) }
    let found = try BundleVerifier.verify(output)
    #expect(found.ok && found.archive)
    try Data("mine".utf8).write(to: URL(filePath: output))
    #expect(throws: BundleError.self) { try Bundle.exportArchive(store: world.store, to: output) }
    let left = try FileManager.default.contentsOfDirectory(atPath: world.folder)
    #expect(!left.contains { $0.contains(".work") || $0.contains(".part") })
  }

  @Test("writes cells that no spreadsheet takes for a formula or for two")
  func cells() {
    #expect(LabelTable.cell("cat") == "cat" && LabelTable.cell("") == "")
    #expect(LabelTable.cell("a,b") == "\"a,b\"" && LabelTable.cell("a\"b") == "\"a\"\"b\"")
    #expect(LabelTable.cell("a\r\nb") == "\"a\r\nb\"")
    for start in ["=", "+", "-", "@", "'", "\t"] {
      #expect(LabelTable.cell(start + "1+1") == "'" + start + "1+1")
    }
    #expect(LabelTable.cell("=A1,\"x\"") == "\"'=A1,\"\"x\"\"\"")
  }
}
