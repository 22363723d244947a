import Support
import Tensors
import Testing

@testable import Graph

@Suite("Plan")
struct PlanTests {
  /// A random graph of convolutions, sums, clamps and pads with skips of any length.
  static func randomGraph(seed: UInt64) -> Graph {
    var maker = GraphMaker(seed: seed, input: Shape(8, 8, 4))
    var names = ["image"]
    for _ in 0..<(4 + maker.random.below(16)) {
      let from = names[max(0, names.count - 1 - maker.random.below(5))]
      switch maker.random.below(6) {
      case 0, 1:
        names.append(maker.convolution(from, outputs: 4 + 4 * maker.random.below(4), kernel: 1))
      case 2:
        let channels = maker.shapes[from]?.channels ?? 1
        names.append(maker.convolution(from, outputs: channels, groups: channels))
      case 3:
        names.append(maker.add(.clamp, [from], clamp: .relu6))
      case 4:
        let other = names.last { maker.shapes[$0] == maker.shapes[from] && $0 != from } ?? from
        names.append(maker.add(.add, [from, other]))
      default:
        names.append(maker.convolution(from, outputs: 8, stride: 1))
      }
    }
    return maker.graph
  }

  @Test("no two activations that are alive together share bytes", arguments: UInt64(0)..<200)
  func disjoint(seed: UInt64) throws {
    let graph = Self.randomGraph(seed: seed)
    let shapes = try graph.shapes()
    let plan = Plan(graph, shapes: shapes)
    #expect(plan.byteCount >= plan.lowerBound)
    // Replays the graph: each byte remembers which value was written to it last.
    var memory = [String](repeating: "", count: plan.byteCount)
    for index in try #require(plan.slots[graph.input]) { memory[index] = graph.input }
    for node in graph.nodes {
      for input in node.inputs {
        let slot = try #require(plan.slots[input])
        #expect(slot.count == shapes[input]?.count && slot.lowerBound % Plan.alignment == 0)
        #expect(memory[slot].allSatisfy { $0 == input }, "'\(node.name)' reads '\(input)'")
      }
      let target = try #require(plan.slots[node.output])
      if !node.operation.canRunInPlace {
        for input in node.inputs {
          #expect(plan.slots[input]?.overlaps(target) == false, "'\(node.name)' over its input")
        }
      }
      for index in target { memory[index] = node.output }
    }
    let result = try #require(plan.slots[graph.output])
    #expect(memory[result].allSatisfy { $0 == graph.output })
  }

  @Test("residual networks need at most 5 % more than the fullest step", arguments: UInt64(0)..<40)
  func tight(seed: UInt64) throws {
    var maker = GraphMaker(seed: seed, input: Shape(32, 32, 3))
    var x = maker.convolution("image", outputs: 8 + 8 * maker.random.below(3), stride: 2)
    for _ in 0..<(2 + maker.random.below(6)) {
      let channels = maker.shapes[x]?.channels ?? 8
      let isSame = maker.random.below(2) == 0
      x = maker.block(
        x, outputs: isSame ? channels : channels + 8, kernel: maker.random.below(2) == 0 ? 3 : 5,
        stride: isSame ? 1 : 1 + maker.random.below(2), expansion: 1 + maker.random.below(6))
    }
    let shapes = try maker.graph.shapes()
    let plan = Plan(maker.graph, shapes: shapes)
    #expect(Double(plan.byteCount) <= 1.05 * Double(plan.lowerBound))
    let wiring = Wiring(input: maker.graph.input, nodes: maker.graph.nodes, shapes: shapes)
    let result = try #require(maker.graph.nodes.firstIndex { $0.output == maker.graph.output }) + 1
    let strips = Plan(wiring, feature: nil, result: result, strips: .whereUseful)
    #expect(Double(strips.byteCount) <= 1.05 * Double(strips.lowerBound))
    #expect(strips.byteCount <= plan.byteCount)
    #expect(strips.load.max() == strips.lowerBound)
  }

  @Test("a sum is made over an input that nothing reads again, a flatten costs nothing")
  func inPlace() throws {
    var maker = GraphMaker(seed: 1, input: Shape(8, 8, 8))
    let a = maker.convolution("image", outputs: 8)
    let sum = maker.add(.add, [a, "image"])
    let flat = maker.add(.flatten, [sum])
    let plan = Plan(maker.graph, shapes: try maker.graph.shapes())
    #expect(plan.slots[sum] == plan.slots[a])
    #expect(plan.slots[flat] == plan.slots[sum])
    #expect(plan.byteCount == 2 * 512)
    #expect(plan.lowerBound == 1024)
  }
}
