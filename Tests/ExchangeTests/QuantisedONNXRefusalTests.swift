@testable import Exchange
import FoundationEssentials
import Graph
import Inference
import Tensors
import Testing

/// What quantised ONNX files may state beside what quantisers usually write, and what is refused of it.
@Suite("ONNX import of quantised networks, what files may state")
struct QuantisedONNXRefusalTests {
  /// A model whose image is quantised as `xq`, and turned back as `xr`.
  static func begun(opset: Int64 = 17) -> QuantisedModel {
    var model = QuantisedModel(opset: opset)
    model.add([
      ("QuantizeLinear", ["x", "xs", "xz"], "xq"), ("DequantizeLinear", ["xq", "xs", "xz"], "xr"),
    ])
    return model
  }

  @Test("turns back constants of 8 and 32 bits alone, so that no distance leaves 64 bits")
  func wideConstants() {
    var model = Self.begun()
    model.store("far", .int64, [1, 3, 1, 1], [.min, .max, 0])
    model.store("z", .uint8, [], [200])
    model.add([("DequantizeLinear", ["far", "ws", "z"], "wr"), ("Conv", ["xr", "wr"], "y")])
    #expect(
      model.refusal.contains("of a constant of type int64, expected uint8, int8 or int32"),
      "\(model.refusal)")
  }

  @Test("a constant keeps its type when it gets other extents")
  func keepsType() throws {
    var model = Self.begun()
    model.store("flat", .int8, [3], [2, -1, 0])
    model.store("extents", .int64, [4], [1, 3, 1, 1])
    model.add([
      ("Reshape", ["flat", "extents"], "kernel"), ("DequantizeLinear", ["kernel", "ws"], "wr"),
      ("Conv", ["xr", "wr"], "conv"), ("QuantizeLinear", ["conv", "ys", "yz"], "yq"),
      ("DequantizeLinear", ["yq", "ys", "yz"], "y"),
    ])
    #expect(try model.quantised().weights["conv"]?.bytes == [2, -1, 0])
  }

  @Test(
    "a quantisation to another width is refused, with a zero point and without one",
    arguments: [(4, "uint16"), (5, "int16"), (17, "17")])
  func outputWidth(number: Int, name: String) {
    for zero in [[], ["z"]] {
      var model = QuantisedModel(opset: 21)
      model.store("z", .uint8, [], [7])
      model.add("QuantizeLinear", ["x", "xs"] + zero, to: "xq", [.int("output_dtype", number)])
      model.add([("DequantizeLinear", ["xq", "xs"] + zero, "y")])
      let mark = "QuantizeLinear (elements of type \(name), expected 8 bits): 'xq'"
      #expect(model.refusal.contains(mark), "\(model.refusal)")
    }
  }

  @Test("an omitted zero point is 0 of the data's type, and must have that type where it is given")
  func omittedZeroPoints() throws {
    for (type, zero) in [(ONNXElementType.int8, 0), (.uint8, -128)] {
      var model = QuantisedModel(input: type)
      model.add("DequantizeLinear", ["x", "xs"], to: "xr")
      model.add("DequantizeLinear", ["w", "ws"], to: "wr")
      model.add("Conv", ["xr", "wr"], to: "conv")
      let number = Int(type.rawValue)
      model.add("QuantizeLinear", ["conv", "ys"], to: "yq", [.int("output_dtype", number)])
      model.add("DequantizeLinear", ["yq", "ys"], to: "y")
      let graph = try model.quantised()
      #expect(graph.inputQuantisation == Quantisation(scale: 0.5, zeroPoint: zero))
      #expect(graph.quantisation["conv"] == Quantisation(scale: 0.1, zeroPoint: zero))
    }
    // Of operators on bytes the result has the type of what they read.
    var model = Self.begun()
    model.add("com.microsoft.QLinearSigmoid", ["xq", "xs", "xz", "ys", ""], to: "s")
    model.add("DequantizeLinear", ["s", "ys"], to: "y")
    #expect(try model.quantised().quantisation["s"] == Quantisation(scale: 0.1, zeroPoint: 0))

    var other = QuantisedModel(input: .uint8)
    other.add("DequantizeLinear", ["x", "xs", "xz"], to: "y")
    #expect(
      other.refusal.contains("a zero point of type int8 for data of type uint8"), "\(other.refusal)"
    )
  }

  @Test("limits on bytes are limits on the numbers that they stand for, whatever their extents")
  func limits() throws {
    var model = Self.begun()
    model.store("low", .int8, [1], [-10])
    model.store("none", .int64, [0], [])
    model.add([
      ("DequantizeLinear", ["w", "ws"], "wr"), ("Conv", ["xr", "wr"], "conv"),
      ("QuantizeLinear", ["conv", "ys", "yz"], "yq"), ("Reshape", ["low", "none"], "limit"),
      ("Clip", ["yq", "limit"], "clipped"), ("DequantizeLinear", ["clipped", "ys", "yz"], "y"),
    ])
    let clamp = try #require(try model.quantised().nodes.first).clamp
    #expect(clamp == Clamp(low: (-10 + 128) * 0.1))
  }

  @Test(
    "Min and Max of bytes are refused: their limits are bytes, not numbers",
    arguments: ["Min", "Max"])
  func extrema(type: String) {
    var model = Self.begun()
    model.store("limit", .int8, [], [5])
    model.add([(type, ["xq", "limit"], "yq"), ("DequantizeLinear", ["yq", "xs", "xz"], "y")])
    #expect(
      model.refusal.contains("\(type) (of quantised data; dequantise it before): 'yq'"),
      "\(model.refusal)")
  }

  @Test("QGemm's factor is one of its weights, whose bias is in steps of all three scales")
  func factor() throws {
    var model = Self.begun()
    model.store("g", .int8, [6, 1], [1, 2, 3, 4, 5, 6])
    model.store("bias", .int32, [1], [100])
    var alpha = ONNXAttribute()
    (alpha.name, alpha.type, alpha.f) = ("alpha", .float, 0.5)
    model.add("Flatten", ["xq"], to: "row")
    let inputs = ["row", "xs", "xz", "g", "ws", "", "bias", "ys", "yz"]
    var refused = model
    model.add("com.microsoft.QGemm", inputs, to: "q", [alpha])
    model.add("DequantizeLinear", ["q", "ys", "yz"], to: "y")
    let layer = try #require(try model.quantised().weights["q"])
    #expect(layer.scales == [0.125])
    let bias: Float = 100 * 0.5 * 0.125
    #expect(layer.realBias.elements == [bias])
    let greatest = try #require(layer.realWeights.elements.max())
    #expect(greatest == 6 * 0.125)

    alpha.f = -1
    refused.add("com.microsoft.QGemm", inputs, to: "q", [alpha])
    #expect(refused.refusal.contains("quantised weights times -1.0"), "\(refused.refusal)")
  }

  @Test("a bias in steps of a scale never becomes real numbers, behind the body neither")
  func integerBias() {
    var model = Self.begun()
    model.store("g", .int8, [6, 1], [1, 2, 3, 4, 5, 6])
    model.store("bias", .int32, [1], [100])
    var beta = ONNXAttribute()
    (beta.name, beta.type, beta.f) = ("beta", .float, 2)
    model.add("Flatten", ["xq"], to: "row")
    let inputs = ["row", "xs", "xz", "g", "ws", "", "bias"]
    model.add("com.microsoft.QGemm", inputs, to: "y", [beta])
    #expect(
      model.refusal.contains("fullyConnected (weights in fp32 in a quantised network): 'y'"),
      "\(model.refusal)")
  }

  @Test(
    "limits are folded in time that grows with the nodes and what they read",
    .timeLimit(.minutes(1)))
  func manyLimits() {
    var model = Self.begun()
    for index in 0..<10 {
      model.add(
        "Concat", Array(repeating: "xr", count: 30_000), to: "c\(index)", [.int("axis", 1)])
    }
    for index in 0..<4000 {
      model.add("Relu", [index == 0 ? "xr" : "r\(index)"], to: "r\(index + 1)")
    }
    model.add("Concat", (0..<10).map { "c\($0)" } + ["r4000"], to: "y", [.int("axis", 1)])
    #expect(!model.refusal.isEmpty)
  }

  @Test("says of a quantised network without a scale that one was expected, not that photos were")
  func missingScale() throws {
    // The image is not quantised, only what is made of it.
    var model = QuantisedModel()
    model.add([
      ("DequantizeLinear", ["w", "ws"], "wr"), ("Conv", ["x", "wr"], "conv"),
      ("QuantizeLinear", ["conv", "ys", "yz"], "yq"),
      ("DequantizeLinear", ["yq", "ys", "yz"], "y"),
    ])
    #expect(model.refusal.contains("activation 'x' has no scale in the file"), "\(model.refusal)")
    #expect(!model.refusal.contains("contradicts"), "\(model.refusal)")

    var cut = Self.begun()
    cut.add([
      ("DequantizeLinear", ["w", "ws"], "wr"), ("Conv", ["xr", "wr"], "conv"),
      ("QuantizeLinear", ["conv", "ys", "yz"], "yq"),
      ("DequantizeLinear", ["yq", "ys", "yz"], "yr"),
      ("HardSwish", ["yr"], "y"),
    ])
    let graph = try cut.quantised()
    let error = #expect(throws: GraphError.self) { try TFLiteGolden.network(graph, cut: "y") }
    #expect(error == .missingScale(tensor: "y"))
  }

  @Test(
    "an image of bytes is refused where the network does not turn them back", arguments: [2, 3])
  func bytesInReal(number: Int32) throws {
    let type = try #require(ONNXElementType(rawValue: number))
    var model = QuantisedModel(input: type)
    model.add("Cast", ["x"], to: "xr", [.int("to", 1)])
    model.add([("DequantizeLinear", ["w", "ws"], "wr"), ("Conv", ["xr", "wr"], "y")])
    #expect(
      model.refusal.contains("input 'x' has element type \(number), expected 1 (fp32)"),
      "\(model.refusal)")
  }

  @Test(
    "takes operators on bytes without their last zero point, and says how many inputs they have",
    arguments: [
      ("QLinearAdd", ["xq", "xs", "xz", "xq", "xs", "xz", "ys"], "7 or 8"),
      ("QLinearMul", ["xq", "xs", "xz", "xq", "xs", "xz", "ys"], "7 or 8"),
      ("QLinearSigmoid", ["xq", "xs", "xz", "ys"], "4 or 5"),
      ("QLinearLeakyRelu", ["xq", "xs", "xz", "ys"], "4 or 5"),
      ("QLinearGlobalAveragePool", ["xq", "xs", "xz", "ys"], "4 or 5"),
    ])
  func inputCounts(type: String, inputs: [String], expected: String) throws {
    let type = "com.microsoft." + type
    var model = Self.begun()
    var wrong = model
    model.add([(type, inputs, "q"), ("DequantizeLinear", ["q", "ys"], "y")])
    #expect(try model.quantised().quantisation["q"] == Quantisation(scale: 0.1, zeroPoint: 0))
    wrong.add(type, inputs.dropLast(), to: "y")
    let mark = "\(type) (\(inputs.count - 1) inputs, expected \(expected)): 'y'"
    #expect(wrong.refusal.contains(mark), "\(wrong.refusal)")
  }

  @Test("says how many inputs a layer and a concatenation on bytes have")
  func otherInputCounts() {
    for (type, count, expected) in [
      ("QLinearConv", 7, "8 or 9"), ("QLinearMatMul", 9, "8"), ("QGemm", 5, "6 to 9"),
      ("QLinearConcat", 6, "2 and then 3 for each part"),
    ] {
      var model = Self.begun()
      model.add(type, Array(repeating: "xq", count: count), to: "y")
      #expect(
        model.refusal.contains("\(type) (\(count) inputs, expected \(expected)): 'y'"),
        "\(model.refusal)")
    }
  }

  @Test("weights that no two bytes sum up to are refused by the body, with what to do")
  func tooWide() throws {
    let path = TFLiteGolden.folder.deletingLastPathComponent()
      .appending(path: "quantised/hostile_too_wide.onnx").path
    guard case .quantised(let graph) = try ONNXImporter.readAny(path) else {
      Issue.record("not quantised")
      return
    }
    let network = try TFLiteGolden.network(graph)
    let error = #expect(throws: InferenceError.self) { try Body(network) }
    let text = try #require(error).description
    #expect(
      text.contains(
        "layer 'conv_QLinearConv': weight 1 lies 255 above its zero point, at most 254 can be run"))
    #expect(text.contains("quantise its weights symmetrically, or put the cut before it"))
  }
}
