@testable import Exchange
import FoundationEssentials
import Graph
import Inference
import Tensors
import Testing

@Suite("ONNX import of quantised networks")
struct QuantisedONNXTests {
  struct Case: Decodable {
    /// `[height, width, channels]`.
    var shape: [Int]
    /// The image, channels innermost.
    var input: [Float]
    var output: [Float]
    /// Every 8-bit activation by name, as signed bytes, channels innermost.
    var tensors: [String: [Int]]
  }

  private struct File: Decodable {
    var cases: [String: Case]
  }

  private static let folder = GoldenModels.folder.deletingLastPathComponent()
    .appending(path: "quantised")

  /// Every case by name; empty if the file cannot be read, which a test notices.
  static let cases: [String: Case] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "golden.json")),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { return [:] }
    return file.cases
  }()

  private static func path(_ name: String) -> String {
    folder.appending(path: name + ".onnx").path
  }

  private static func graph(_ name: String) throws -> QuantisedGraph {
    try quantised(try ONNXImporter.readAny(path(name)))
  }

  private static func quantised(_ imported: NetworkImport) throws -> QuantisedGraph {
    guard case .quantised(let graph) = imported else { throw GraphError.missingRange(tensor: "x") }
    return graph
  }

  @Test("there are golden models in pairs and in operators")
  func goldenModels() {
    #expect(Self.cases.count == 6)
  }

  @Test(
    "computes with the file's own scales what ONNX Runtime computes with them",
    arguments: cases.keys.sorted())
  func equalsRuntime(name: String) throws {
    let golden = try #require(Self.cases[name])
    let graph = try Self.graph(name)
    #expect(graph.inputShape.dimensions == golden.shape)
    let network = try TFLiteGolden.network(graph)
    let body = try Body(network)
    let image = golden.input.map(graph.inputQuantisation.byte)
    var compared: Set<String> = []
    var apart: [String: Int] = [:]
    var feature = [Float](repeating: 0, count: body.featureShape.count)
    var span = feature.mutableSpan
    body.run(image.span, features: &span) { node, ours in
      guard let theirs = golden.tensors[node.output] else { return }
      compared.insert(node.operation.label)
      #expect(theirs.count == ours.count)
      for (index, byte) in theirs.enumerated() where index < ours.count {
        let distance = abs(Int(ours[index]) - byte)
        if distance > 0 { apart[node.output, default: 0] = max(distance, apart[node.output] ?? 0) }
      }
    }
    #expect(compared.contains("convolution"))
    #expect(compared.contains("add") || name == "operators_wide")
    // Sums and means may round a half the other way.
    #expect(apart.values.allSatisfy { $0 <= 1 } && apart.count <= 2, "\(apart)")
    let logits = try Tail(network).logits(feature.span, count: 1)
    let reach = (golden.output.max() ?? 0) - (golden.output.min() ?? 0)
    for (ours, theirs) in zip(logits, golden.output) {
      #expect(abs(ours - theirs) <= 0.03 * reach, "\(ours) \(theirs)")
    }
  }

  @Test("keeps the numbers of the weights, whatever sign and zero point the file gives them")
  func keepsWeights() throws {
    let network = try TFLiteGolden.network(try Self.graph("operators_wide"), cut: "row")
    let layer = try #require(network.body.first)
    let weights = try #require(network.tensors[layer.parameters[0]])
    #expect(weights.type == .int8)
    #expect(network.tensors[Network.zeroName(layer.parameters[0])]?.type == .int8)
    #expect(
      network.tensors[Network.scaleName(layer.parameters[0])]?.floats() == [0.01, 0.01, 0.01, 0.01])
    #expect(network.quantisation["conv"] == Quantisation(scale: 0.05, zeroPoint: 90 - 128))
  }

  @Test("takes limits into what is before them, and computes the tail in fp32 where the file does")
  func foldsLimits() throws {
    let model = Self.model([
      ("QuantizeLinear", ["x", "xs", "xz"], "xq"), ("DequantizeLinear", ["xq", "xs", "xz"], "xr"),
      ("DequantizeLinear", ["w", "ws"], "wr"), ("Conv", ["xr", "wr"], "conv"),
      ("Relu", ["conv"], "relu"), ("QuantizeLinear", ["relu", "ys", "yz"], "yq"),
      ("DequantizeLinear", ["yq", "ys", "yz"], "yr"), ("GlobalAveragePool", ["yr"], "mean"),
      ("Flatten", ["mean"], "row"), ("Gemm", ["row", "m"], "logits"),
    ])
    let graph = try Self.quantised(
      try ONNXImporter.readAny(model, ReadingBudget(byteCount: 1 << 20), path: "m"))
    let network = try TFLiteGolden.network(graph, cut: "mean")
    #expect(network.body.map(\.output) == ["relu", "mean"])
    #expect(network.body[0].clamp == .relu)
    // Bytes 10 and −10 of scale 0.5 by weights 2 and −1 of scale 0.25, nothing of the third channel.
    let body = try Body(network)
    let features = body.features(([10, -10, 0, 10, -10, 0] as [Int8]).span)
    // 10 × 0.5 × 2 × 0.25 − (−5) × 0.25 = 3.75, in steps of 0.1.
    #expect(features.count == 1)
    #expect(abs(features[0] - 3.8) < 1e-5 || abs(features[0] - 3.7) < 1e-5)
    #expect(abs(try Tail(network).logits(features.span, count: 1)[0] - 3 * features[0]) < 1e-3)
  }

  @Test("lists everything that is not quantised or not 8 bits, each with its node")
  func listsAll() throws {
    let model = Self.model([
      ("QuantizeLinear", ["x", "xs", "xz"], "xq"), ("DequantizeLinear", ["xq", "xs", "xz"], "xr"),
      ("Conv", ["xr", "real"], "conv"), ("HardSwish", ["conv"], "swish"),
      ("QuantizeLinear", ["swish", "ys", "wide"], "broad"), ("Relu", ["xq"], "bytes"),
      ("DequantizeLinear", ["xq", "ys", "yz"], "other"), ("Add", ["other", "broad"], "sum"),
      ("Concat", ["sum", "bytes"], "all"),
    ])
    let error = #expect(throws: ExchangeError.self) {
      try ONNXImporter.readAny(model, ReadingBudget(byteCount: 1 << 20), path: "m")
    }
    let text = try #require(error).description
    for mark in [
      "QuantizeLinear (elements of type uint16, expected 8 bits): 'broad'",
      "Relu (of quantised data; dequantise it before): 'bytes'",
      "DequantizeLinear (by another scale or zero point than it was quantised with): 'other'",
    ] {
      #expect(text.contains(mark), "\(text)")
    }
    let unquantised = Self.model([
      ("QuantizeLinear", ["x", "xs", "xz"], "xq"), ("DequantizeLinear", ["xq", "xs", "xz"], "xr"),
      ("Conv", ["xr", "real"], "conv"), ("HardSwish", ["conv"], "swish"),
      ("QuantizeLinear", ["swish", "ys", "yz"], "yq"),
      ("DequantizeLinear", ["yq", "ys", "yz"], "end"),
    ])
    let other = #expect(throws: ExchangeError.self) {
      try ONNXImporter.readAny(unquantised, ReadingBudget(byteCount: 1 << 20), path: "m")
    }
    guard case .unsupported(_, let problems) = try #require(other) else {
      Issue.record("\(String(describing: other))")
      return
    }
    #expect(
      problems == [
        "convolution (its result is not quantised): 'conv'",
        "convolution (weights in fp32 in a quantised network): 'conv'",
      ])
  }

  @Test("says of a quantised network that fp32 was expected where it was")
  func refusesAsReal() {
    let error = #expect(throws: ExchangeError.self) {
      try ONNXImporter.read(Self.path("pairs_signed"))
    }
    #expect(error?.description.contains("quantised already") == true)
  }

  private static func model(_ steps: [(String, [String], String)]) -> ONNXModel {
    var model = QuantisedModel()
    for (type, inputs, output) in steps {
      model.add(type, inputs, to: output, type == "Concat" ? [.int("axis", 1)] : [])
    }
    return model.model
  }
}
