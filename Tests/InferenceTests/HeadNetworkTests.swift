import Graph
import Inference
import Support
import Tensors
import Testing

@Suite("Head and network")
struct HeadNetworkTests {
  @Test("a head goes into a network and comes back with the same bits")
  func roundTrip() throws {
    let network = try TestNetworks.classifier(seed: 41)
    var head = Head(classes: ["x", "y", "z"], featureCount: network.featureShape.count)
    var random = SeededRandom(seed: 41)
    for index in head.weights.indices { head.weights[index] = Float(random.unit() - 0.5) }
    head.bias = [0.1, -0.2, 0.3]
    let changed = try network.replacingHead(head) { $0.seed = 9 }
    #expect(try Head(network: changed) == head)
    #expect(changed.lineage.seed == 9)
    let copy = try LoamFile.parse(LoamFile.serialise(changed)).network()
    #expect(try Head(network: copy) == head)
    #expect(try Head(network: copy).sha256 == head.sha256)
  }

  @Test("classes without names are numbered")
  func numbered() throws {
    let graph = try GraphMaker.classifier(seed: 42).fused()
    let network = try TestNetworks.quantised(graph, cut: graph.defaultCut ?? "")
    #expect(try Head(network: network).classes == ["class 0", "class 1", "class 2", "class 3"])
  }

  @Test("the tail gives the head's logits, with and without a softmax behind it")
  func tail() throws {
    var maker = GraphMaker(seed: 43)
    let x = maker.convolution("image", outputs: 5)
    let mean = maker.add(.globalAveragePool, [x])
    let logits = maker.fullyConnected(mean, outputs: 3)
    maker.add(.softmax, [logits])
    let network = try TestNetworks.quantised(maker.graph, cut: mean)
    let (tail, head) = (try Tail(network), try Head(network: network))
    let features = maker.numbers(10)
    #expect(tail.outputCount == 3 && tail.featureCount == 5)
    #expect(tail.logits(features.span, count: 2) == head.logits(features.span, count: 2))
    let probabilities = tail.probabilities(features.span, count: 2)
    #expect(probabilities == head.probabilities(features.span, count: 2))
    #expect(abs(probabilities[0..<3].reduce(0, +) - 1) < 1e-6)
  }

  @Test(
    "halves are widened some rows at a time, and the logits are the head's",
    arguments: [(50, 300), (7000, 3), (6144, 2)], [Quantiser.TailType.float16, .float32])
  func blocks(_ shape: (inputs: Int, outputs: Int), type: Quantiser.TailType) throws {
    var maker = GraphMaker(seed: 45)
    let x = maker.convolution("image", outputs: shape.inputs, kernel: 1, stride: 4)
    let mean = maker.add(.globalAveragePool, [x])
    maker.fullyConnected(mean, outputs: shape.outputs)
    let network = try TestNetworks.quantised(maker.graph, cut: mean, tailType: type)
    let (tail, head) = (try Tail(network), try Head(network: network))
    let features = maker.numbers(2 * shape.inputs)
    let logits = tail.logits(features.span, count: 2)
    #expect(tail.outputCount == shape.outputs && logits.count == 2 * shape.outputs)
    #expect(logits == head.logits(features.span, count: 2))
  }

  @Test("a tail of several layers runs, and is no linear head")
  func deepTail() throws {
    let graph = try GraphMaker.classifier(seed: 44).fused()
    let add = try #require(graph.nodes.last { $0.operation == .add })
    let network = try TestNetworks.quantised(graph, cut: add.output, tailType: .float32)
    #expect(throws: InferenceError.self) { try Head(network: network) }
    let tail = try Tail(network)
    var maker = GraphMaker(seed: 44)
    let features = maker.numbers(2 * network.featureShape.count)
    let both = tail.logits(features.span, count: 2)
    let second = tail.logits(
      features.span.extracting(network.featureShape.count...), count: 1)
    #expect(both.count == 8 && Array(both[4...]) == second)
    #expect(both[..<4] != both[4...])
  }
}
