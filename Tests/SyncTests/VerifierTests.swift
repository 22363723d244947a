import Foundation
import Graph
import Sync
import Testing

@Suite("Checking a bundle")
struct VerifierTests {
  @Test("finds a whole one whole, as a folder and as an archive of equal bytes each time")
  func whole() throws {
    let folder = try TestFolder()
    let bundle = try folder.bundle("cam-7", version: 7)
    let found = try BundleVerifier.verify(bundle)
    #expect(found.problems == [] && found.ok && found.version == 7)
    #expect(found.files.map(\.name) == BundleManifest.requiredFiles)
    #expect(found.classes == ["a", "b", "c", "d"])
    try BundleArchive.make(bundle: bundle, to: folder.path + "/one.tar")
    try BundleArchive.make(bundle: bundle + "/", to: folder.path + "/two.tar")
    #expect(try folder.read("one.tar") == folder.read("two.tar"))
    let archive = try BundleVerifier.verify(folder.path + "/one.tar")
    #expect(archive.problems == [] && archive.archive)
    #expect(archive.manifest_sha256 == found.manifest_sha256)
    #expect(try folder.names() == ["cam-7", "one.tar", "two.tar"])
  }

  @Test("finds each file that is missing, longer, changed or additional")
  func damage() throws {
    for name in BundleManifest.requiredFiles + [BundleManifest.name] {
      let folder = try TestFolder()
      let bundle = try folder.bundle("cam-1")
      var bytes = try folder.read("cam-1/\(name)")
      bytes[bytes.count / 2] ^= 1
      try folder.write(bytes, "cam-1/\(name)")
      #expect(try !BundleVerifier.verify(bundle).ok, "\(name) with a bit flipped")
      bytes[bytes.count / 2] ^= 1
      try folder.write(bytes + [0], "cam-1/\(name)")
      if name != BundleManifest.name {
        #expect(try !BundleVerifier.verify(bundle).ok, "\(name) with a byte more")
      }
      try FileManager.default.removeItem(atPath: "\(bundle)/\(name)")
      let missing = try BundleVerifier.verify(bundle)
      #expect(missing.problems.contains { $0.contains(name) && $0.contains("missing") })
    }
    let folder = try TestFolder()
    let bundle = try folder.bundle("cam-1")
    try folder.write([1], "cam-1/more.txt")
    #expect(try BundleVerifier.verify(bundle).problems.count == 1)
    try FileManager.default.removeItem(atPath: "\(bundle)/more.txt")
    try folder.write([1], "cam-1/manifest.sig")
    #expect(try BundleVerifier.verify(bundle).ok, "room for a signature")
  }

  @Test("follows no link and opens nothing but files")
  func links() throws {
    let folder = try TestFolder()
    let bundle = try folder.bundle("cam-1")
    try FileManager.default.moveItem(
      atPath: "\(bundle)/model.onnx", toPath: "\(folder.path)/elsewhere")
    try FileManager.default.createSymbolicLink(
      atPath: "\(bundle)/model.onnx", withDestinationPath: "\(folder.path)/elsewhere")
    let found = try BundleVerifier.verify(bundle)
    #expect(found.problems.contains { $0.contains("model.onnx") && $0.contains("regular") })
    try FileManager.default.removeItem(atPath: "\(bundle)/model.onnx")
    #expect(unsafe mkfifo("\(bundle)/model.onnx", 0o600) == 0)
    #expect(try !BundleVerifier.verify(bundle).ok)
  }

  @Test("refuses a manifest that another reader could understand otherwise")
  func manifests() throws {
    let folder = try TestFolder()
    let bundle = try folder.bundle("cam-1")
    let text = String(decoding: try folder.read("cam-1/manifest.json"), as: UTF8.self)
    func problems(_ manifest: String) throws -> String {
      try folder.write(Array(manifest.utf8), "cam-1/manifest.json")
      return try BundleVerifier.verify(bundle).problems.joined(separator: "\n")
    }
    #expect(try problems(text) == "")
    #expect(try problems("{\"seed\" : 7," + text.dropFirst()).contains("stands twice"))
    #expect(try problems("{\"s\\u0065ed\" : 7," + text.dropFirst()).contains("stands twice"))
    func replaced(_ from: String, _ to: String) -> String {
      #expect(text.contains(from))
      return text.replacingOccurrences(of: from, with: to)
    }
    #expect(try problems(replaced("\"format\" : 2", "\"format\" : 3")).contains("newer Loam"))
    #expect(try problems(replaced("\"format\" : 2", "\"format\" : 1")).contains("reads 2"))
    #expect(try problems(replaced("\"format\" : 2", "\"format\" : \"2\"")).contains("format"))
    #expect(try problems(replaced("\"metrics.json\"", "\"../metrics.json\"")).contains("metrics"))
    #expect(
      try problems(
        replaced(
          "\"files\" : {",
          "\"files\" : {\"../x\" : {\"bytes\" : 1, \"sha256\" : \"\(sha256([]))\"},")
      ).contains("'../x'"))
    #expect(try problems(replaced("\"bytes\" : 3,", "\"bytes\" : -3,")).contains("-3 B"))
    #expect(
      try problems(replaced("\"bytes\" : 3,", "\"bytes\" : 4000000000000,")).contains("B in it"))
    #expect(try problems(replaced("\"bytes\" : 3,", "\"bytes\" : 1e999,")) != "")
    #expect(try problems(replaced(sha256(Array("{}\n".utf8)), "AB")).contains("SHA-256"))
    #expect(try problems(String(repeating: "[", count: 100_000)).contains("nested"))
    #expect(try problems("{\"format\":2") != "")
    #expect(try problems("") != "")
    #expect(try problems("\"").contains("without an end"))
    #expect(try problems(String(repeating: " ", count: 2 << 20)).contains("at most"))
    try folder.write([0xFF, 0xFE], "cam-1/manifest.json")
    #expect(try BundleVerifier.verify(bundle).problems.joined().contains("UTF-8"))
  }

  @Test("finds a manifest of other classes or another lineage than the model's")
  func otherModel() throws {
    let folder = try TestFolder()
    let classes = try folder.bundle("cam-1") { $0.classes = ["a", "b", "c", "x\u{1b}[2J"] }
    let found = try BundleVerifier.verify(classes)
    #expect(found.problems.contains { $0.contains("classes") })
    #expect(!found.problems.joined().contains("\u{1b}"))
    let lineage = try folder.bundle("cam-2") { $0.lineage.labels = 99 }
    #expect(try BundleVerifier.verify(lineage).problems.contains { $0.contains("lineage") })
    let torn = try folder.bundle("cam-3") {
      let junk = Array("no model".utf8)
      $0.files["model.loam"] = .init(bytes: junk.count, sha256: sha256(junk))
    }
    try folder.write(Array("no model".utf8), "cam-3/model.loam")
    #expect(try BundleVerifier.verify(torn).problems.contains { $0.contains("model.loam") })
  }

  @Test("says that there is nothing")
  func nothing() {
    #expect(throws: SyncError.self) { try BundleVerifier.verify("/nonexistent/bundle") }
  }
}
