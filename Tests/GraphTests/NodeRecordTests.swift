import FoundationEssentials
import Testing

@testable import Graph

@Suite("The record of a node")
struct NodeRecordTests {
  static let window = Window(
    height: 3, width: 2, strideY: 2, strideX: 1, dilationY: 1, dilationX: 2,
    padding: Padding(top: 1, left: 2))

  /// Every operation, and whether it has settings.
  static let operations: [(Operation, hasSettings: Bool)] = [
    (.convolution(window, groups: 3), true), (.fullyConnected, false),
    (.batchNormalisation(epsilon: 0.25), true), (.add, false), (.clamp, false),
    (.pad(Padding(top: 1, left: 2, bottom: 3, right: 4)), true), (.globalAveragePool, false),
    (.flatten, false), (.softmax, false), (.maxPool(window), true),
    (.averagePool(window, counted: Padding(left: 1)), true), (.multiply, false),
    (.concatenate, false), (.slice(start: 3, count: 5), true), (.channelShuffle(groups: 4), true),
    (
      .localResponseNormalisation(LocalResponse(size: 5, alpha: 0.5, beta: 0.25, bias: 2)), true
    ), (.activation(.leakyReLU(slope: 0.125)), true), (.activation(.sigmoid), false),
    (.activation(.hardSigmoid(slope: 0.25, offset: 0.5)), true), (.activation(.hardSwish), false),
    (.activation(.silu), false), (.activation(.tanh), false),
  ]

  @Test("keeps its operation and settings, and is no node without them", arguments: 0..<22)
  func roundTrip(index: Int) throws {
    let (operation, hasSettings) = Self.operations[index]
    let node = Node(name: "a", operation: operation, inputs: ["b"], output: "c", clamp: .relu)
    let text = try JSONEncoder().encode(NodeRecord(node))
    #expect(try JSONReader.read(Array(text), NodeRecord.init).node == node)
    let bare =
      "{\"name\":\"a\",\"op\":\"\(operation.label)\",\"inputs\":[],\"output\":\"c\"}"
    let record = try JSONReader.read(Array(bare.utf8), NodeRecord.init)
    #expect((record.node == nil) == hasSettings)
  }

  @Test("covers every operation") func complete() {
    #expect(Set(Self.operations.map(\.0.label)).count == 22)
  }
}
