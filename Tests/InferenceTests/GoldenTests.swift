import Foundation
import Graph
import Inference
import Kernels
import Support
import Tensors
import Testing

/// Values that ONNX Runtime gave; `Tests/Golden/make_graph_golden.py` makes them.
@Suite("Golden values")
struct GoldenTests {
  struct File<Case: Decodable>: Decodable {
    var madeBy: String
    var cases: [Case]

    static func read(_ name: String) throws -> [Case] {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      let data = try Data(contentsOf: folder.appendingPathComponent("../Golden/\(name)"))
      return try JSONDecoder().decode(Self.self, from: data).cases
    }
  }

  struct Quantised: Decodable {
    var name: String
    var inputShape: Shape
    var window: Window
    var groups: Int
    var clamp: Clamp
    var inputQuantisation: Quantisation
    var outputQuantisation: Quantisation
    var weightShape: [Int]
    var weights: [Int8]
    var weightScales: [Float]
    var bias: [Int32]
    var image: [Int8]
    var result: [Int8]

    /// The convolution as a network of one node.
    var network: Network {
      get throws {
        try Network(
          input: "x", inputShape: inputShape,
          nodes: [
            Node(
              name: "c", operation: .convolution(window, groups: groups), inputs: ["x"],
              parameters: ["w", "b"], output: "y", clamp: clamp)
          ],
          output: "y", cut: "y",
          quantisation: ["x": inputQuantisation, "y": outputQuantisation], classes: [],
          preprocessing: TestNetworks.preprocessing(inputShape),
          lineage: Lineage(source: "golden", sourceSHA256: ""),
          tensors: [
            "w": StoredTensor(shape: weightShape, int8: weights),
            "w.scale": StoredTensor(shape: [weightScales.count], float32: weightScales),
            "b": StoredTensor(shape: [bias.count], int32: bias),
          ])
      }
    }
  }

  @Test("quantised convolutions give ONNX Runtime's bytes, in every kernel variant")
  func quantised() throws {
    for golden in try File<Quantised>.read("graph_int8.json") {
      for level in CPUFeatures.levels where CPU.complaint(about: level.name) == nil {
        let body = try Body(golden.network, cpu: level.name)
        var features = [Float](repeating: 0, count: golden.result.count)
        var bytes: [Int8] = []
        var span = features.mutableSpan
        body.run(golden.image.span, features: &span) { _, values in
          bytes = values.indices.map { values[$0] }
        }
        #expect(bytes == golden.result, "\(golden.name), \(level.name)")
        #expect(features == bytes.map(golden.outputQuantisation.real))
        #expect(Set(bytes).count > 8, "\(golden.name) says little")
      }
    }
  }

  struct Float32: Decodable {
    struct GoldenNode: Decodable {
      var name: String
      var op: String
      var inputs: [String]
      var parameters: [String]
      var output: String
      var window: Window?
      var groups: Int?
      var epsilon: Float?
      var clamp: Clamp?
    }

    struct Constant: Decodable {
      var shape: [Int]
      var elements: [Float]
    }

    var name: String
    var input: String
    var inputShape: Shape
    var nodes: [GoldenNode]
    var output: String
    var constants: [String: Constant]
    var image: [Float]
    var result: [Float]

    var graph: Graph {
      get throws {
        Graph(
          input: input, inputShape: inputShape, nodes: try nodes.map(Self.node), output: output,
          constants: constants.mapValues { FloatTensor(shape: $0.shape, elements: $0.elements) })
      }
    }

    static func node(_ golden: GoldenNode) throws -> Node {
      var node = Node(
        name: golden.name, operation: .add, inputs: golden.inputs, parameters: golden.parameters,
        output: golden.output, clamp: golden.clamp ?? .none)
      switch golden.op {
      case "convolution":
        node.operation = .convolution(
          try #require(golden.window), groups: try #require(golden.groups))
      case "batchNormalisation":
        node.operation = .batchNormalisation(epsilon: try #require(golden.epsilon))
      case "clamp": node.operation = .clamp
      case "add": node.operation = .add
      case "globalAveragePool": node.operation = .globalAveragePool
      case "fullyConnected": node.operation = .fullyConnected
      case "softmax": node.operation = .softmax
      default: Issue.record("unknown operation \(golden.op)")
      }
      return node
    }
  }

  @Test("fp32 networks agree with ONNX Runtime, as they come and fused")
  func float() throws {
    for golden in try File<Float32>.read("graph_float.json") {
      let graph = try golden.graph
      let fused = try graph.fused()
      #expect(fused.nodes.count < graph.nodes.count)
      for (graph, name) in [(graph, "as it comes"), (fused, "fused")] {
        for level in CPUFeatures.levels where CPU.complaint(about: level.name) == nil {
          let kernels = try #require(KernelSet(level: level.name))
          let found = try FloatExecutor(graph, kernels: kernels).run(golden.image.span)
          #expect(found.count == golden.result.count)
          let worst = zip(found, golden.result).reduce(0) { max($0, abs($1.0 - $1.1)) }
          // A dozen layers of at most 128 products of numbers near 1: about 128 × 12 × 2⁻²⁴.
          #expect(worst < 1e-4, "\(golden.name), \(name), \(level.name)")
        }
      }
    }
  }
}
