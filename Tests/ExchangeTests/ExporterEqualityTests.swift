@testable import Exchange
import Graph
import Inference
import Tensors
import Testing

@Suite("ONNX export, results")
struct ExporterEqualityTests {
  @Test(
    "gives the body's features to the bit, and its logits, wherever the network is cut",
    arguments: GoldenModels.names, [true, false])
  func equalsBody(name: String, isFused: Bool) throws {
    var graph = try ONNXImporter.read(GoldenModels.path(name)).graph
    if isFused { graph = try graph.fused() }
    var compared = 0
    for node in graph.nodes where node.operation != .softmax {
      guard let network = try? ExporterTests.network(graph, cut: node.output) else { continue }
      try compare(network, seed: UInt64(compared))
      compared += 1
    }
    // A cut inside a residual block leaves a loose end, and batch norms have no integer form.
    #expect(compared >= 1 || !isFused)
  }

  @Test(
    "gives the features of networks with another engine's additions to the bit",
    arguments: ["int8", "uint8", "uint8_wide"])
  func equalsFixedSums(name: String) throws {
    let network = try TFLiteGolden.network(try TFLiteGolden.graph(name))
    #expect(network.body.contains { $0.operation == .add && $0.parameters.count == 1 })
    for seed in 0..<4 { try compare(network, seed: UInt64(seed)) }
  }

  @Test("refuses weights of one layer with several zero points, for which QLinearConv has no words")
  func severalZeroPoints() throws {
    var model = QuantisedModel()
    model.store("w2", .uint8, [2, 3, 1, 1], [0, 10, 20, 255, 200, 100])
    model.store("w2s", [2], floats: [0.25, 0.5])
    model.store("w2z", .uint8, [2], [200, 10])
    model.store("m2", [2, 1], floats: [1, 2])
    model.add("QuantizeLinear", ["x", "xs", "xz"], to: "xq")
    model.add("DequantizeLinear", ["xq", "xs", "xz"], to: "xr")
    model.add("DequantizeLinear", ["w2", "w2s", "w2z"], to: "wr", [.int("axis", 0)])
    model.add([
      ("Conv", ["xr", "wr"], "conv"), ("QuantizeLinear", ["conv", "ys", "yz"], "yq"),
      ("DequantizeLinear", ["yq", "ys", "yz"], "yr"), ("GlobalAveragePool", ["yr"], "mean"),
      ("Flatten", ["mean"], "row"), ("Gemm", ["row", "m2"], "logits"),
    ])
    let network = try TFLiteGolden.network(try model.quantised(), cut: "mean")
    #expect(
      try Body(network).features(([10, -10, 0, 10, -10, 0] as [Int8]).span).allSatisfy(\.isFinite))
    let error = #expect(throws: ExchangeError.self) { try ONNXExporter.bytes(of: network) }
    guard case .inexpressible("conv", let why) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(why.contains("zero points that differ"))
  }

  private func compare(_ network: Network, seed: UInt64) throws {
    let body = try Body(network)
    let tail = try Tail(network)
    let graph = try ONNXImporter.decode(try ONNXExporter.bytes(of: network), path: "made").graph
    let shape = network.inputShape
    var random = Seeded(state: seed)
    for _ in 0..<2 {
      let image = (0..<shape.count).map { _ in Float.random(in: -1...1, using: &random) }
      var bytes = [Int8](repeating: 0, count: shape.count)
      var span = bytes.mutableSpan
      InputTable(network).quantise(real: image.span, into: &span)
      let ours = body.features(bytes.span)
      let area = shape.height * shape.width
      let turned = (0..<shape.count).map { image[$0 % area * shape.channels + $0 / area] }
      let theirs = try SmallRuntime.run(
        graph, input: turned, dims: [shape.channels, shape.height, shape.width])
      let features = try #require(theirs["features"])
      #expect(Self.asLoamKeeps(features).map(Float.init) == ours, "cut at \(network.cut)")
      let logits = Self.asLoamKeeps(try #require(theirs["logits"]))
      for (a, b) in zip(logits, tail.logits(ours.span, count: 1)) {
        #expect(abs(a - Double(b)) < 1e-4)
      }
      let probabilities = try #require(theirs["probabilities"]).elements
      if network.shapes[network.output]?.dimensions.count == 1 {
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-9)
      }
    }
  }

  private static func asLoamKeeps(_ value: SmallRuntime.Value) -> [Double] {
    value.dims.count == 4 ? SmallRuntime.channelsLast(value) : value.elements
  }
}
