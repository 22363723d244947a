import Exchange
import FoundationEssentials
import Graph
import Inference
import Tensors
import Testing

@Suite("TensorFlow Lite import")
struct TFLiteImporterTests {
  @Test("there are golden models in fp32, int8 and uint8")
  func goldenModels() {
    #expect(TFLiteGolden.real.count == 4)
    #expect(TFLiteGolden.quantised.count == 6)
  }

  @Test("computes in fp32 what LiteRT computes", arguments: TFLiteGolden.real)
  func equalsRuntime(name: String) throws {
    let golden = try #require(TFLiteGolden.cases[name])
    guard case .real(let imported) = try TFLiteImporter.read(TFLiteGolden.path(name)) else {
      Issue.record("\(name) is not fp32")
      return
    }
    #expect(imported.graph.inputShape.dimensions == golden.shape)
    for graph in [imported.graph, try imported.graph.fused()] {
      let result = try FloatExecutor(graph).run(golden.input.span)
      #expect(result.count == golden.output.count)
      // Sums of at most 144 products of numbers below 6, in another order.
      for (ours, theirs) in zip(result, golden.output) { #expect(abs(ours - theirs) < 2e-5) }
    }
  }

  @Test(
    "computes with the file's own scales what LiteRT computes with them",
    arguments: TFLiteGolden.quantised)
  func equalsBytes(name: String) throws {
    let golden = try #require(TFLiteGolden.cases[name])
    let graph = try TFLiteGolden.graph(name)
    #expect(graph.inputShape.dimensions == golden.shape)
    let network = try TFLiteGolden.network(graph)
    let body = try Body(network)
    let image = TFLiteGolden.image(golden, graph)
    let shift = golden.kind == "uint8" ? 128 : 0
    let usual = try #require(golden.usual)
    var (count, near, greatest, tensors) = (0, 0, 0, 0)
    var differing: [String: Int] = [:]
    var feature = [Float](repeating: 0, count: body.featureShape.count)
    var span = feature.mutableSpan
    body.run(image.span, features: &span) { node, ours in
      guard let theirs = usual[node.output] else { return }
      tensors += 1
      #expect(theirs.count == ours.count)
      for (index, byte) in theirs.enumerated() where index < ours.count {
        let apart = abs(Int(ours[index]) - (byte - shift))
        count += 1
        if apart > 0 { differing[node.operation.label, default: 0] += 1 }
        near += apart <= 1 ? 1 : 0
        greatest = max(greatest, apart)
      }
    }
    #expect(tensors >= 3)
    // What MobileNets are made of is LiteRT's to the byte.
    for label in ["convolution", "fullyConnected", "add"] {
      #expect(differing[label] == nil, "\(differing)")
    }
    #expect(Double(near) >= 0.99 * Double(count), "\(near) of \(count) within 1")
    #expect(greatest <= 2)
    // The tail computes the file's last layer from the same weights in fp32: a step or two of its result.
    let logits = try Tail(network).logits(feature.span, count: 1)
    if name == "int8_ends" {
      for (ours, theirs) in zip(logits, golden.output) { #expect(abs(ours - theirs) < 0.07) }
      return
    }
    let least = logits.max() ?? 0
    let powers = logits.map { exponential($0 - least) }
    let sum = powers.reduce(0, +)
    let zero: Float = golden.kind == "uint8" ? 0 : -128
    for (ours, theirs) in zip(powers, golden.output) {
      #expect(abs(ours / sum - (theirs - zero) / 256) < 0.03)
    }
  }

  private func exponential(_ value: Float) -> Float {
    var (sum, term) = (1.0, 1.0)
    for step in 1..<60 {
      term *= Double(value) / Double(step)
      sum += term
    }
    return Float(sum)
  }

  @Test("keeps scales, zero points and biases as the file has them")
  func keeps() throws {
    let graph = try TFLiteGolden.graph("int8")
    let network = try TFLiteGolden.network(graph)
    let stem = try #require(network.body.first)
    #expect(network.tensors[stem.parameters[0]]?.type == .int8)
    let scales = try #require(network.tensors[Network.scaleName(stem.parameters[0])])
    #expect(Set(scales.floats()).count == 8)
    #expect(network.tensors[stem.parameters[1]]?.type == .int32)
    #expect(graph.inputQuantisation.zeroPoint == 0 || graph.inputQuantisation.zeroPoint == 1)
    #expect(network.featureIsMean)
    // One byte a pixel: the photo's values arrive unchanged but for the sign.
    let pixels = (0..<network.inputShape.count).map { UInt8($0 % 256) }
    let bytes = InputTable(network).quantised(rgb: pixels)
    #expect(zip(pixels, bytes).allSatisfy { Int($0) - 128 == Int($1) })
  }

  @Test(
    "keeps zero points of weights only where the weights are no bytes without them, in the file too"
  )
  func zeroPoints() throws {
    for (name, isWide) in [("uint8", false), ("uint8_wide", true)] {
      let network = try TFLiteGolden.network(try TFLiteGolden.graph(name))
      let zeros = network.tensors.keys.filter { $0.hasSuffix(".zero") }
      #expect(zeros.isEmpty != isWide)
      let path = FileManager.default.temporaryDirectory
        .appending(path: "loam-tflite-\(name)-\(UInt64.random(in: 0...UInt64.max)).loam").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try LoamFile.write(network, to: path)
      let read = try LoamFile.open(path).network()
      #expect(read.lineage.bodySHA256 == network.lineage.bodySHA256)
      let image = (0..<network.inputShape.count).map { Int8(truncatingIfNeeded: $0 &* 37) }
      #expect(try Body(read).features(image.span) == Body(network).features(image.span))
    }
  }

  @Test("takes a cut by name, and names one that is not there")
  func cut() throws {
    let graph = try TFLiteGolden.graph("int8")
    let network = try TFLiteGolden.network(graph, cut: "valid")
    #expect(network.cut == "valid")
    #expect(network.tail.contains { $0.operation == .globalAveragePool })
    #expect(throws: GraphError.self) { try TFLiteGolden.network(graph, cut: "nowhere") }
  }

  @Test("says what wrote the file, and recognises the format by its content")
  func provenance() throws {
    guard case .real(let imported) = try TFLiteImporter.read(TFLiteGolden.path("real")) else {
      Issue.record("not fp32")
      return
    }
    #expect(imported.producer == "golden")
    #expect(imported.inputName == "image")
    #expect(imported.outputName == "probabilities")
    #expect(TFLiteImporter.claims(try TFLiteGolden.bytes("real")))
    #expect(!TFLiteImporter.claims(try GoldenModels.bytes("torchscript")))
    #expect(!TFLiteImporter.claims([]))
  }

  @Test("takes the image's size where the file leaves it open, and only there")
  func inputSize() throws {
    let open = TFLiteGolden.path("hostile_open_size")
    guard case .real(let imported) = try TFLiteImporter.read(open, inputSize: (height: 7, width: 6))
    else {
      Issue.record("not fp32")
      return
    }
    #expect(imported.graph.inputShape.dimensions == [7, 6, 3])
    #expect(try imported.graph.shapes()[imported.outputName]?.dimensions == [4, 3, 4])
    #expect(throws: ExchangeError.self) {
      try TFLiteImporter.read(TFLiteGolden.path("real"), inputSize: (height: 8, width: 8))
    }
  }
}

@Suite("TensorFlow Lite import, bad files")
struct TFLiteRefusalTests {
  @Test(
    "names what is wrong",
    arguments: [
      ("batch", "batch of 1"), ("open_size", "--input-size"), ("nan_scale", "scale nan"),
      ("few_scales", "3 scales"), ("short_weights", "'layer.w'"), ("cyclic", "nothing before it"),
      ("vast", "extents"), ("no_such_tensor", "tensor 900"),
      ("wrong_extents", "states [1, 7, 8, 4]"),
    ])
  func refuses(name: String, mark: String) throws {
    let path = TFLiteGolden.path("hostile_" + name)
    let error = #expect(throws: ExchangeError.self) { try TFLiteImporter.read(path) }
    let text = try #require(error).description
    #expect(text.contains(mark), "\(text)")
    #expect(text.contains(path), "\(text)")
  }

  @Test("lists every operator and attribute that is not supported, each with its node")
  func listsAll() throws {
    let path = TFLiteGolden.path("hostile_unsupported")
    let error = #expect(throws: ExchangeError.self) { try TFLiteImporter.read(path) }
    guard case .unsupported(_, let problems) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      problems == [
        "CONV_2D (fused activation TANH): 'tanh', 'other_tanh'", "EXP: 'exp'",
        "RESIZE_BILINEAR: 'resized'", "custom operator Fancy: 'own'",
      ])
  }

  @Test(
    "says what a file is that is none",
    arguments: [[], [1], Array("hello, world".utf8)] as [[UInt8]])
  func refusesOthers(bytes: [UInt8]) throws {
    let error = #expect(throws: ExchangeError.self) {
      try TFLiteImporter.read(bytes, path: "some.tflite")
    }
    #expect(try #require(error).description.contains("some.tflite"))
  }

  @Test("refuses a model that is cut anywhere", arguments: ["halves", "int8_ends"])
  func refusesCut(name: String) throws {
    let bytes = try TFLiteGolden.bytes(name)
    for count in stride(from: 0, to: bytes.count - 8, by: 3) {
      do throws(ExchangeError) {
        _ = try TFLiteImporter.read(Array(bytes[..<count]), path: name)
        Issue.record("read when cut to \(count) of \(bytes.count) B")
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }

  @Test(
    "reads or refuses a model with changed bytes, and never traps", arguments: TFLiteGolden.names)
  func survivesChanges(name: String) throws {
    let bytes = try TFLiteGolden.bytes(name)
    var random = Seeded(state: 11)
    var refused = 0
    for _ in 0..<120 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        changed[place] =
          [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
          .randomElement(using: &random) ?? 0
      }
      do throws(ExchangeError) {
        switch try TFLiteImporter.read(changed, path: name) {
        case .real(let imported): #expect(!imported.graph.nodes.isEmpty)
        case .quantised(let graph): _ = try? TFLiteGolden.network(graph)
        }
      } catch {
        refused += 1
        #expect(!error.description.isEmpty)
      }
    }
    #expect(refused > 10)
  }
}
