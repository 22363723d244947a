import Exchange
import FoundationEssentials
import Graph
import Inference
import Tensors
import Testing

/// The small models in Tests/Golden/tflite and what LiteRT computes with them.
enum TFLiteGolden {
  struct Case: Decodable {
    /// `[height, width, channels]`.
    var shape: [Int]
    /// The image as the file takes it.
    var input: [Float]
    var output: [Float]
    /// `int8` or `uint8`; `nil` for fp32.
    var kind: String?
    /// Every 8-bit activation by name, as LiteRT's reference kernels compute it.
    var reference: [String: [Int]]?
    /// The same by the kernels that LiteRT uses where nothing else is asked for.
    var usual: [String: [Int]]?
  }

  private struct File: Decodable {
    var cases: [String: Case]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/tflite")

  /// Every case by name; empty if the file cannot be read, which a test notices.
  static let cases: [String: Case] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "golden.json")),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { return [:] }
    return file.cases
  }()

  static let names = cases.keys.sorted()
  static let real = names.filter { cases[$0]?.usual == nil }
  static let quantised = names.filter { cases[$0]?.usual != nil }

  static func path(_ name: String) -> String { folder.appending(path: name + ".tflite").path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name + ".tflite")))
  }

  static func graph(_ name: String) throws -> QuantisedGraph {
    guard case .quantised(let graph) = try TFLiteImporter.read(path(name)) else {
      throw GraphError.missingRange(tensor: name)
    }
    return graph
  }

  /// The network of `graph` with byte = pixel − 128, cut at `cut` or where its classifier begins.
  static func network(_ graph: QuantisedGraph, cut: String? = nil) throws -> Network {
    let (mean, deviation) = graph.pixelForm
    let cut = try #require(cut ?? graph.defaultCut)
    return try graph.network(
      cut: cut,
      settings: Quantiser.Settings(
        preprocessing: Preprocessing(
          width: graph.inputShape.width, height: graph.inputShape.height, mean: mean,
          deviation: deviation),
        lineage: Lineage(source: "golden", sourceSHA256: ""), tailType: .float32))
  }

  /// The bytes that a case's image is for Loam.
  static func image(_ golden: Case, _ graph: QuantisedGraph) -> [Int8] {
    switch golden.kind {
    case "uint8": golden.input.map { Int8(Int($0) - 128) }
    case "int8" where golden.input.allSatisfy({ $0 == $0.rounded() }): golden.input.map { Int8($0) }
    default: golden.input.map(graph.inputQuantisation.byte)
    }
  }
}
