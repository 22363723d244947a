import Exchange
import FoundationEssentials
import Graph
import Inference
import Tensors
import Testing

@Suite("ONNX import")
struct ImporterTests {
  @Test("there are golden models of every kind of exporter")
  func goldenModels() {
    #expect(GoldenModels.names.count == 8)
  }

  @Test("computes what ONNX Runtime computes", arguments: GoldenModels.names)
  func equalsRuntime(name: String) throws {
    let golden = try #require(GoldenModels.cases[name])
    let graph = try ONNXImporter.read(GoldenModels.path(name)).graph
    #expect(graph.inputShape.dimensions == golden.shape)
    for graph in [graph, try graph.fused()] {
      let result = try FloatExecutor(graph).run(golden.input.span)
      #expect(result.count == golden.output.count)
      // Sums of at most 24 products of numbers below 4, in another order.
      for (ours, theirs) in zip(result, golden.output) { #expect(abs(ours - theirs) < 2e-5) }
    }
  }

  @Test("fuses every golden model down to layers with weights, sums, means and shapes")
  func fuses() throws {
    for name in GoldenModels.names {
      let graph = try ONNXImporter.read(GoldenModels.path(name)).graph.fused()
      for node in graph.nodes {
        if case .clamp = node.operation { Issue.record("\(name): \(node.name) is left") }
      }
    }
  }

  @Test("says which names the file uses and who wrote it")
  func provenance() throws {
    let imported = try ONNXImporter.read(GoldenModels.path("torchscript"))
    #expect(imported.inputName == "x")
    #expect(imported.outputName == "y")
    #expect(imported.producer.hasPrefix("pytorch"))
    #expect(imported.producer.hasSuffix("opset 17"))
  }

  @Test("stops at the output that is asked for")
  func earlierOutput() throws {
    let path = GoldenModels.path("channels_last")
    let graph = try ONNXImporter.read(path, output: "r").graph
    #expect(try graph.shapes()[graph.output]?.dimensions == [4, 4, 4])
    #expect(graph.nodes.count == 3)
    #expect(throws: ExchangeError.self) { try ONNXImporter.read(path, output: "nothing") }
  }

  @Test("takes the image's size where the file leaves it open, and only there")
  func inputSize() throws {
    let open = GoldenModels.path("hostile_open_size")
    let graph = try ONNXImporter.read(open, inputSize: (height: 6, width: 5)).graph
    #expect(graph.inputShape.dimensions == [6, 5, 3])
    let fixed = GoldenModels.path("flattened_map")
    #expect(throws: ExchangeError.self) {
      try ONNXImporter.read(fixed, inputSize: (height: 8, width: 8))
    }
  }

  @Test("puts one clamp, one bias and turned columns where they belong")
  func structure() throws {
    let graph = try ONNXImporter.read(GoldenModels.path("channels_last")).graph
    let layers = graph.nodes.filter { $0.operation == .fullyConnected }
    #expect(layers.count == 1)
    #expect(layers.first?.parameters.count == 2)
    #expect(!graph.nodes.contains { $0.operation == .add })
    #expect(graph.nodes.first { $0.operation == .clamp }?.clamp == .relu6)
  }
}
