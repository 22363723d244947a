import Graph
import Inference
import Kernels
import Support
import Tensors
import Testing

@Suite("Strips")
struct StripTests {
  /// A graph of convolutions of all kinds with odd sizes, whose results are mostly read once.
  static func graph(seed: UInt64) -> Graph {
    var maker = GraphMaker(
      seed: seed,
      input: Shape(7 + Int(seed * 5 % 40), 5 + Int(seed * 11 % 37), 1 + Int(seed % 5)))
    var x = "image"
    var skip: String?
    for _ in 0..<(3 + maker.random.below(9)) {
      let shape = maker.shapes[x] ?? Shape(1)
      let channels = shape.channels
      switch maker.random.below(8) {
      case 0, 1:
        x = maker.convolution(x, outputs: 1 + maker.random.below(24), kernel: 1)
      case 2, 3:
        x = window(&maker, x, outputs: channels, groups: channels)
      case 4:
        x = window(&maker, x, outputs: 1 + maker.random.below(9), groups: 1)
      case 5 where channels % 2 == 0:
        x = window(&maker, x, outputs: 2 * (1 + maker.random.below(5)), groups: 2)
      case 6:
        x = maker.block(
          x, outputs: maker.random.below(2) == 0 ? channels : 1 + maker.random.below(12),
          kernel: 3 + 2 * maker.random.below(2), stride: 1 + maker.random.below(2))
      case 7:
        if let other = skip, maker.shapes[other] == shape, other != x {
          x = maker.add(.add, maker.random.below(2) == 0 ? [x, other] : [other, x])
        }
        skip = x
      default:
        x = maker.add(.clamp, [x], clamp: Clamp(low: -1, high: 3))
      }
    }
    return maker.graph
  }

  /// A convolution with any window, stride, dilation and padding that leaves a row and a column.
  private static func window(
    _ maker: inout GraphMaker, _ input: String, outputs: Int, groups: Int
  ) -> String {
    let shape = maker.shapes[input] ?? Shape(1)
    let (height, width) = (1 + maker.random.below(5), 1 + maker.random.below(5))
    let (dilationY, dilationX) = (1 + maker.random.below(2), 1 + maker.random.below(2))
    let (reachY, reachX) = ((height - 1) * dilationY + 1, (width - 1) * dilationX + 1)
    let padding = Padding(
      top: maker.random.below(reachY + 1), left: maker.random.below(reachX + 1),
      bottom: max(reachY - shape.height, maker.random.below(reachY)),
      right: max(reachX - shape.width, maker.random.below(reachX)))
    let depth = (shape.channels / groups)
    let count = outputs * height * width * depth
    let weights = FloatTensor(
      shape: [outputs, height, width, depth],
      elements: maker.numbers(count, scale: (3 / Double(height * width * depth)).squareRoot()))
    return maker.add(
      .convolution(
        Window(
          height: height, width: width, strideY: 1 + maker.random.below(3),
          strideX: 1 + maker.random.below(2), dilationY: dilationY, dilationX: dilationX,
          padding: padding), groups: groups),
      [input], constants: [weights])
  }

  /// Every result that exists in full, by name, and the feature; runs twice.
  static func results(
    _ body: Body, _ image: [Int8]
  ) -> (bytes: [String: [Int8]], feature: [Float]) {
    var feature = [Float](repeating: 0, count: body.featureShape.count)
    var bytes: [String: [Int8]] = [:]
    for _ in 0..<2 {
      var span = feature.mutableSpan
      body.run(image.span, features: &span) { node, result in
        bytes[node.name] = unsafe result.withUnsafeBufferPointer { unsafe Array($0) }
      }
    }
    return (bytes, feature)
  }

  @Test("give the bytes of whole activations", arguments: UInt64(0)..<150)
  func sameBytes(seed: UInt64) throws {
    let graph = try Self.graph(seed: seed).fused()
    let network = try TestNetworks.quantised(graph, cut: graph.output)
    let image = BodyTests.image(network.inputShape, seed: seed)
    for level in ["scalar", nil] {
      let whole = Self.results(try Body(network, cpu: level, strips: .never), image)
      #expect(whole.bytes.count == network.body.count)
      for use in [StripUse.whereUseful, .wherePossible] {
        let body = try Body(network, cpu: level, strips: use)
        let found = Self.results(body, image)
        #expect(found.feature == whole.feature, "\(use), \(body.plan.stages)")
        for (name, bytes) in found.bytes {
          #expect(bytes == whole.bytes[name], "'\(name)', \(use)")
        }
      }
    }
  }

  @Test("give the same bytes however many threads share them", arguments: UInt64(0)..<60)
  func threads(seed: UInt64) throws {
    let graph = try Self.graph(seed: seed).fused()
    let network = try TestNetworks.quantised(graph, cut: graph.output)
    let image = BodyTests.image(network.inputShape, seed: seed)
    for use in [StripUse.never, .whereUseful, .wherePossible] {
      let alone = try Body(network, strips: use).features(image.span)
      for threads in [2, 3, 5] {
        let body = try Body(network, strips: use, threads: threads)
        for _ in 0..<3 { #expect(body.features(image.span) == alone, "\(threads), \(use)") }
      }
    }
  }

  @Test("are made of one to many nodes, and over inputs, in the graphs of these tests")
  func kinds() throws {
    var lengths: Set<Int> = []
    var overwrites = 0
    var bands: Set<Int> = []
    for seed in UInt64(0)..<150 {
      let graph = try Self.graph(seed: seed).fused()
      let network = try TestNetworks.quantised(graph, cut: graph.output)
      let plan = Plan(network, strips: .wherePossible, threads: 1 + Int(seed % 3))
      for (index, stage) in plan.stages.enumerated() {
        lengths.insert(stage.nodes.count)
        let last = network.nodes[stage.nodes.upperBound - 1]
        if stage.chain != nil, let target = plan.slots[last.output],
          network.nodes[stage.nodes].contains(where: { node in
            node.inputs.contains { plan.slots[$0]?.overlaps(target) == true }
          })
        {
          overwrites += 1
        }
        if let chain = stage.chain {
          bands.insert(chain.schedule.bandCount)
          let rings = plan.ringOffsets[index]..<(plan.ringOffsets[index] + chain.byteCount)
          for name in network.nodes[stage.nodes].flatMap(\.inputs) + [last.output] {
            #expect(plan.slots[name]?.overlaps(rings) != true, "seed \(seed), '\(name)'")
          }
        }
      }
    }
    #expect(lengths.isSuperset(of: 1...6))
    #expect(bands.isSuperset(of: [1, 2, 3]))
    #expect(overwrites > 20)
  }

  @Test("keep the arena of EfficientNet-Lite0 below 700 KB, with the bytes of whole activations")
  func efficientNet() throws {
    let network = try LoamFile.open(TestNetworks.shipped).network()
    let image = BodyTests.image(network.inputShape, seed: 1)
    let whole = try Body(network, strips: .never)
    let body = try Body(network)
    #expect(whole.memory.arenaByteCount > 1_400_000)
    #expect(body.memory.arenaByteCount <= 700_000)
    #expect(Double(body.plan.byteCount) <= 1.05 * Double(body.plan.lowerBound))
    let expected = Self.results(whole, image)
    for use in [StripUse.whereUseful, .wherePossible] {
      let found = Self.results(try Body(network, strips: use), image)
      #expect(found.feature == expected.feature)
      for (name, bytes) in found.bytes { #expect(bytes == expected.bytes[name], "'\(name)'") }
    }
    for threads in [2, 3] {
      let shared = try Body(network, threads: threads)
      #expect(shared.memory.arenaByteCount <= 700_000)
      let bands = shared.plan.stages.compactMap { $0.chain?.schedule.bandCount }
      #expect(bands.contains(2 * threads) && bands.contains(threads), "\(bands)")
      for _ in 0..<3 { #expect(shared.features(image.span) == expected.feature) }
    }
  }
}
