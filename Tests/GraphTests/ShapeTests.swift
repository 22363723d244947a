import Graph
import Support
import Tensors
import Testing

@Suite("Shapes")
struct ShapeTests {
  @Test("follow windows, strides, dilation and padding")
  func convolution() throws {
    let weights = FloatTensor(shape: [4, 3, 5, 2], elements: Array(repeating: 0, count: 120))
    let window = Window(
      height: 3, width: 5, strideY: 2, strideX: 3, dilationY: 2, dilationX: 1,
      padding: Padding(top: 1, left: 0, bottom: 2, right: 3))
    var maker = GraphMaker(seed: 1, input: Shape(10, 11, 4))
    let output = maker.add(.convolution(window, groups: 2), ["image"], constants: [weights])
    // Rows: (10 + 3 − 5) / 2 + 1; columns: (11 + 3 − 5) / 3 + 1.
    #expect(try maker.graph.shapes()[output] == Shape(5, 4, 4))
    #expect(try maker.graph.macs() == ["n0": 5 * 4 * 4 * 15 * 2])
  }

  @Test("of the other operations")
  func others() throws {
    var maker = GraphMaker(seed: 1, input: Shape(4, 6, 3))
    let padded = maker.add(.pad(Padding(top: 1, left: 2, bottom: 3, right: 4)), ["image"])
    let flat = maker.add(.flatten, [padded])
    let mean = maker.add(.globalAveragePool, [padded])
    let dense = maker.fullyConnected(flat, outputs: 5)
    let softmax = maker.add(.softmax, [dense])
    let shapes = try maker.graph.shapes()
    #expect(shapes[padded] == Shape(8, 12, 3))
    #expect(shapes[flat] == Shape(288))
    #expect(shapes[mean] == Shape(3))
    #expect(shapes[dense] == Shape(5) && shapes[softmax] == Shape(5))
    #expect(try maker.graph.macs() == ["n3": 1440])
  }

  /// One of each operation that reads a 9 × 8 map of 6 channels, and the shape it gives.
  static let singles: [(Operation, Shape)] = [
    (.maxPool(Window(height: 3, width: 2, strideY: 2, strideX: 2)), Shape(4, 4, 6)),
    (
      .averagePool(
        Window(height: 3, width: 3, strideY: 3, padding: Padding(top: 1, bottom: 2)),
        counted: Padding(top: 1)), Shape(4, 6, 6)
    ),
    (.slice(start: 2, count: 4), Shape(9, 8, 4)),
    (.channelShuffle(groups: 3), Shape(9, 8, 6)),
    (.localResponseNormalisation(LocalResponse(size: 5)), Shape(9, 8, 6)),
    (.activation(.leakyReLU(slope: 0.1)), Shape(9, 8, 6)),
    (.activation(.hardSwish), Shape(9, 8, 6)),
  ]

  @Test("of pooling, slicing, shuffling and functions", arguments: singles.indices)
  func single(index: Int) throws {
    let (operation, expected) = Self.singles[index]
    var maker = GraphMaker(seed: 1, input: Shape(9, 8, 6))
    let output = maker.add(operation, ["image"])
    #expect(try maker.graph.shapes()[output] == expected)
    #expect(try maker.graph.macs().isEmpty)
  }

  @Test("of products and of channels joined")
  func several() throws {
    var maker = GraphMaker(seed: 1, input: Shape(9, 8, 6))
    let mean = maker.add(.globalAveragePool, ["image"])
    let scaled = maker.add(.multiply, ["image", mean])
    let square = maker.add(.multiply, [mean, mean])
    let part = maker.add(.slice(start: 5, count: 1), ["image"])
    let joined = maker.add(.concatenate, [scaled, part, "image"])
    let vectors = maker.add(.concatenate, [mean, square])
    let shapes = try maker.graph.shapes()
    #expect(shapes[scaled] == Shape(9, 8, 6) && shapes[square] == Shape(6))
    #expect(shapes[joined] == Shape(9, 8, 13) && shapes[vectors] == Shape(12))
  }

  /// Operations that cannot read a 9 × 8 map of 6 channels, and what the error names.
  static let impossible: [(Operation, String)] = [
    (.maxPool(Window(height: 10, width: 1)), "at least 10×1"),
    (.maxPool(Window(height: 0, width: 1)), "must be 1 or more"),
    (.maxPool(Window(height: 2, width: 2, padding: Padding(left: 2))), "padding alone"),
    (
      .maxPool(Window(height: 1, width: 2, strideX: 4, padding: Padding(right: 6))), "padding alone"
    ),
    (
      .averagePool(Window(height: 3, width: 3, padding: .none), counted: Padding(top: 1)),
      "part of the padding"
    ),
    (.slice(start: 3, count: 4), "not among 6"),
    (.slice(start: -1, count: 2), "not among 6"),
    (.slice(start: .max, count: 2), "not among 6"),
    (.slice(start: 2, count: 0), "not among 6"),
    (.channelShuffle(groups: 4), "do not divide 6"),
    (.channelShuffle(groups: 0), "do not divide 6"),
    (.localResponseNormalisation(LocalResponse(size: 0)), "must be 1 or more"),
    (.localResponseNormalisation(LocalResponse(size: 3, alpha: -1)), "alpha 0 or more"),
    (.localResponseNormalisation(LocalResponse(size: 3, bias: 0)), "bias above 0"),
    (.activation(.leakyReLU(slope: .nan)), "must be finite"),
    (.multiply, "takes 2"),
  ]

  @Test("are refused with the operation's reason", arguments: impossible.indices)
  func refusedAlone(index: Int) {
    let (operation, expected) = Self.impossible[index]
    var maker = GraphMaker(seed: 1, input: Shape(9, 8, 6))
    maker.add(operation, ["image"])
    do throws(GraphError) {
      _ = try maker.graph.shapes()
      Issue.record("accepted")
    } catch {
      #expect(
        error.description.contains(expected) && error.description.contains("'n0'"), "\(error)")
    }
  }

  @Test("are refused where two inputs do not belong together")
  func mismatched() {
    for operation in [Operation.multiply, .concatenate] {
      var maker = GraphMaker(seed: 1, input: Shape(9, 8, 6))
      let part = maker.add(.maxPool(Window(height: 2, width: 2)), ["image"])
      maker.add(operation, ["image", part])
      #expect(throws: GraphError.self) { try maker.graph.shapes() }
    }
  }

  @Test("taps of a window that are on the map")
  func taps() {
    for (start, step, count, extent) in [
      (-3, 2, 4, 5), (0, 1, 3, 9), (7, 1, 3, 9), (-2, 1, 2, 3), (9, 1, 2, 3), (-5, 3, 2, 1),
    ] {
      let expected = (0..<count).filter { (0..<extent).contains(start + $0 * step) }
      let found = Window.taps(from: start, step: step, count: count, inside: extent)
      #expect(Array(found) == expected, "\(start) \(step) \(count) \(extent)")
    }
  }

  /// A graph with one thing wrong.
  struct Broken: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var change: @Sendable (inout Graph) -> Void
    var isExpected: @Sendable (GraphError) -> Bool
  }

  static let broken: [Broken] = [
    Broken(testDescription: "a cycle") {
      $0.nodes[0].inputs = [$0.nodes[1].output]
    } isExpected: {
      if case .unknownInput(node: "n0", _) = $0 { true } else { false }
    },
    Broken(testDescription: "an output written twice") {
      $0.nodes[1].output = $0.nodes[0].output
    } isExpected: {
      if case .definedTwice = $0 { true } else { false }
    },
    Broken(testDescription: "a node's name used twice") {
      $0.nodes[1].name = $0.nodes[0].name
    } isExpected: {
      if case .definedTwice(name: "n0") = $0 { true } else { false }
    },
    Broken(testDescription: "no result") {
      $0.output = "nowhere"
    } isExpected: {
      $0 == .missingOutput(name: "nowhere")
    },
    Broken(testDescription: "a constant that is not there") {
      $0.constants["n0.c0"] = nil
    } isExpected: {
      $0 == .missingParameter(node: "n0", parameter: "n0.c0")
    },
    Broken(testDescription: "weights of another shape") {
      $0.constants["n0.c0"] = FloatTensor(shape: [1, 1, 1, 1], elements: [1])
    } isExpected: {
      if case .parameterShape(node: "n0", _, found: [1, 1, 1, 1], _) = $0 { true } else { false }
    },
    Broken(testDescription: "a bias of another length") {
      $0.constants["n0.c1"] = FloatTensor(shape: [1], elements: [1])
    } isExpected: {
      if case .parameterShape(node: "n0", "n0.c1", _, _) = $0 { true } else { false }
    },
    Broken(testDescription: "too many parameters") {
      $0.nodes[0].parameters.append("n0.c0")
    } isExpected: {
      if case .wrongCount(node: "n0", "parameters", found: 3, _) = $0 { true } else { false }
    },
    Broken(testDescription: "too few inputs") {
      $0.nodes[0].inputs = []
    } isExpected: {
      if case .wrongCount(node: "n0", "inputs", found: 0, _) = $0 { true } else { false }
    },
    Broken(testDescription: "a NaN") {
      $0.constants["n0.c0"]?.elements[0] = .nan
    } isExpected: {
      $0 == .notFinite(parameter: "n0.c0")
    },
    Broken(testDescription: "a stride of 0") {
      $0.nodes[0].operation = .convolution(Window(height: 3, width: 3, strideY: 0), groups: 1)
    } isExpected: {
      if case .invalidAttribute(node: "n0", _) = $0 { true } else { false }
    },
    Broken(testDescription: "0 groups") {
      $0.nodes[0].operation = .convolution(Window(height: 3, width: 3), groups: 0)
    } isExpected: {
      if case .invalidAttribute(node: "n0", _) = $0 { true } else { false }
    },
    Broken(testDescription: "a padding that overflows") {
      $0.nodes[0].operation = .convolution(
        Window(height: 3, width: 3, padding: Padding(top: .max, bottom: .max)), groups: 1)
    } isExpected: {
      if case .invalidAttribute(node: "n0", _) = $0 { true } else { false }
    },
    Broken(testDescription: "a window beyond the input") {
      $0.nodes[0].operation = .convolution(
        Window(height: 3, width: 3, dilationY: 60_000), groups: 1)
    } isExpected: {
      if case .inputShape(node: "n0", _, _, _) = $0 { true } else { false }
    },
    Broken(testDescription: "windows that would need gigabytes of pointers") {
      $0.nodes[0].operation = .convolution(
        Window(height: 65_536, width: 1, padding: Padding(top: 65_536, left: 65_536)), groups: 1)
      $0.constants["n0.c0"] = FloatTensor(
        shape: [8, 65_536, 1, 3], elements: Array(repeating: 0, count: 8 * 65_536 * 3))
    } isExpected: {
      if case .invalidAttribute(node: "n0", _) = $0 { true } else { false }
    },
    Broken(testDescription: "more nodes than can be planned") {
      for index in 0..<5000 {
        $0.nodes.append(
          Node(name: "x\(index)", operation: .clamp, inputs: ["image"], output: "x\(index).out"))
      }
    } isExpected: {
      if case .wrongCount(_, "nodes", found: 5008..., _) = $0 { true } else { false }
    },
    Broken(testDescription: "a clamp upside down") {
      $0.nodes[0].clamp = Clamp(low: 1, high: 0)
    } isExpected: {
      if case .invalidAttribute(node: "n0", _) = $0 { true } else { false }
    },
  ]

  @Test("are refused for", arguments: broken)
  func refused(_ broken: Broken) {
    var graph = GraphMaker.classifier(seed: 3)
    broken.change(&graph)
    do throws(GraphError) {
      _ = try graph.shapes()
      Issue.record("accepted")
    } catch {
      #expect(broken.isExpected(error), "\(error)")
      #expect(error.description.count > 20)
    }
  }
}
