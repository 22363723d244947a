import Foundation
import Support
import Tensors
import Testing

@testable import Graph

@Suite("A .loam file")
struct LoamFileTests {
  /// A folder that is removed afterwards.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "loam-file-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  @Test("brings back every field and byte, and is the same each time")
  func roundTrip() throws {
    let network = try TestNetworks.classifier(seed: 31)
    try Self.withFolder { folder in
      let path = folder + "/model.loam"
      try LoamFile.write(network, to: path)
      let file = try LoamFile.open(path)
      let copy = try file.network()
      #expect(copy.nodes == network.nodes && copy.quantisation == network.quantisation)
      #expect(copy.lineage == network.lineage && copy.preprocessing == network.preprocessing)
      #expect(copy.classes == network.classes && copy.shapes == network.shapes)
      #expect(copy.cut == network.cut && copy.bodyNodeCount == network.bodyNodeCount)
      let read = Set(network.nodes.flatMap(\.parameters))
      for name in read {
        let (old, new) = (try #require(network.tensors[name]), try #require(copy.tensors[name]))
        #expect(old.type == new.type && old.shape == new.shape && old.floats() == new.floats())
      }
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      #expect(bytes == (try LoamFile.serialise(network)))
      #expect(bytes == (try LoamFile.serialise(copy)))
      #expect(file.byteCount == bytes.count && file.sha256.count == 64)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.loam"])
    }
  }

  @Test("keeps a constant whose name begins like that of a gap")
  func paddingName() throws {
    var graph = GraphMaker.classifier(seed: 32, classes: 3)
    for index in graph.nodes.indices {
      let name = graph.nodes[index].name
      graph.nodes[index].name = "__pad" + name
      graph.nodes[index].parameters = graph.nodes[index].parameters.map { "__pad" + $0 }
    }
    graph.constants = Dictionary(
      uniqueKeysWithValues: graph.constants.map { ("__pad" + $0.key, $0.value) })
    let fused = try graph.fused()
    let network = try TestNetworks.quantised(fused, cut: fused.defaultCut ?? "")
    let copy = try LoamFile.parse(try LoamFile.serialise(network)).network()
    #expect(copy.nodes == network.nodes)
  }

  @Test("is what readers of safetensors expect: no gaps, everything at multiples of 64")
  func layout() throws {
    let bytes = try LoamFile.serialise(try TestNetworks.classifier(seed: 32))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    #expect((8 + length) % 64 == 0)
    let json = try JSONSerialization.jsonObject(with: Data(bytes[8..<(8 + length)]))
    let header = try #require(json as? [String: [String: Any]])
    var ranges: [(Int, Int)] = []
    for (name, entry) in header where name != "__metadata__" {
      let offsets = try #require(entry["data_offsets"] as? [Int])
      ranges.append((offsets[0], offsets[1]))
      if !name.hasPrefix("__pad") { #expect(offsets[0] % 64 == 0, "\(name)") }
    }
    ranges.sort { $0 < $1 }
    var end = 0
    for range in ranges {
      #expect(range.0 == end)
      end = range.1
    }
    #expect(8 + length + end == bytes.count)
    let metadata = try #require(header["__metadata__"] as? [String: String])
    #expect(metadata["loam"]?.contains("\"op\":\"globalAveragePool\"") == true)
  }

  @Test("a write that fails leaves the old file and no other")
  func failedWrite() throws {
    let network = try TestNetworks.classifier(seed: 33)
    try Self.withFolder { folder in
      let path = folder + "/model.loam"
      // A folder stands where the file should go: the rename fails.
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      #expect(throws: LoamFileError.self) { try LoamFile.write(network, to: path) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.loam"])
      let lost = folder + "/nowhere/model.loam"
      #expect(throws: LoamFileError.self) { try LoamFile.write(network, to: lost) }
    }
  }

  @Test("missing, a folder, empty, text: each is named for what it is")
  func wrongFiles() throws {
    try Self.withFolder { folder in
      #expect {
        try LoamFile.open(folder + "/none.loam")
      } throws: { error in
        if case .unreadable = error as? LoamFileError { true } else { false }
      }
      #expect(throws: LoamFileError.unreadable(path: folder, why: "it is not a regular file")) {
        try LoamFile.open(folder)
      }
      #expect(throws: LoamFileError.notLoam(path: "p", found: "an empty file")) {
        try LoamFile.parse([], path: "p")
      }
      #expect {
        try LoamFile.parse(Array("hello, this is not a model at all".utf8))
      } throws: { error in
        if case .notLoam = error as? LoamFileError { true } else { false }
      }
    }
  }

  @Test("cut anywhere, it is refused")
  func truncated() throws {
    let bytes = try LoamFile.serialise(try TestNetworks.classifier(seed: 34))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let cuts = Array(0..<(8 + length)) + Array(stride(from: 8 + length, to: bytes.count, by: 61))
    for cut in cuts + [bytes.count - 1] {
      #expect(throws: LoamFileError.self, "cut at \(cut)") {
        try LoamFile.parse(Array(bytes[..<cut]))
      }
    }
  }

  @Test("a flipped bit is refused or changes nothing but texts")
  func flipped() throws {
    let network = try TestNetworks.classifier(seed: 35)
    let bytes = try LoamFile.serialise(network)
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    var random = SeededRandom(seed: 35)
    var accepted = 0
    for _ in 0..<400 {
      var damaged = bytes
      damaged[random.below(8 + length)] ^= 1 << UInt8(random.below(8))
      guard let copy = try? LoamFile.parse(damaged).network() else { continue }
      accepted += 1
      #expect(copy.lineage.bodySHA256 == network.lineage.bodySHA256)
    }
    #expect(accepted < 200)
    let weights = try #require(network.tensors[network.nodes[0].parameters[0]])
    #expect(weights.type == .int8)
    var damaged = bytes
    damaged[8 + length] ^= 1
    #expect {
      try LoamFile.parse(damaged).network()
    } throws: { error in
      if case .bodyChanged = error as? LoamFileError { true } else { false }
    }
  }

  @Test(
    "what is prepared while its bytes are looked at comes out only if they are unchanged",
    arguments: [false, true], [false, true])
  func preparing(isShared: Bool, hasChecksum: Bool) throws {
    struct Failure: Error {}
    let network = try TestNetworks.classifier(seed: 36)
    var bytes = try LoamFile.serialise(network)
    if !hasChecksum { bytes = Self.withoutChecksum(bytes) }
    let side = isShared ? SideThread() : nil
    #expect(!isShared || side != nil || sysconf(Int32(_SC_NPROCESSORS_ONLN)) == 1)
    /// What comes of `bytes`, or the error.
    func outcome(_ bytes: [UInt8], _ use: (Network) throws -> Int) -> Result<Int, any Error> {
      Result {
        try LoamFile.network(
          storage: TensorBytes(copying: bytes.span), path: "p", side: side
        ) { network, given in
          #expect((given == nil) == (side == nil))
          return try use(network)
        }
      }
    }
    #expect(try outcome(bytes) { $0.nodes.count }.get() == network.nodes.count)
    #expect(throws: Failure.self) { try outcome(bytes) { _ in throw Failure() }.get() }
    #expect(throws: LoamFileError.self) { try outcome(Array(bytes.dropLast(9))) { _ in 0 }.get() }
    var damaged = bytes
    damaged[Self.dataStart(bytes)] ^= 1
    var isPrepared = false
    // Whatever goes wrong with changed bytes, that they were changed is what one must know.
    for fails in [false, true] {
      let outcome = outcome(damaged) { network in
        isPrepared = true
        if fails { throw Failure() }
        return network.nodes.count
      }
      #expect {
        try outcome.get()
      } throws: { error in
        switch error as? LoamFileError {
        case .bytesChanged: hasChecksum
        case .bodyChanged: !hasChecksum
        default: false
        }
      }
    }
    #expect(isPrepared)
  }

  @Test(
    "a tail whose numbers are not finite is found, whatever its checksum", arguments: [false, true])
  func tailNumbers(isShared: Bool) throws {
    let network = try TestNetworks.classifier(seed: 39)
    var bytes = try LoamFile.serialise(network)
    let name = try #require(network.tail.last { !$0.parameters.isEmpty }?.parameters.first)
    let tensor = try #require(network.tensors[name])
    let plain = try #require(Self.place(of: tensor, in: bytes))
    // The exponent of the first number, of either size.
    bytes[plain + tensor.type.byteCount - 1] = 0x7f
    bytes[plain + tensor.type.byteCount - 2] = 0xff
    let changed = Self.summed(Array(bytes.dropLast(Checksum.byteCount)))
    #expect(throws: LoamFileError.network(path: "p", .notFinite(parameter: name))) {
      try LoamFile.network(
        storage: TensorBytes(copying: changed.span), path: "p", side: isShared ? SideThread() : nil
      ) { network, _ in network }
    }
  }

  @Test("a changed byte anywhere behind the header is found, and bytes behind the end")
  func anyByte() throws {
    let network = try TestNetworks.classifier(seed: 40)
    let bytes = try LoamFile.serialise(network)
    let tail = try #require(network.tail.last { !$0.parameters.isEmpty }?.parameters.first)
    let weights = try #require(network.tensors[tail])
    let tailStart = try #require(Self.place(of: weights, in: bytes))
    for place in [Self.dataStart(bytes), tailStart, bytes.count - 9, bytes.count - 1] {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect {
        try LoamFile.network(
          storage: TensorBytes(copying: damaged.span), path: "p", side: nil
        ) { network, _ in network }
      } throws: { error in
        if case .bytesChanged = error as? LoamFileError { true } else { false }
      }
      #expect(throws: LoamFileError.self) { try LoamFile.parse(damaged).network() }
    }
    for count in [1, 64] {
      let longer = bytes + [UInt8](repeating: 0, count: count)
      #expect(
        throws: LoamFileError.header(path: "p", why: "\(count) B lie behind the last tensor")
      ) { try LoamFile.parse(longer, path: "p") }
    }
  }

  @Test("the shipped model is what this program writes")
  func shipped() throws {
    let network = try LoamFile.open(TestNetworks.shipped).network()
    let file = try Data(contentsOf: URL(filePath: TestNetworks.shipped))
    #expect(try LoamFile.serialise(network) == Array(file))
  }

  @Test("the checksum is XXH3's")
  func checksum() {
    // The 64-bit values of python-xxhash 4.1.0 for nothing and for the bytes 0...255 four times.
    #expect(Self.summed([]) == [0xc2, 0x94, 0xd3, 0x38, 0x05, 0x80, 0x06, 0x2d])
    let bytes = (0..<1024).map { UInt8($0 % 256) }
    #expect(Self.summed(bytes).suffix(8) == [0x22, 0x8d, 0x39, 0x84, 0x29, 0xf9, 0x70, 0xa8])
  }

  @Test("a mapped file is the same network whether it is prepared meanwhile or not")
  func mapped() throws {
    let network = try TestNetworks.classifier(seed: 38)
    try Self.withFolder { folder in
      let path = folder + "/model.loam"
      try LoamFile.write(network, to: path)
      let copy = try LoamFile.network(at: path) { network, _ in network }
      #expect(copy.lineage == network.lineage && copy.nodes == network.nodes)
      #expect(try LoamFile.serialise(copy) == (try LoamFile.serialise(network)))
      #expect(throws: LoamFileError.self) {
        try LoamFile.network(at: folder) { network, _ in network }
      }
    }
  }

  /// `bytes` and their checksum.
  private static func summed(_ bytes: [UInt8]) -> [UInt8] {
    let checksum = Checksum()
    checksum.add(bytes.span)
    return bytes + checksum.bytes
  }

  /// Where the tensors begin.
  private static func dataStart(_ bytes: [UInt8]) -> Int {
    8 + (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
  }

  /// The file with a name in the checksum's place that says nothing.
  private static func withoutChecksum(_ bytes: [UInt8]) -> [UInt8] {
    let (name, other) = (Array("__checksum".utf8), Array("__pad99999".utf8))
    var bytes = bytes
    for start in 0..<dataStart(bytes) where Array(bytes[start..<(start + name.count)]) == name {
      bytes.replaceSubrange(start..<(start + name.count), with: other)
    }
    return bytes
  }

  /// Where `tensor` lies in `bytes`.
  private static func place(of tensor: StoredTensor, in bytes: [UInt8]) -> Int? {
    let wanted = tensor.bytes.indices.map { tensor.bytes[$0] }
    return stride(from: dataStart(bytes), to: bytes.count - wanted.count, by: 64).first {
      bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
    }
  }
}
