import Support
import Tensors
import Testing

@testable import Graph

@Suite("Quantiser")
struct QuantiserTests {
  @Test("an input of one deviation and a whole mean is pixel − 128")
  func exactInput() {
    let preprocessing = TestNetworks.preprocessing(Shape(4, 4, 3))
    let form = Quantiser.inputQuantisation(for: preprocessing)
    #expect(form == Quantisation(scale: 1 / 128, zeroPoint: -1))
    for pixel in 0...255 {
      #expect(Int(form.byte((Float(pixel) - 127) / 128)) == pixel - 128)
    }
  }

  @Test("an input of other scalings covers all channels")
  func generalInput() {
    let preprocessing = Preprocessing(
      width: 4, height: 4, mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375])
    let form = Quantiser.inputQuantisation(for: preprocessing)
    #expect(abs(form.real(-128) - (-123.675 / 58.395)) <= form.scale / 2)
    #expect(abs(form.real(127) - ((255 - 103.53) / 57.375)) <= form.scale / 2)
  }

  @Test("weights: greatest magnitude is 127, error at most half a step, per output channel")
  func weights() throws {
    let graph = try GraphMaker.classifier(seed: 11).fused()
    let network = try TestNetworks.quantised(graph, cut: graph.defaultCut ?? "")
    for (real, node) in zip(graph.nodes, network.body) where !node.parameters.isEmpty {
      let stored = try #require(network.tensors[node.parameters[0]])
      let scales = try #require(network.tensors[Network.scaleName(node.parameters[0])]).floats()
      let original = try #require(graph.constants[real.parameters[0]]).elements
      let bytes = stored.int8
      let depth = original.count / scales.count
      for output in scales.indices {
        let row = (output * depth)..<((output + 1) * depth)
        #expect(row.reduce(0) { max($0, abs(Int(bytes[$1]))) } == 127)
        for index in row {
          let error = abs(Float(bytes[index]) * scales[output] - original[index])
          #expect(error <= scales[output] * 0.5001)
        }
      }
    }
  }

  @Test("a bias is rounded in units of input scale × weight scale")
  func bias() {
    let weights = FloatTensor(shape: [2, 1, 1, 2], elements: [0.5, -1, 0, 0])
    let rows = QuantisedRows(weights: weights, bias: [0.3, 2], inputScale: 0.1, inputMeans: nil)
    #expect(rows.weights == [64, -127, 0, 0])
    #expect(rows.scales[0] == Float(1) / 127)
    #expect(rows.bias[0] == 381)
    // A row of zeros keeps its bias to within what 31 bits hold.
    let restored = Double(rows.bias[1]) * 0.1 * Double(rows.scales[1])
    #expect(abs(restored - 2) < 1e-6)
  }

  @Test("rounding for mean inputs is exact for the mean input, and close for each weight")
  func meanInputs() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<50 {
      let count = 1 + random.below(40)
      let elements = (0..<count).map { _ in Float(random.unit() * 2 - 1) }
      let means = (0..<count).map { _ in Float(random.unit() * 6) }
      let rows = QuantisedRows(
        weights: FloatTensor(shape: [1, 1, 1, count], elements: elements), bias: [0],
        inputScale: 0.0001, inputMeans: QuantisedRows.InputMeans(means: means, groups: 1))
      let scale = Double(rows.scales[0])
      let exact = zip(elements, means).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let rounded = zip(rows.weights, means).reduce(0) { $0 + Double($1.0) * scale * Double($1.1) }
      #expect(abs(rounded + Double(rows.bias[0]) * 0.0001 * scale - exact) < 1e-5)
      for (byte, element) in zip(rows.weights, elements) {
        #expect(abs(Double(byte) - Double(element) / scale) < 1.0001)
      }
    }
  }

  @Test("a kernel that adds up to nothing still does after rounding for mean inputs")
  func differences() {
    var random = SeededRandom(seed: 2)
    var (plain, balanced) = (0, 0)
    for _ in 0..<100 {
      var elements = (0..<9).map { _ in Float(random.unit() * 2 - 1) }
      elements[8] = -elements[..<8].reduce(0, +)
      let tensor = FloatTensor(shape: [1, 3, 3, 1], elements: elements)
      let means = QuantisedRows.InputMeans(means: [3], groups: 1)
      for given in [nil, means] {
        let rows = QuantisedRows(weights: tensor, bias: [0], inputScale: 1, inputMeans: given)
        let sum = abs(rows.weights.reduce(0) { $0 + Int($1) })
        if given == nil { plain += sum } else { balanced += sum }
      }
    }
    #expect(balanced * 10 < plain, "\(balanced) against \(plain)")
  }

  @Test("a range reaches no further than the node's clamp")
  func clampedRange() throws {
    let graph = try GraphMaker.classifier(seed: 12).fused()
    let wide = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.output, Float(-90)...90) })
    let network = try TestNetworks.quantised(graph, cut: graph.defaultCut ?? "", ranges: wide)
    let first = try #require(network.quantisation[graph.nodes[0].output])
    #expect(first == Quantisation(covering: 0...6))
    #expect(first.zeroPoint == -128)
  }

  @Test("the cut decides what is int8; a cut inside a residual block is refused")
  func cuts() throws {
    let graph = try GraphMaker.classifier(seed: 13).fused()
    let add = try #require(graph.nodes.first { $0.operation == .add })
    let network = try TestNetworks.quantised(graph, cut: add.output)
    #expect(network.body.last?.output == add.output && !network.featureIsMean)
    #expect(network.tail.count == graph.nodes.count - network.bodyNodeCount)
    let inside = add.inputs[0]
    #expect(throws: GraphError.self) { try TestNetworks.quantised(graph, cut: inside) }
    #expect(throws: GraphError.self) { try TestNetworks.quantised(graph, cut: "nowhere") }
  }

  @Test("a batch norm before the cut is refused by name")
  func unfused() throws {
    var maker = GraphMaker(seed: 14)
    let x = maker.convolution("image", outputs: 4)
    let y = maker.batchNormalisation(x)
    #expect(throws: GraphError.notQuantisable(node: "n1", operation: "batchNormalisation")) {
      try TestNetworks.quantised(maker.graph, cut: y)
    }
  }

  @Test("the tail is kept as halves or exactly")
  func tailTypes() throws {
    let graph = try GraphMaker.classifier(seed: 15).fused()
    let name = try #require(graph.nodes.last?.parameters.first)
    let original = try #require(graph.constants[name]).elements
    let exact = try TestNetworks.quantised(graph, cut: graph.defaultCut ?? "", tailType: .float32)
    #expect(exact.tensors[name]?.type == .float32)
    #expect(exact.tensors[name]?.floats() == original)
    let halves = try TestNetworks.quantised(graph, cut: graph.defaultCut ?? "")
    #expect(halves.tensors[name]?.type == .float16)
    #expect(halves.tensors[name]?.floats() == original.map { Half.float(Half.bits($0)) })
  }
}
