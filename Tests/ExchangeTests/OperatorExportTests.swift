@testable import Exchange
import Graph
import Inference
import Tensors
import Testing

@Suite("ONNX export, operators")
struct OperatorExportTests {
  /// What the exported body of a golden model must hold.
  static let expected: [(String, [String])] = [
    ("pooling_12", ["MaxPool", "Pad", "AveragePool", "Flatten"]),
    ("response_5", ["LRN"]), ("shuffle_13", ["Slice", "Concat", "Reshape", "Transpose"]),
    ("squeeze_excite", ["HardSigmoid", "Mul", "Unsqueeze", "QLinearConv"]),
    ("written_out", ["Sigmoid", "HardSigmoid"]),
    ("functions", ["LeakyRelu", "Tanh", "Sigmoid", "HardSigmoid"]),
  ]

  @Test("every operator is written before and after the cut, each reading what is there")
  func wellFormed() throws {
    for (name, types) in Self.expected {
      let graph = try ONNXImporter.read(OperatorImportTests.path(name)).graph.fused()
      let early = try #require(graph.nodes.first).output
      for cut in [try #require(graph.defaultCut), early] {
        let network = try ExporterTests.network(graph, cut: cut)
        let bytes = try ONNXExporter.bytes(of: network)
        let model = try ONNXImporter.decode(bytes, path: name)
        var known = Set(model.graph.initializer.map(\.name)).union(["input"])
        for step in model.graph.node {
          for input in step.input where !input.isEmpty {
            #expect(known.contains(input), "\(name): \(step.name) reads \(input)")
          }
          for output in step.output { #expect(known.insert(output).inserted) }
        }
        let found = Set(model.graph.node.map(\.opType))
        for type in types {
          #expect(found.contains(type), "\(name): no \(type) in \(found)")
        }
      }
    }
  }

  @Test("a dilated mean is refused by name")
  func dilatedMean() throws {
    let window = Window(height: 2, width: 2, dilationY: 2)
    let form = Quantisation(scale: 1, zeroPoint: 0)
    let preprocessing = Preprocessing(
      width: 4, height: 4, mean: [127, 127, 127], deviation: [128, 128, 128])
    let network = try Network(
      input: "x", inputShape: Shape(4, 4, 3),
      nodes: [
        Node(
          name: "mean", operation: .averagePool(window, counted: .none), inputs: ["x"], output: "y")
      ], output: "y", cut: "y", quantisation: ["x": form, "y": form], classes: [],
      preprocessing: preprocessing, lineage: Lineage(source: "a test", sourceSHA256: "00"),
      tensors: [:])
    let error = #expect(throws: ExchangeError.self) { try ONNXExporter.bytes(of: network) }
    #expect(try #require(error).description.contains("'mean'"))
  }
}
