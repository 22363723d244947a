import Support
import Tensors
import Testing

@testable import Graph

/// Graphs that no one trains but a file may hold: each is refused or handled in bounded time and memory.
@Suite("An absurd graph")
struct AbsurdGraphTests {
  /// A row of 1 × 1 depthwise convolutions, each with the given stride and enough padding for one result.
  private static func strided(_ stride: Int, count: Int) -> Graph {
    var maker = GraphMaker(seed: 1, input: Shape(4, 4, 1))
    var name = "image"
    for _ in 0..<count {
      let window = Window(height: 1, width: 1, strideY: stride, strideX: stride)
      name = maker.add(
        .convolution(window, groups: 1), [name],
        constants: [
          FloatTensor(shape: [1, 1, 1, 1], elements: [1]), FloatTensor(shape: [1], elements: [0]),
        ])
    }
    return maker.graph
  }

  @Test("is planned in strips whose strides multiply to more than a number holds")
  func strides() throws {
    let graph = Self.strided(65_536, count: 12)
    let network = try TestNetworks.quantised(graph, cut: graph.output)
    for strips in [StripUse.never, .whereUseful, .wherePossible] {
      let plan = Plan(network, strips: strips)
      #expect(plan.byteCount >= plan.lowerBound)
      #expect(plan.byteCount < 4096)
    }
  }

  @Test(
    "is planned in bounded time and memory however tall its maps are",
    arguments: [1 << 27, (1 << 19) + 1, 1 << 19, 1 << 17])
  func tall(height: Int) throws {
    var maker = GraphMaker(seed: 1, input: Shape(height, 1, 1))
    var name = "image"
    for _ in 0..<6 { name = maker.convolution(name, outputs: 1, kernel: 1) }
    let network = try TestNetworks.quantised(maker.graph, cut: name)
    let clock = ContinuousClock()
    var found: [Stage] = []
    let seconds = clock.measure {
      let wiring = network.wiring.prefix(network.bodyNodeCount)
      var candidates = ChainCandidates(wiring, kept: [], members: 4)
      found = candidates.longest
    }
    #expect(seconds < .seconds(10))
    let rows = found.compactMap(\.chain).reduce(0) {
      $0 + $1.schedule.stripCount * $1.schedule.nodeCount
    }
    #expect(rows <= ChainCandidates.mostRows)
    // Two nodes of 2¹⁹ rows are just what may be followed.
    #expect(rows > 0 || height > 1 << 19)
    #expect(Plan(network).byteCount <= 2 * (height + Plan.alignment))
  }

  @Test("keeps the batch normalisation of a vector whose diagonal matrix would be vast")
  func vastDiagonal() throws {
    var maker = GraphMaker(seed: 2, input: Shape(64, 128, 1))
    let flat = maker.add(.flatten, ["image"])
    maker.batchNormalisation(flat)
    let fused = try maker.graph.fused()
    #expect(fused.constants.values.allSatisfy { $0.elements.count <= 8192 })
    #expect(fused.nodes.count == 2)
  }

  @Test("makes no more of many diagonal matrices than of one vast one")
  func manyDiagonals() throws {
    var maker = GraphMaker(seed: 3, input: Shape(32, 32, 1))
    var name = maker.add(.flatten, ["image"])
    for _ in 0..<40 {
      name = maker.batchNormalisation(name)
      name = maker.add(.activation(.tanh), [name])
    }
    let fused = try maker.graph.fused()
    let held = fused.constants.values.reduce(0) { $0 + $1.elements.count }
    #expect(held <= FusionWork.mostDiagonalElements + 40 * 4 * 1024)
    #expect(fused.nodes.contains { $0.operation == .fullyConnected })
  }

  @Test("folds any number of batch normalisations into one set of constants")
  func manyNormalisations() throws {
    var maker = GraphMaker(seed: 4, input: Shape(4, 4, 3))
    var name = maker.convolution("image", outputs: 2, kernel: 1, clamp: .none)
    for _ in 0..<20 { name = maker.batchNormalisation(name) }
    let fused = try maker.graph.fused()
    #expect(fused.nodes.count == 1)
    #expect(fused.constants.count == 2)
    #expect(fused.constants.keys.allSatisfy { $0.utf8.count < 24 }, "\(fused.constants.keys)")
  }

  @Test("folds a long row of pads into the window behind it")
  func manyPads() throws {
    var maker = GraphMaker(seed: 5, input: Shape(4, 4, 1))
    var name = "image"
    for _ in 0..<50 { name = maker.add(.pad(Padding(top: 1)), [name]) }
    maker.convolution(name, outputs: 1, kernel: 1)
    let fused = try maker.graph.fused()
    #expect(fused.nodes.count == 1)
    guard case .convolution(let window, _) = fused.nodes[0].operation else {
      Issue.record("\(fused.nodes[0])")
      return
    }
    #expect(window.padding == Padding(top: 50))
  }

  @Test(
    "is refused for a variance that has no root", arguments: [-1, -0.002, -.infinity] as [Float])
  func variance(value: Float) throws {
    var maker = GraphMaker(seed: 6, input: Shape(2, 2, 1))
    let one = FloatTensor(shape: [1], elements: [1])
    maker.add(
      .batchNormalisation(epsilon: 1e-3), ["image"],
      constants: [one, one, one, FloatTensor(shape: [1], elements: [value])])
    #expect(throws: GraphError.self) { try maker.graph.shapes() }
    #expect(throws: GraphError.self) { try maker.graph.fused() }
  }

  @Test("is refused for a variance without a root in a tail")
  func varianceInTail() throws {
    var maker = GraphMaker(seed: 7, input: Shape(4, 4, 3))
    let mean = maker.add(
      .globalAveragePool, [maker.convolution("image", outputs: 2, kernel: 1)])
    maker.batchNormalisation(mean)
    let network = try TestNetworks.quantised(maker.graph, cut: mean)
    var tensors = network.tensors
    tensors[network.nodes[2].parameters[3]] = StoredTensor(shape: [2], float32: [1, -1])
    #expect(throws: GraphError.self) { try Self.network(network, tensors: tensors) }
  }

  @Test("is refused if layers of its tail share their weights, each of which takes a copy")
  func sharedTail() throws {
    var maker = GraphMaker(seed: 8, input: Shape(4, 4, 3))
    let mean = maker.add(
      .globalAveragePool, [maker.convolution("image", outputs: 2, kernel: 1)])
    maker.fullyConnected(maker.fullyConnected(mean, outputs: 2), outputs: 2)
    let network = try TestNetworks.quantised(maker.graph, cut: mean)
    var nodes = network.nodes
    nodes[3].parameters = nodes[2].parameters
    let error = #expect(throws: GraphError.self) { try Self.network(network, nodes: nodes) }
    let text = try #require(error).description
    #expect(text.contains("also those of"), "\(text)")
  }

  @Test("is refused for more reads than nodes could honestly make")
  func reads() {
    let first = Node(
      name: "a", operation: .concatenate, inputs: Array(repeating: "image", count: 4000),
      output: "a")
    let nodes = (0..<5).map { index in
      var node = first
      (node.name, node.output) = ("n\(index)", "n\(index)")
      return node
    }
    let graph = Graph(
      input: "image", inputShape: Shape(1, 1, 1), nodes: nodes, output: "n4", constants: [:])
    #expect(throws: GraphError.self) { try graph.shapes() }
  }

  @Test("is refused for a pooling over more channels than a network has")
  func channels() {
    let graph = Graph(
      input: "image", inputShape: Shape(1, 1, 1 << 20),
      nodes: [
        Node(
          name: "a", operation: .averagePool(Window(height: 1, width: 1), counted: .none),
          inputs: ["image"], output: "a")
      ], output: "a", constants: [:])
    #expect(throws: GraphError.self) { try graph.shapes() }
  }

  @Test("is refused for a limit that no number keeps")
  func infiniteClamp() {
    for clamp in [Clamp(low: .infinity), Clamp(high: -.infinity), Clamp(low: .nan)] {
      let graph = Graph(
        input: "image", inputShape: Shape(1, 1, 1),
        nodes: [Node(name: "a", operation: .clamp, inputs: ["image"], output: "a", clamp: clamp)],
        output: "a", constants: [:])
      #expect(throws: GraphError.self, "\(clamp)") { try graph.shapes() }
    }
  }

  private static func network(
    _ network: Network, nodes: [Node]? = nil, tensors: [String: StoredTensor]? = nil
  ) throws -> Network {
    try Network(
      input: network.input, inputShape: network.inputShape, nodes: nodes ?? network.nodes,
      output: network.output, cut: network.cut, quantisation: network.quantisation,
      classes: network.classes, preprocessing: network.preprocessing, lineage: network.lineage,
      tensors: tensors ?? network.tensors)
  }
}
