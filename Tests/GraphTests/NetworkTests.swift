import Graph
import Support
import Tensors
import Testing

@Suite("Network")
struct NetworkTests {
  @Test("another head leaves the body's hash, other weights or preprocessing change it")
  func bodyHash() throws {
    let network = try TestNetworks.classifier(seed: 21)
    let count = network.featureShape.count
    let other = try network.replacingHead(
      classes: ["x", "y"], weights: Array(repeating: 0.5, count: 2 * count), bias: [1, 2]
    ) { $0.labels = 7 }
    #expect(other.lineage.bodySHA256 == network.lineage.bodySHA256)
    #expect(other.lineage.labels == 7)
    #expect(other.classes == ["x", "y"])
    #expect(other.shapes[other.output] == Shape(2))
    #expect(try TestNetworks.classifier(seed: 22).lineage.bodySHA256 != network.lineage.bodySHA256)
    var preprocessing = network.preprocessing
    preprocessing.mean[0] += 1
    let shifted = try Network(
      input: network.input, inputShape: network.inputShape, nodes: network.nodes,
      output: network.output, cut: network.cut, quantisation: network.quantisation,
      classes: network.classes, preprocessing: preprocessing, lineage: network.lineage,
      tensors: network.tensors)
    #expect(shifted.lineage.bodySHA256 != network.lineage.bodySHA256)
    #expect(network.lineage.bodySHA256.count == 64)
  }

  @Test("a head of other numbers than its classes need is refused")
  func wrongHead() throws {
    let network = try TestNetworks.classifier(seed: 23)
    #expect(throws: GraphError.self) {
      try network.replacingHead(classes: ["x"], weights: [1], bias: [0])
    }
    #expect(throws: GraphError.classCount(names: 3, outputs: 4)) {
      try network.renamingClasses(["a", "b", "c"])
    }
  }

  @Test("rows tell parameters and multiply-accumulates")
  func rows() throws {
    let network = try TestNetworks.classifier(seed: 24)
    let graph = try GraphMaker.classifier(seed: 24).fused()
    #expect(network.rows.count == network.nodes.count)
    #expect(network.macCount == (try graph.macs().values.reduce(0, +)))
    #expect(network.parameterCount == graph.constants.values.reduce(0) { $0 + $1.elements.count })
    #expect(network.rows[0].operation == "conv 3×3 /2 relu6")
    #expect(network.rows[0].quantisation == "int8 × 0.02353, zero -128")
    #expect(network.rows.last?.quantisation == "fp32")
    #expect(network.rows.filter(\.isBody).count == network.bodyNodeCount)
  }
}
