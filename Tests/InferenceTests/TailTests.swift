import Graph
import Inference
import Support
import Tensors
import Testing

/// The layers after the cut read their weights in the model's file; in memory they have the same bits.
@Suite("Tails of convolutions")
struct TailTests {
  @Test(
    "weights in the file give the bits of weights in memory",
    arguments: [(1, 5), (3, 5), (1, 700)], [Quantiser.TailType.float16, .float32])
  func storedWeights(_ shape: (kernel: Int, channels: Int), type: Quantiser.TailType) throws {
    for groups in [1, 5] where shape.channels == 5 || groups == 1 {
      var maker = GraphMaker(seed: 51)
      let cut = maker.convolution("image", outputs: shape.channels, stride: 2)
      let x = maker.convolution(
        cut, outputs: 35, kernel: shape.kernel, groups: groups, clamp: .relu)
      let mean = maker.add(.globalAveragePool, [x])
      let logits = maker.fullyConnected(mean, outputs: 9)
      maker.add(.softmax, [logits])
      let network = try TestNetworks.quantised(maker.graph, cut: cut, tailType: type)
      let tail = try Tail(network)
      let features = maker.numbers(2 * tail.featureCount)
      let result = tail.logits(features.span, count: 2)
      #expect(tail.outputCount == 9)
      #expect(Set(result).count > 9, "the classes and features must differ")
      let executor = try FloatExecutor(Self.widenedTail(of: network, output: logits))
      for row in 0..<2 {
        let feature = features.span.extracting(
          (row * tail.featureCount)..<((row + 1) * tail.featureCount))
        let expected = executor.run(feature)
        #expect(Array(result[(row * 9)..<((row + 1) * 9)]) == expected)
      }
    }
  }

  @Test(
    "a body that has the tail gives its logits, by any number of threads", arguments: [1, 2, 3, 5])
  func ofBody(threads: Int) throws {
    var networks = [try TestNetworks.classifier(seed: 4)]
    var maker = GraphMaker(seed: 52)
    let cut = maker.convolution("image", outputs: 6, stride: 2)
    let mean = maker.add(.globalAveragePool, [maker.convolution(cut, outputs: 35, kernel: 3)])
    maker.add(.softmax, [maker.fullyConnected(mean, outputs: 9)])
    networks.append(try TestNetworks.quantised(maker.graph, cut: cut))
    for network in networks {
      let image = BodyTests.image(network.inputShape, seed: 3)
      let features = try Body(network).features(image.span)
      let expected = try Tail(network).logits(features.span, count: 1)
      #expect(Set(expected).count > 2)
      let body = try Body(network, threads: threads, tail: try Tail(network))
      for _ in 0..<3 {
        var logits = [Float](repeating: 0, count: expected.count)
        var span = logits.mutableSpan
        body.run(image.span, logits: &span)
        #expect(logits == expected)
      }
      // Its feature is that of a body without one.
      #expect(body.features(image.span) == features)
    }
  }

  /// The layers of `network` from its cut to `output`, with constants of fp32 in memory.
  private static func widenedTail(of network: Network, output: String) -> Graph {
    var constants: [String: FloatTensor] = [:]
    for name in network.tail.flatMap(\.parameters) {
      guard let tensor = network.tensors[name] else { continue }
      constants[name] = FloatTensor(shape: tensor.shape, elements: tensor.floats())
    }
    return Graph(
      input: network.cut, inputShape: network.featureShape,
      nodes: network.tail.filter { $0.operation != .softmax }, output: output,
      constants: constants)
  }
}
