@testable import Exchange
import FoundationEssentials
import Graph
import Inference
import Tensors
import Testing

@Suite("ONNX export")
struct ExporterTests {
  /// The golden model `name`, fused and quantised.
  static func network(_ name: String) throws -> Network {
    let graph = try ONNXImporter.read(GoldenModels.path(name)).graph.fused()
    return try network(graph, cut: try #require(graph.defaultCut))
  }

  /// `graph`, quantised up to `cut` on seeded images.
  static func network(_ graph: Graph, cut: String) throws -> Network {
    let shape = graph.inputShape
    var random = Seeded(state: 3)
    var calibrator = try Calibrator(graph)
    for _ in 0..<6 {
      let image = (0..<shape.count).map { _ in Float.random(in: -1...1, using: &random) }
      calibrator.observe(input: image.span)
    }
    let preprocessing = Preprocessing(
      width: shape.width, height: shape.height,
      mean: [Float](repeating: 127, count: shape.channels),
      deviation: [Float](repeating: 128, count: shape.channels))
    let outputs = try graph.shapes()[graph.output]?.count ?? 0
    return try Quantiser.quantise(
      graph, cut: cut, ranges: calibrator.ranges(.minMax),
      inputQuantisation: Quantiser.inputQuantisation(for: preprocessing),
      settings: .init(
        preprocessing: preprocessing, classes: (0..<outputs).map { "\"ü\($0)\"" },
        lineage: Lineage(source: "a test", sourceSHA256: "00")))
  }

  @Test("writes the network's own integers, as unsigned bytes")
  func integers() throws {
    let network = try Self.network("torchscript")
    let model = try ONNXImporter.decode(try ONNXExporter.bytes(of: network), path: "made")
    let convolution = try #require(model.graph.node.first { $0.opType == "QLinearConv" })
    let stored = Dictionary(uniqueKeysWithValues: model.graph.initializer.map { ($0.name, $0) })
    let weights = try #require(stored[convolution.input[3]])
    let node = try #require(
      network.body.first { if case .convolution = $0.operation { true } else { false } })
    let tensor = try #require(network.tensors[node.parameters[0]])
    let (height, width, depth) = (tensor.shape[1], tensor.shape[2], tensor.shape[3])
    #expect(weights.dims == [tensor.shape[0], depth, height, width].map(Int64.init))
    let bytes = tensor.int8
    for output in 0..<tensor.shape[0] {
      for (y, x, input) in [(0, 0, 0), (1, 2, depth - 1), (height - 1, 0, 0)] {
        let ours = Int(bytes[((output * height + y) * width + x) * depth + input])
        let place = ((output * depth + input) * height + y) * width + x
        #expect(Int(weights.rawData[weights.rawData.startIndex + place]) == ours + 128)
      }
    }
    #expect(try #require(stored[convolution.input[5]]).rawData.allSatisfy { $0 == 128 })
  }

  @Test("uses standard operators alone, and none that a runtime fuses into other arithmetic")
  func operators() throws {
    for name in ["torchscript", "dynamo"] {
      let bytes = try ONNXExporter.bytes(of: try Self.network(name))
      let graph = try ONNXImporter.decode(bytes, path: "made").graph
      #expect(graph.node.allSatisfy { $0.domain.isEmpty })
      #expect(!graph.node.contains { $0.opType == "Add" || $0.opType == "Conv" })
      #expect(graph.node.contains { $0.opType == "Sum" })
      let outputs = graph.node.flatMap(\.output) + graph.initializer.map(\.name)
      #expect(Set(outputs).count == outputs.count, "a name is used twice")
      #expect(graph.output.map(\.name) == ["probabilities", "logits", "features"])
    }
  }

  @Test("carries preprocessing and class names")
  func metadata() throws {
    let bytes = try ONNXExporter.bytes(of: try Self.network("torchscript"))
    let properties = try ONNXImporter.decode(bytes, path: "made").metadataProps
    let values = Dictionary(uniqueKeysWithValues: properties.map { ($0.key, $0.value) })
    #expect(values["mean"] == "[127,127,127]")
    #expect(values["deviation"] == "[128,128,128]")
    #expect(values["fit"] == "stretch")
    #expect(values["classes"]?.hasPrefix(#"["\"ü0\"","\"ü1\"","#) == true)
  }

  @Test("writes the same bytes for the same network, whole or not at all")
  func files() throws {
    let network = try Self.network("dynamo")
    let bytes = try ONNXExporter.bytes(of: network)
    #expect(try ONNXExporter.bytes(of: network) == bytes)
    let folder = FileManager.default.temporaryDirectory.appending(path: "loam-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.onnx").path
    try ONNXExporter.write(network, to: path)
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model.onnx"])
    #expect(throws: ExchangeError.self) {
      try ONNXExporter.write(network, to: folder.path + "/missing/model.onnx")
    }
  }
}
