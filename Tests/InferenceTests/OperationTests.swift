import Graph
import Kernels
import Support
import Tensors
import Testing

@testable import Inference

@Suite("Operations")
struct OperationTests {
  /// A graph with every operation that branches, pools or bends.
  static func branches(seed: UInt64) -> Graph {
    var maker = GraphMaker(seed: seed, input: Shape(13, 11, 3))
    var x = maker.convolution("image", outputs: 12, clamp: .none)
    x = maker.add(.activation(.hardSwish), [x])
    x = maker.add(.maxPool(Window(height: 3, width: 2, padding: Padding(top: 1, right: 1))), [x])
    let response = LocalResponse(size: 4, alpha: 0.3, bias: 1.5)
    x = maker.add(.localResponseNormalisation(response), [x], clamp: Clamp(high: 1))
    let left = maker.add(.slice(start: 0, count: 5), [x])
    let right = maker.add(.slice(start: 5, count: 7), [x], clamp: Clamp(low: -0.2))
    let bent = maker.add(.activation(.leakyReLU(slope: 0.1)), [right])
    x = maker.add(.concatenate, [bent, left, left], clamp: Clamp(low: -0.3))
    x = maker.convolution(x, outputs: 12, kernel: 1, clamp: .none)
    let mean = maker.add(.globalAveragePool, [x])
    let narrow = maker.fullyConnected(mean, outputs: 4)
    let wide = maker.fullyConnected(maker.add(.activation(.silu), [narrow]), outputs: 12)
    let gate = maker.add(
      .activation(.hardSigmoid(slope: 0.25, offset: 0.5)), [wide])
    x = maker.add(.multiply, [x, gate])
    x = maker.add(.channelShuffle(groups: 3), [x])
    let window = Window(
      height: 3, width: 3, strideY: 2, strideX: 2,
      padding: Padding(top: 1, left: 1, bottom: 2, right: 1))
    x = maker.add(.averagePool(window, counted: Padding(top: 1, left: 1, right: 1)), [x])
    let bounded = maker.add(.activation(.tanh), [x])
    let open = maker.add(.activation(.sigmoid), [x])
    x = maker.add(.multiply, [bounded, open], clamp: Clamp(high: 0.5))
    maker.add(.multiply, [x, x])
    return maker.graph
  }

  @Test("every kernel variant gives the scalar reference's feature", arguments: UInt64(0)..<4)
  func variants(seed: UInt64) throws {
    let graph = Self.branches(seed: seed)
    let ranges = Dictionary(
      uniqueKeysWithValues: graph.nodes.map { ($0.output, Float(-1)...1) })
    let network = try TestNetworks.quantised(graph, cut: graph.output, ranges: ranges)
    let image = BodyTests.image(network.inputShape, seed: seed)
    let reference = try Body(network, cpu: "scalar").features(image.span)
    #expect(Set(reference).count > 2)
    for level in CPUFeatures.levels where CPU.complaint(about: level.name) == nil {
      let body = try Body(network, cpu: level.name)
      #expect(body.features(image.span) == reference, "\(level.name)")
      #expect(body.features(image.span) == reference, "\(level.name), second run")
    }
  }

  @Test("int8 stays near fp32 where ranges fit", arguments: UInt64(0)..<4)
  func nearFloat(seed: UInt64) throws {
    let graph = Self.branches(seed: seed)
    for node in graph.nodes {
      let table = InputTable(
        TestNetworks.preprocessing(graph.inputShape), shape: graph.inputShape,
        quantisation: Quantisation(scale: 1 / 128, zeroPoint: -1))
      var calibrator = try Calibrator(graph)
      var random = SeededRandom(seed: seed + 100)
      let photo = (0..<graph.inputShape.count).map { _ in UInt8(random.below(256)) }
      let real = calibrator.observe(
        input: table.normalised(rgb: photo).span, feature: node.output)
      var part = graph
      part.output = node.output
      let network = try TestNetworks.quantised(
        try part.fused(), cut: node.output, ranges: calibrator.ranges(.minMax))
      let found = try Body(network).features(table.quantised(rgb: photo).span)
      #expect(QuantisationChoice.cosine(found, real) > 0.97, "cut at \(node.name)")
    }
  }

  /// A network of the operations alone, whose activations are quantised as given.
  static func network(
    _ input: Shape, _ steps: [(Operation, [String], Clamp)], forms: [String: Quantisation]
  ) throws -> Network {
    var maker = GraphMaker(seed: 1, input: input)
    for (operation, inputs, clamp) in steps { maker.add(operation, inputs, clamp: clamp) }
    let graph = maker.graph
    return try Network(
      input: graph.input, inputShape: input, nodes: graph.nodes, output: graph.output,
      cut: graph.output, quantisation: forms, classes: [],
      preprocessing: TestNetworks.preprocessing(input),
      lineage: Lineage(source: "test", sourceSHA256: String(repeating: "0", count: 64)),
      tensors: [:])
  }

  @Test("a mean of bytes is rounded once where the scales agree, padding counted or not")
  func averages() throws {
    let window = Window(
      height: 2, width: 3, strideY: 1, strideX: 2, padding: Padding(top: 1, left: 1, right: 2))
    let counted = Padding(left: 1, right: 1)
    let form = Quantisation(scale: 0.5, zeroPoint: 7)
    let input = Shape(4, 5, 3)
    let network = try Self.network(
      input, [(.averagePool(window, counted: counted), ["image"], .none)],
      forms: ["image": form, "n0.out": form])
    let image = BodyTests.image(input, seed: 3)
    let found = try Body(network).features(image.span)
    var expected: [Float] = []
    for row in 0..<4 {
      for column in 0..<3 {
        for channel in 0..<3 {
          var (sum, count) = (0, 0)
          for y in (row - 1)...row where (0..<4).contains(y) {
            for x in (column * 2 - 1)...(column * 2 + 1) where (-1..<6).contains(x) {
              count += 1
              if (0..<5).contains(x) { sum += Int(image[(y * 5 + x) * 3 + channel]) - 7 }
            }
          }
          let steps = (Float(sum) / Float(count)).rounded(.toNearestOrEven)
          expected.append(0.5 * steps)
        }
      }
    }
    #expect(found == expected)
  }

  @Test("a product of bytes is exact before its one rounding, with a factor for each channel too")
  func products() throws {
    let input = Shape(3, 2, 4)
    let forms = [
      "image": Quantisation(scale: 0.5, zeroPoint: -3),
      "n0.out": Quantisation(scale: 0.25, zeroPoint: 5),
      "n1.out": Quantisation(scale: 2, zeroPoint: 9),
      "n2.out": Quantisation(scale: 4, zeroPoint: -9),
    ]
    let network = try Self.network(
      input,
      [
        (.globalAveragePool, ["image"], .none), (.multiply, ["image", "n0.out"], .none),
        (.multiply, ["n1.out", "image"], Clamp(low: -100, high: 300)),
      ], forms: forms)
    let image = BodyTests.image(input, seed: 4)
    let body = try Body(network)
    var seen: [String: [Int8]] = [:]
    var features = [Float](repeating: 0, count: 24)
    var span = features.mutableSpan
    body.run(image.span, features: &span) { node, bytes in
      seen[node.output] = bytes.indices.map { bytes[$0] }
    }
    let means = try #require(seen["n0.out"])
    let scaled = try #require(seen["n1.out"])
    let last = try #require(seen["n2.out"])
    func byte(_ steps: Float, _ zero: Float, _ low: Float, _ high: Float) -> Int8 {
      Int8(max(low, min(high, steps.rounded(.toNearestOrEven) + zero)))
    }
    for index in 0..<24 {
      let pixel = Int(image[index]) + 3
      let first = byte(Float(pixel * (Int(means[index % 4]) - 5)) * 0.0625, 9, -128, 127)
      #expect(scaled[index] == first)
      // −100 / 4 − 9 and 300 / 4 − 9.
      #expect(last[index] == byte(Float((Int(first) - 9) * pixel) * 0.25, -9, -34, 66))
    }
  }

  @Test(
    "a sum is refused where an addend leaves fp32, and the same for every variant where its sum does"
  )
  func sums() throws {
    let input = Shape(8, 8, 3)
    func network(_ scale: Float) throws -> Network {
      let form = Quantisation(scale: scale, zeroPoint: 3)
      return try Self.network(
        input,
        [(.channelShuffle(groups: 3), ["image"], .none), (.add, ["image", "n0.out"], .none)],
        forms: ["image": form, "n0.out": form, "n1.out": Quantisation(scale: 1, zeroPoint: -7)])
    }
    #expect(throws: InferenceError.self) { try Body(network(1e37)) }
    // 255 × it is just below the greatest number, twice that is none.
    let last = try network(1.33e36)
    let image = BodyTests.image(input, seed: 7)
    let expected = image.map { Float($0 > 3 ? 127 + 7 : $0 < 3 ? -128 + 7 : 0) }
    for level in CPUFeatures.levels where CPU.complaint(about: level.name) == nil {
      #expect(try Body(last, cpu: level.name).features(image.span) == expected, "\(level.name)")
    }
  }

  @Test("joined channels keep their bytes where scales agree, and come to the result's otherwise")
  func joins() throws {
    let input = Shape(2, 2, 3)
    let (fine, coarse) = (
      Quantisation(scale: 0.5, zeroPoint: 1), Quantisation(scale: 1, zeroPoint: -4)
    )
    let network = try Self.network(
      input,
      [
        (.channelShuffle(groups: 3), ["image"], .none), (.clamp, ["n0.out"], .none),
        (.concatenate, ["n1.out", "image"], .none), (.slice(start: 2, count: 3), ["n2.out"], .none),
      ],
      forms: [
        "image": fine, "n0.out": fine, "n1.out": coarse, "n2.out": coarse, "n3.out": coarse,
      ])
    let image = BodyTests.image(input, seed: 5)
    let found = try Body(network).features(image.span)
    for pixel in 0..<4 {
      let real = (0..<3).map { fine.real(image[pixel * 3 + $0]) }
      let bytes = real.map { coarse.real(coarse.byte($0)) }
      // Three groups of one channel: the shuffle changes nothing.
      #expect(Array(found[pixel * 3..<pixel * 3 + 3]) == [bytes[2], bytes[0], bytes[1]])
    }
  }

  @Test("the greatest byte of a window, and the form of its result must be that of its input")
  func maxima() throws {
    let input = Shape(3, 3, 2)
    let form = Quantisation(scale: 1, zeroPoint: 0)
    let operation = Operation.maxPool(
      Window(height: 2, width: 2, strideY: 2, strideX: 2, padding: Padding(bottom: 1, right: 1)))
    let network = try Self.network(
      input, [(operation, ["image"], .none)], forms: ["image": form, "n0.out": form])
    let image = BodyTests.image(input, seed: 6)
    let found = try Body(network).features(image.span)
    for (index, place) in [(0, 0), (0, 2), (2, 0), (2, 2)].enumerated() {
      for channel in 0..<2 {
        var best = -128
        for y in place.0..<min(3, place.0 + 2) {
          for x in place.1..<min(3, place.1 + 2) {
            best = max(best, Int(image[(y * 3 + x) * 2 + channel]))
          }
        }
        #expect(found[index * 2 + channel] == Float(best))
      }
    }
    #expect(throws: GraphError.self) {
      try Self.network(
        input, [(operation, ["image"], .none)],
        forms: ["image": form, "n0.out": Quantisation(scale: 2, zeroPoint: 0)])
    }
  }

  @Test("functions are within 1e-6 of exact, also far out")
  func functions() {
    func sigmoid(_ x: Double) -> Double {
      // The series of e^−x, halved often enough to converge at once.
      var (term, sum) = (1.0, 1.0)
      for index in 1...20 {
        term *= -x / 1024 / Double(index)
        sum += term
      }
      for _ in 0..<10 { sum *= sum }
      return 1 / (1 + sum)
    }
    for step in -160...160 {
      let x = Float(step) / 8
      let exact = sigmoid(Double(x))
      #expect(abs(Double(ActivationFunction.sigmoid(x)) - exact) < 1e-6)
      #expect(
        abs(Double(ActivationFunction.silu(x)) - exact * Double(x)) < 1e-6 * max(1, abs(Double(x))))
      #expect(abs(Double(ActivationFunction.tanh(x)) - (2 * sigmoid(2 * Double(x)) - 1)) < 1e-6)
    }
    #expect(ActivationFunction.sigmoid(-200) == 0 && ActivationFunction.sigmoid(200) == 1)
    #expect(ActivationFunction.silu(-200) == 0 && ActivationFunction.silu(200) == 200)
    #expect(ActivationFunction.tanh(-200) == -1 && ActivationFunction.tanh(200) == 1)
    #expect(ActivationFunction.hardSwish(-3) == 0 && ActivationFunction.hardSwish(4) == 4)
    #expect(ActivationFunction.hardSigmoid(slope: 0.5, offset: 0.25)(-1) == 0)
    #expect(ActivationFunction.leakyReLU(slope: 0.5)(-3) == -1.5)
  }
}
