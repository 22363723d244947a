import Exchange
import FoundationEssentials
import Graph
import Inference
import Tensors
import Testing

@Suite("ONNX import, operators")
struct OperatorImportTests {
  static let names = GoldenModels.operatorCases.keys.sorted()

  static func path(_ name: String) -> String {
    GoldenModels.operatorFolder.appending(path: name + ".onnx").path
  }

  @Test("there is a golden model of every group")
  func goldenModels() { #expect(Self.names.count == 15) }

  @Test("compute what ONNX Runtime computes", arguments: names)
  func equalsRuntime(name: String) throws {
    let golden = try #require(GoldenModels.operatorCases[name])
    let graph = try ONNXImporter.read(Self.path(name)).graph
    #expect(graph.inputShape.dimensions == golden.shape)
    for graph in [graph, try graph.fused()] {
      let result = try FloatExecutor(graph).run(golden.input.span)
      #expect(result.count == golden.output.count)
      // Sums of at most 120 products of numbers below 4, in another order.
      for (ours, theirs) in zip(result, golden.output) { #expect(abs(ours - theirs) < 5e-5) }
    }
  }

  /// The kinds of node that a model comes to.
  static func labels(_ name: String) throws -> [String] {
    try ONNXImporter.read(path(name)).graph.fused().nodes.map(\.operation.label)
  }

  @Test("become one function where exporters write several nodes")
  func functions() throws {
    #expect(
      try Self.labels("written_out") == [
        "convolution", "hardSwish", "silu", "hardSwish", "flatten", "fullyConnected",
      ])
    #expect(
      try Self.labels("squeeze_excite") == [
        "convolution", "hardSwish", "globalAveragePool", "fullyConnected", "fullyConnected",
        "hardSigmoid", "multiply", "flatten", "fullyConnected",
      ])
  }

  @Test("become one shuffle where exporters write three nodes", arguments: [11, 13, 18])
  func shuffle(opset: Int) throws {
    #expect(
      try Self.labels("shuffle_\(opset)") == [
        "convolution", "slice", "slice", "convolution", "concatenate", "channelShuffle", "flatten",
        "fullyConnected",
      ])
  }

  @Test("are read or refused with changed bytes, and never trap", arguments: names)
  func survivesChanges(name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.path(name))))
    var random = Seeded(state: 12)
    for _ in 0..<200 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        changed[place] = UInt8.random(in: 0...255, using: &random)
      }
      do throws(ExchangeError) {
        let graph = try ONNXImporter.read(changed, path: name).graph
        #expect(!graph.nodes.isEmpty)
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
