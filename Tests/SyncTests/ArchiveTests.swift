import Foundation
import Sync
import Testing

@Suite("An archive that is not what it should be")
struct ArchiveTests {
  /// A header of an archive, its checksum right.
  static func header(
    _ name: String, size: String = "00000000001", type: Character = "0", prefix: UInt8 = 0
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      for (index, byte) in text.utf8.enumerated() { bytes[offset + index] = byte }
    }
    put(name, 0)
    put("0000644", 100)
    put(size, 124)
    put("        ", 148)
    put(String(type), 156)
    put("ustar\u{0}00", 257)
    bytes[345] = prefix
    let sum = String(bytes.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0}", 148)
    return bytes
  }

  static let data = [UInt8](repeating: 7, count: 512)
  static let end = [UInt8](repeating: 0, count: 1024)

  @Test(
    "is refused, and says why",
    arguments: [
      ("link", header("b/x", type: "2") + end, "type '2'"),
      ("hard link", header("b/x", type: "1") + end, "type '1'"),
      ("device", header("b/x", type: "3") + end, "type '3'"),
      ("pax header", header("b/x", type: "x") + data + end, "type 'x'"),
      ("absolute", header("/etc/passwd") + data + end, "'/etc/passwd'"),
      ("upwards", header("../x") + data + end, "'../x'"),
      ("upwards below", header("b/../../x") + data + end, "'b/../../x'"),
      ("hidden", header(".ssh") + data + end, "'.ssh'"),
      ("escape", header("a\u{1b}[2J") + data + end, "a\\u{1b}[2J"),
      ("twice", header("x") + data + header("x") + data + end, "twice"),
      ("folder upwards", header("../", size: "0", type: "5") + end, "'../'"),
      (
        "beside its folder",
        header("b/", size: "00000000000", type: "5") + header("c/x") + data + end, "outside"
      ),
      (
        "two folders",
        header("b/", size: "00000000000", type: "5") + header("c/", size: "0", type: "5") + end,
        "expected one"
      ),
      ("vast", header("x", size: "77777777777") + data + end, "are left"),
      ("no number", header("x", size: "0000000000z") + data + end, "no number"),
      ("negative", header("x", size: "-0000000001") + data + end, "no number"),
      ("long name", header("x", prefix: 65) + data + end, "100 B"),
      ("no end", header("x") + data, "no end"),
      ("after the end", end + header("x") + data + end, "after its end"),
      ("no archive", data, "ustar"),
      ("odd size", [1, 2, 3], "multiple"),
      ("empty", [], "no end"),
      ("nothing in it", end, "manifest.json is missing"),
    ] as [(String, [UInt8], String)])
  func refused(_ what: String, _ bytes: [UInt8], _ why: String) throws {
    let folder = try TestFolder()
    try folder.write(bytes, "x.tar")
    let found = try BundleVerifier.verify(folder.path + "/x.tar")
    #expect(found.problems.contains { $0.contains(why) }, "\(what): \(found.problems)")
    #expect(!found.problems.joined().contains("\u{1b}"))
  }

  @Test("with a bit flipped or cut short anywhere never passes")
  func flipped() throws {
    let folder = try TestFolder()
    let bundle = try folder.bundle("cam-1")
    try BundleArchive.make(bundle: bundle, to: folder.path + "/x.tar")
    let whole = try folder.read("x.tar")
    // Where nothing has a meaning: owners, times, the gaps after a file.
    var seed: UInt64 = 1
    for round in 0..<200 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let place = Int(seed >> 33) % whole.count
      var bytes = Array(whole)
      if round.isMultiple(of: 2) {
        bytes[place] ^= 1 << UInt8(round / 2 % 8)
      } else {
        bytes = Array(bytes.prefix(place))
      }
      try folder.write(bytes, "y.tar")
      let found = try BundleVerifier.verify(folder.path + "/y.tar")
      if found.ok {
        // Only a zero after a file's end, or one of the two blocks of zeros at the end, can change unseen.
        #expect(round.isMultiple(of: 2) || place >= whole.count - 512 || whole[place] == 0)
        #expect(found.files.count == 4)
      }
    }
  }

  @Test("is not made of a bundle that is spoilt")
  func spoilt() throws {
    let folder = try TestFolder()
    let bundle = try folder.bundle("cam-1")
    try folder.write([1, 2, 3], "cam-1/labels.csv")
    #expect { try BundleArchive.make(bundle: bundle, to: folder.path + "/x.tar") } throws: {
      ($0 as? SyncError)?.kind == .damagedBundle
    }
    #expect(try folder.names() == ["cam-1"])
  }
}
