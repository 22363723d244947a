import Graph
import Support
import Tensors
import Testing

@Suite("Sums in integers")
struct FixedSumTests {
  @Test("have 21 bits for the greater ratio and the same unit for the other")
  func numbers() throws {
    let sum = try #require(FixedSum(first: 0.75, second: 0.1, result: 0.5))
    #expect(sum.shift == 20)
    #expect(sum.first == 3 << 19)
    #expect(sum.second == 209_715)
    #expect(FixedSum(sum.tensor) == sum)
    // 2⁻¹⁰ and just below 2⁸ are the ends.
    #expect(FixedSum(first: 1, second: 1, result: 1024)?.shift == 30)
    #expect(FixedSum(first: 255, second: 255, result: 1)?.shift == 13)
    #expect(FixedSum(first: 1, second: 0.9, result: 1024) == nil)
    #expect(FixedSum(first: 256, second: 1, result: 1) == nil)
    // A ratio just below a power of two rounds up to it: the greatest multiplier there is.
    #expect(FixedSum(first: Float(2).nextDown, second: 1, result: 1)?.first == 1 << 21)
  }

  @Test("are kept by a network, which refuses numbers that are none")
  func network() throws {
    let sum = try #require(FixedSum(first: 0.75, second: 0.1, result: 0.5))
    let plain = try Self.network(nil)
    let kept = try Self.network(sum.tensor)
    #expect(kept.lineage.bodySHA256 != plain.lineage.bodySHA256)
    for tensor in [
      StoredTensor(shape: [3], int32: [1 << 21 + 1, 1, 20]),
      StoredTensor(shape: [3], int32: [-1, 1, 20]), StoredTensor(shape: [3], int32: [1, 1, 0]),
      StoredTensor(shape: [3], int32: [1, 1, 31]), StoredTensor(shape: [2], int32: [1, 1]),
      StoredTensor(shape: [3], float32: [1, 1, 20]),
    ] {
      #expect(throws: GraphError.self) { try Self.network(tensor) }
    }
  }

  /// A 1 × 1 convolution added to its input, with the numbers `sum`.
  private static func network(_ sum: StoredTensor?) throws -> Network {
    var maker = GraphMaker(seed: 3, input: Shape(2, 2, 3))
    let inner = maker.add(
      .convolution(Window(height: 1, width: 1), groups: 1), ["image"],
      constants: [FloatTensor(shape: [3, 1, 1, 3], elements: Array(repeating: 0.5, count: 9))])
    let cut = maker.add(.add, ["image", inner])
    let plain = try TestNetworks.quantised(maker.graph, cut: cut)
    guard let sum else { return plain }
    var (nodes, tensors) = (plain.nodes, plain.tensors)
    for index in nodes.indices where nodes[index].operation == .add {
      nodes[index].parameters = ["numbers"]
    }
    tensors["numbers"] = sum
    return try Network(
      input: plain.input, inputShape: plain.inputShape, nodes: nodes, output: plain.output,
      cut: plain.cut, quantisation: plain.quantisation, classes: plain.classes,
      preprocessing: plain.preprocessing, lineage: plain.lineage, tensors: tensors)
  }
}
