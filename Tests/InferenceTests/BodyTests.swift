import Dispatch
import Graph
import Inference
import Kernels
import Support
import Synchronization
import Tensors
import Testing

@Suite("Body")
struct BodyTests {
  /// Bytes of a random picture.
  static func image(_ shape: Shape, seed: UInt64) -> [Int8] {
    var random = SeededRandom(seed: seed)
    return (0..<shape.count).map { _ in Int8(random.below(256) - 128) }
  }

  /// A graph with every operation that has an integer form, and every kind of convolution.
  static func everything(seed: UInt64) -> Graph {
    var maker = GraphMaker(seed: seed, input: Shape(13, 11, 3))
    var x = maker.convolution("image", outputs: 12, stride: 2)
    x = maker.convolution(x, outputs: 12, kernel: 5, groups: 12)
    let skip = maker.convolution(x, outputs: 12, kernel: 1, clamp: .none)
    let limited = maker.add(.clamp, [skip], clamp: Clamp(low: -0.5, high: 1))
    x = maker.add(.add, [skip, limited], clamp: .relu)
    let padded = maker.add(.pad(Padding(top: 1, left: 0, bottom: 2, right: 1)), [x])
    x = maker.convolution(padded, outputs: 8, kernel: 3, stride: 2, groups: 4, clamp: .none)
    let dilated = Window(
      height: 3, width: 2, strideY: 1, strideX: 2, dilationY: 2, dilationX: 2,
      padding: Padding(top: 2, left: 1, bottom: 1, right: 2))
    let weights = FloatTensor(shape: [8, 3, 2, 1], elements: maker.numbers(48))
    x = maker.add(.convolution(dilated, groups: 8), [x], constants: [weights], clamp: .relu6)
    let mean = maker.add(.globalAveragePool, [x])
    let flat = maker.add(.flatten, [x])
    let dense = maker.fullyConnected(flat, outputs: 8)
    maker.add(.add, [mean, dense])
    return maker.graph
  }

  @Test("a bias at the end of 32 bits may leave it when folded: the products bring it back")
  func greatestBias() throws {
    let shape = Shape(1, 1, 2)
    let window = Window(height: 1, width: 1)
    let step: Float = 0x1p-26
    let network = try Network(
      input: "x", inputShape: shape,
      nodes: [
        Node(
          name: "c", operation: .convolution(window, groups: 1), inputs: ["x"],
          parameters: ["w", "b"], output: "y")
      ], output: "y", cut: "y",
      quantisation: [
        "x": Quantisation(scale: 1, zeroPoint: 5), "y": Quantisation(scale: 1, zeroPoint: 3),
      ], classes: [], preprocessing: TestNetworks.preprocessing(shape),
      lineage: Lineage(source: "test", sourceSHA256: String(repeating: "0", count: 64)),
      tensors: [
        "w": StoredTensor(shape: [2, 1, 1, 2], int8: [100, 27, -90, -37]),
        "b": StoredTensor(shape: [2], int32: [.min, .max]),
        Network.scaleName("w"): StoredTensor(shape: [2], float32: [step, step]),
      ])
    // (x − zero) · w is 100 · 15 + 27 · 25 and the like: what is summed stays in 32 bits, what is folded does not.
    let image: [Int8] = [20, 30]
    for level in CPUFeatures.levels where CPU.complaint(about: level.name) == nil {
      let body = try Body(network, cpu: level.name)
      let expected = [
        (Float(Int32.min + 2175) * step).rounded(.toNearestOrEven),
        (Float(Int32.max - 2275) * step).rounded(.toNearestOrEven),
      ]
      #expect(body.features(image.span) == expected, "\(level.name)")
    }
  }

  @Test("every kernel variant gives the scalar reference's feature", arguments: UInt64(0)..<6)
  func variants(seed: UInt64) throws {
    let networks = [
      try TestNetworks.classifier(seed: seed),
      try TestNetworks.quantised(
        Self.everything(seed: seed), cut: Self.everything(seed: seed).output),
    ]
    for network in networks {
      let image = Self.image(network.inputShape, seed: seed)
      let reference = try Body(network, cpu: "scalar").features(image.span)
      #expect(Set(reference).count > 2)
      for level in CPUFeatures.levels where CPU.complaint(about: level.name) == nil {
        let body = try Body(network, cpu: level.name)
        #expect(body.features(image.span) == reference, "\(level.name)")
        #expect(body.features(image.span) == reference, "\(level.name), second run")
      }
    }
  }

  @Test(
    "shows plain bytes whatever form they have in its arena",
    arguments: CPUFeatures.levels.map(\.name))
  func plainBytes(level: String) throws {
    guard CPU.complaint(about: level) == nil else { return }
    let network = try TestNetworks.classifier(seed: 8)
    let image = Self.image(network.inputShape, seed: 8)
    func shown(_ cpu: String) throws -> [String: [Int8]] {
      let body = try Body(network, cpu: cpu)
      var features = [Float](repeating: 0, count: body.featureShape.count)
      var span = features.mutableSpan
      var bytes: [String: [Int8]] = [:]
      body.run(image.span, features: &span) { node, result in
        bytes[node.output] = result.indices.map { result[$0] }
      }
      return bytes
    }
    let found = try shown(level)
    #expect(try found == shown("scalar"))
    #expect(found.values.contains { Set($0).count > 9 })
  }

  @Test("stays near the fp32 graph where ranges fit", arguments: UInt64(0)..<6)
  func nearFloat(seed: UInt64) throws {
    for graph in [Self.everything(seed: seed), try GraphMaker.classifier(seed: seed).fused()] {
      let cut = graph.defaultCut.flatMap { seed % 2 == 0 ? $0 : nil } ?? graph.nodes[4].output
      let table = InputTable(
        TestNetworks.preprocessing(graph.inputShape), shape: graph.inputShape,
        quantisation: Quantisation(scale: 1 / 128, zeroPoint: -1))
      var calibrator = try Calibrator(graph)
      var random = SeededRandom(seed: seed + 100)
      let photo = (0..<graph.inputShape.count).map { _ in UInt8(random.below(256)) }
      let real = calibrator.observe(input: table.normalised(rgb: photo).span, feature: cut)
      let network: Network
      do {
        network = try TestNetworks.quantised(
          graph, cut: cut, ranges: calibrator.ranges(.minMax))
      } catch GraphError.invalidCut {
        continue
      }
      let found = try Body(network).features(table.quantised(rgb: photo).span)
      #expect(QuantisationChoice.cosine(found, real) > 0.99, "cut at \(cut)")
    }
  }

  @Test("shows each node's bytes as they are made")
  func observing() throws {
    let network = try TestNetworks.classifier(seed: 7)
    let body = try Body(network, strips: .never)
    let image = Self.image(network.inputShape, seed: 7)
    var features = [Float](repeating: 0, count: body.featureShape.count)
    var names: [String] = []
    var span = features.mutableSpan
    body.run(image.span, features: &span) { node, bytes in
      names.append(node.name)
      #expect(bytes.count == network.shapes[node.output]?.count)
    }
    // The mean at the cut leaves the arena as fp32 and is not shown.
    #expect(names == network.body.dropLast().map(\.name))
    #expect(features == body.features(image.span))
  }

  @Test("accounts for its memory, and keeps scratch to tens of kilobytes")
  func memory() throws {
    let network = try TestNetworks.classifier(seed: 8)
    let body = try Body(network)
    #expect(body.memory.arenaByteCount == Plan(network).byteCount)
    #expect(body.memory.scratchByteCount > 0 && body.memory.scratchByteCount < 64 << 10)
    let weights = network.body.reduce(0) { sum, node in
      sum + (node.parameters.first.flatMap { network.tensors[$0]?.byteCount } ?? 0)
    }
    #expect(body.memory.packedByteCount >= weights)
    let shared = try Body(network, threads: 3).memory
    #expect(shared.scratchByteCount == 3 * body.memory.scratchByteCount)
    #expect(shared.packedByteCount == body.memory.packedByteCount)
    #expect(shared.arenaByteCount == Plan(network, threads: 3).byteCount)
    // Each has rings of its own.
    #expect(shared.arenaByteCount >= body.memory.arenaByteCount)
  }

  @Test("an arena above the limit is refused with both numbers, before any of it is there")
  func arenaLimit() throws {
    let network = try TestNetworks.classifier(seed: 8)
    let plan = Plan(network)
    #expect(try Body(network, arenaLimit: plan.byteCount).memory.arenaByteCount == plan.byteCount)
    let limit = plan.byteCount - 1
    let error = #expect(throws: InferenceError.self) { try Body(network, arenaLimit: limit) }
    #expect(
      error
        == .arenaTooLarge(needed: plan.byteCount, limit: limit, peak: plan.peakNode))
    #expect(try #require(error).description.contains("give a larger budget"))
    let side = SideThread()
    #expect(throws: try #require(error)) { try Body(network, arenaLimit: limit, side: side) }
  }

  @Test("is the same body with the help of another thread", arguments: 1...3)
  func side(threads: Int) throws {
    let network = try TestNetworks.classifier(seed: 8)
    let image = Self.image(network.inputShape, seed: 8)
    let alone = try Body(network, threads: threads)
    let side = SideThread()
    for _ in 0..<20 {
      let body = try Body(network, threads: threads, side: side)
      #expect(body.memory == alone.memory)
      #expect(body.features(image.span) == alone.features(image.span))
    }
  }

  @Test("what another thread has not come to, the one who asks finds himself, once")
  func later() {
    final class Counter: Sendable {
      let count = Atomic(0)
      func counted(_ value: Int) -> Int {
        count.add(1, ordering: .relaxed)
        return value
      }
    }
    let counter = Counter()
    #expect(Later(by: nil) { counter.counted(1) }.value == 1)
    guard let side = SideThread() else { return }
    for value in 0..<200 {
      let later = Later(by: side) { counter.counted(value) }
      #expect(later.value == value && later.value == value)
    }
    // The side thread is held up: whoever asks does not wait for it.
    let gate = DispatchSemaphore(value: 0)
    side.add { gate.wait() }
    #expect(Later(by: side) { counter.counted(7) }.value == 7)
    gate.signal()
    #expect(counter.count.load(ordering: .relaxed) == 202)
  }

  @Test("what a body takes is known without its arena")
  func memoryWithoutBody() throws {
    let network = try TestNetworks.classifier(seed: 8)
    for threads in [1, 3] {
      #expect(
        try Body.memory(of: network, threads: threads) == Body(network, threads: threads).memory)
    }
    // An arena of half a gigabyte, which nothing here makes.
    var maker = GraphMaker(seed: 9, input: Shape(16_384, 16_384, 1))
    let pool = Window(height: 3, width: 3, padding: Padding(top: 1, left: 1, bottom: 1, right: 1))
    maker.add(.maxPool(pool), ["image"])
    let vast = try TestNetworks.quantised(maker.graph, cut: maker.graph.output)
    #expect(try Body.memory(of: vast).arenaByteCount == 2 << 28)
    #expect(throws: InferenceError.self) { try Body(vast, arenaLimit: 64 << 20) }
  }

  @Test("a level that this processor lacks is refused by name")
  func unknownLevel() throws {
    let network = try TestNetworks.classifier(seed: 9)
    #expect(throws: InferenceError.self) { try Body(network, cpu: "abacus") }
  }

  @Test("scales that leave fp32 are refused, not run")
  func extremeScales() throws {
    let network = try TestNetworks.classifier(seed: 10)
    var quantisation = network.quantisation
    quantisation[network.nodes[0].output]?.scale = 3e38
    quantisation[network.nodes[1].output]?.scale = 2e-38
    let broken = try Network(
      input: network.input, inputShape: network.inputShape, nodes: network.nodes,
      output: network.output, cut: network.cut, quantisation: quantisation,
      classes: network.classes, preprocessing: network.preprocessing, lineage: network.lineage,
      tensors: network.tensors)
    #expect(throws: InferenceError.self) { try Body(broken) }
  }
}
