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
