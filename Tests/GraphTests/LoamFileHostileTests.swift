import Foundation
import Support
import Tensors
import Testing

@testable import Graph

/// Headers that someone wrote to do harm.
@Suite("A hostile .loam file")
struct LoamFileHostileTests {
  static func file(header: String, body: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let bytes = Array(header.utf8)
    let count = length ?? UInt64(bytes.count)
    return (0..<UInt64(8)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + bytes + body
  }

  static func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"__metadata__\":{\"loam\":\"{}\"},\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),"
      + "\"data_offsets\":\(offsets)}}"
  }

  @Test(
    "is refused before anything is read",
    arguments: [
      file(header: "{}", length: .max),
      file(header: "{}", length: UInt64(Int64.max)),
      file(header: "{}", length: 1 << 40),
      file(header: "{}", length: 17 << 20),
      file(header: "{}", length: 0),
      file(header: "{}"),
      file(header: "{\"__metadata__\":{}}"),
      file(header: "[]"),
      file(header: "{\"a\":3}"),
      file(header: String(repeating: "{\"a\":", count: 5000)),
      file(header: entry("a", "I8", "[4]", "[0,5]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[8]", "[0,8]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[4]", "[-4,0]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[4]", "[4,0]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[4]", "[0]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[4]", "[]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[4]", "[0,4,4]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "F64", "[4]", "[0,4]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[-4]", "[0,4]"), body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[0]", "[0,0]"), body: [0, 0, 0, 0]),
      file(
        header: entry("a", "F32", "[4294967296,4294967296]", "[0,4]"), body: [0, 0, 0, 0]),
      file(
        header: entry("a", "F32", "[1]", "[9223372036854775803,9223372036854775807]"),
        body: [0, 0, 0, 0]),
      file(header: entry("a", "I8", "[1e30]", "[0,4]"), body: [0, 0, 0, 0]),
      file(header: entry("abc", "F32", "[1]", "[1,5]"), body: [0, 0, 0, 0, 0]),
      file(
        header:
          "{\"__metadata__\":{\"loam\":\"{}\"},\"a\":{\"dtype\":\"I8\",\"shape\":[4],"
          + "\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[2,6]}}",
        body: [0, 0, 0, 0, 0, 0]),
    ])
  func refused(bytes: [UInt8]) {
    do {
      _ = try LoamFile.parse(bytes)
      Issue.record("accepted")
    } catch {
      #expect(error.description.count > 20)
    }
  }

  /// One thing changed in the JSON of a good network.
  struct Change: CustomTestStringConvertible, Sendable {
    var testDescription: String { "\(from) → \(to)" }
    var from: String
    var to: String
  }

  static let changes = [
    Change(from: "\"format\":1", to: "\"format\":2"),
    Change(from: "\"format\":1", to: "\"format\":null"),
    Change(from: "\"op\":\"add\"", to: "\"op\":\"launch\""),
    Change(from: "\"op\":\"globalAveragePool\"", to: "\"op\":\"softmax\""),
    Change(from: "\"groups\":1", to: "\"groups\":0"),
    Change(from: "\"groups\":1", to: "\"groups\":-9223372036854775808"),
    Change(from: "\"strideX\":2", to: "\"strideX\":0"),
    Change(from: "\"top\":1", to: "\"top\":9223372036854775807"),
    Change(from: "\"top\":1", to: "\"top\":-1"),
    Change(from: "\"height\":3", to: "\"height\":1000000000000"),
    Change(from: "\"inputShape\":[12,10,3]", to: "\"inputShape\":[60000,60000,3]"),
    Change(from: "\"inputShape\":[12,10,3]", to: "\"inputShape\":[]"),
    Change(from: "\"inputs\":[\"image\"]", to: "\"inputs\":[\"n3.out\"]"),
    Change(from: "\"inputs\":[\"image\"]", to: "\"inputs\":[]"),
    Change(from: "\"output\":\"n1.out\"", to: "\"output\":\"n0.out\""),
    Change(from: "\"cut\":\"", to: "\"cut\":\"x"),
    Change(from: "\"scale\":", to: "\"scale\":-"),
    Change(from: "\"scale\":", to: "\"scale\":1e99,\"was\":"),
    Change(from: "\"scale\":", to: "\"scale\":1e-44,\"was\":"),
    Change(from: "\"zeroPoint\":-128", to: "\"zeroPoint\":-129"),
    Change(from: "\"deviation\":[128", to: "\"deviation\":[0"),
    Change(from: "\"mean\":[127,127,127]", to: "\"mean\":[127]"),
    Change(from: "\"classes\":[", to: "\"classes\":[\"one more\","),
    Change(from: "\"bodySHA256\":\"", to: "\"bodySHA256\":\"0"),
    Change(from: "\"n0.weight\"", to: "\"n1.weight\""),
    Change(from: "\"high\":6", to: "\"high\":-6"),
    Change(from: "\"n2.weight\"", to: "\"n3.weight\""),
    Change(from: "\"inputShape\":[12,10,3]", to: "\"inputShape\":[12,10,4]"),
  ]

  @Test("a network changed in one place is refused with a reason", arguments: changes)
  func changed(_ change: Change) throws {
    let bytes = try LoamFile.serialise(try TestNetworks.classifier(seed: 36))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let json = try JSONSerialization.jsonObject(with: Data(bytes[8..<(8 + length)]))
    var header = try #require(json as? [String: Any])
    var metadata = try #require(header["__metadata__"] as? [String: String])
    let record = try #require(metadata["loam"])
    let place = try #require(record.range(of: change.from), "not in \(record)")
    metadata["loam"] = record.replacingCharacters(in: place, with: change.to)
    header["__metadata__"] = metadata
    let changed = try JSONSerialization.data(withJSONObject: header)
    let file = Self.file(
      header: String(decoding: changed, as: UTF8.self).padded(), body: Array(bytes[(8 + length)...])
    )
    do {
      _ = try LoamFile.parse(file).network()
      Issue.record("accepted")
    } catch {
      #expect(error.description.count > 20)
    }
  }

  @Test("NaN among scales or classifier weights is refused by name")
  func notFinite() throws {
    let network = try TestNetworks.classifier(seed: 37, tailType: .float32)
    for name in [network.nodes[0].parameters[0] + ".scale", network.tail.last?.parameters[0] ?? ""]
    {
      var tensors = network.tensors
      let old = try #require(tensors[name])
      var numbers = old.floats()
      numbers[0] = .nan
      tensors[name] = StoredTensor(shape: old.shape, float32: numbers)
      #expect(throws: GraphError.notFinite(parameter: name)) {
        try Network(
          input: network.input, inputShape: network.inputShape, nodes: network.nodes,
          output: network.output, cut: network.cut, quantisation: network.quantisation,
          classes: network.classes, preprocessing: network.preprocessing,
          lineage: network.lineage, tensors: tensors)
      }
    }
  }
}

extension String {
  /// With spaces behind, so that the data after it begins at a multiple of 64.
  fileprivate func padded() -> String {
    self + String(repeating: " ", count: -(8 + utf8.count) & 63)
  }
}
