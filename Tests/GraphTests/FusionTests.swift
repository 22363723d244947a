import Graph
import Support
import Tensors
import Testing

@Suite("Fusion")
struct FusionTests {
  @Test("folds batch norm, clamp, padding and flatten into the convolution and the dense layer")
  func foldsAll() throws {
    var maker = GraphMaker(seed: 5)
    let padded = maker.add(.pad(Padding(top: 1, left: 2, bottom: 3, right: 4)), ["image"])
    var x = maker.convolution(padded, outputs: 6, clamp: .none)
    x = maker.batchNormalisation(x)
    x = maker.add(.clamp, [x], clamp: .relu)
    x = maker.add(.clamp, [x], clamp: Clamp(high: 6))
    x = maker.add(.globalAveragePool, [x])
    x = maker.add(.flatten, [x])
    maker.fullyConnected(x, outputs: 3)
    let fused = try maker.graph.fused()
    #expect(
      fused.nodes.map(\.operation.label) == ["convolution", "globalAveragePool", "fullyConnected"])
    #expect(fused.nodes[0].clamp == .relu6)
    guard case .convolution(let window, _) = fused.nodes[0].operation else {
      Issue.record("no convolution")
      return
    }
    #expect(window.padding == Padding(top: 2, left: 3, bottom: 4, right: 5))
    #expect(Set(fused.constants.keys) == Set(fused.nodes.flatMap(\.parameters)))
  }

  @Test("keeps a batch norm whose input others read, as a depthwise convolution")
  func sharedInput() throws {
    var maker = GraphMaker(seed: 6)
    let x = maker.convolution("image", outputs: 4, clamp: .none)
    let normal = maker.batchNormalisation(x)
    maker.add(.add, [x, normal])
    let fused = try maker.graph.fused()
    #expect(
      fused.nodes.map(\.operation) == [
        maker.graph.nodes[0].operation, .convolution(Window(height: 1, width: 1), groups: 4), .add,
      ])
  }

  @Test("keeps a clamp whose input others read")
  func sharedClamp() throws {
    var maker = GraphMaker(seed: 7)
    let x = maker.convolution("image", outputs: 4, clamp: .none)
    let limited = maker.add(.clamp, [x], clamp: .relu)
    maker.add(.add, [x, limited])
    #expect(
      try maker.graph.fused().nodes.map(\.operation.label) == ["convolution", "clamp", "add"])
  }

  @Test("drops what the result does not need and clamps that limit nothing")
  func dropsUnused() throws {
    var maker = GraphMaker(seed: 8)
    let x = maker.convolution("image", outputs: 4)
    let same = maker.add(.clamp, [x])
    maker.convolution(same, outputs: 9)
    let wanted = maker.convolution(same, outputs: 5)
    #expect(wanted == maker.graph.output)
    let fused = try maker.graph.fused()
    #expect(fused.nodes.map(\.name) == ["n0", "n3"])
    #expect(fused.nodes[1].inputs == [x])
  }

  @Test("gives shared weights to each reader as it needs them")
  func sharedWeights() throws {
    var maker = GraphMaker(seed: 9, input: Shape(6, 6, 4))
    let x = maker.convolution("image", outputs: 4, clamp: .none)
    let y = maker.batchNormalisation(x)
    maker.convolution(y, outputs: 4, clamp: .none)
    var graph = maker.graph
    graph.nodes[2].parameters = graph.nodes[0].parameters
    let fused = try graph.fused()
    let shared = try #require(graph.constants["n0.c0"])
    #expect(fused.constants[fused.nodes[1].parameters[0]] == shared)
    #expect(fused.constants[fused.nodes[0].parameters[0]] != shared)
  }

  @Test("limits a convolution before a maximum, and counts padding in a mean")
  func pooling() throws {
    var maker = GraphMaker(seed: 10)
    var x = maker.convolution("image", outputs: 4, clamp: .none)
    x = maker.add(.maxPool(Window(height: 2, width: 2)), [x])
    x = maker.add(.channelShuffle(groups: 2), [x])
    x = maker.add(.clamp, [x], clamp: .relu)
    x = maker.add(.pad(Padding(left: 2)), [x])
    let window = Window(height: 3, width: 3, padding: Padding(left: 1, right: 1))
    x = maker.add(.averagePool(window, counted: Padding(right: 1)), [x])
    let fused = try maker.graph.fused()
    #expect(
      fused.nodes.map(\.operation.label) == [
        "convolution", "maxPool", "channelShuffle", "averagePool",
      ])
    #expect(fused.nodes.map(\.clamp) == [.relu, .none, .none, .none])
    var wider = window
    wider.padding.left = 3
    #expect(
      fused.nodes[3].operation == .averagePool(wider, counted: Padding(left: 2, right: 1)))
    #expect(fused.output == maker.graph.output)
  }
}
