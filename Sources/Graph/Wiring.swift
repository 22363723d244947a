import Synchronization
import Tensors

/// Nodes with numbers in the place of names. Activation 0 is the input, activation i + 1 the result of node i.
///
/// Whatever goes through a whole network does it by these: names may be long, and looking one up costs as much as
/// all else that is done for a node. A class, because many hold it: counting one reference for each of them is what that
/// costs.
final class Wiring: Sendable {
  /// Name of the input.
  let input: String
  let nodes: ArraySlice<Node>
  /// By node, the activations that it reads.
  let inputs: ArraySlice<[Int]>
  /// By activation.
  let shapes: ArraySlice<Shape>
  /// By activation, its shape as plain numbers, for those who look at them again and again.
  let extents: [Extent]

  /// A shape as plain numbers.
  struct Extent: Hashable {
    let rank: Int
    let count: Int
    let height: Int
    let width: Int
    let channels: Int
    /// Elements of a row of a feature map.
    var rowCount: Int { width * channels }

    init(_ shape: Shape) {
      rank = shape.dimensions.count
      (count, height, width, channels) = (shape.count, shape.height, shape.width, shape.channels)
    }
  }

  /// The name of `activation`.
  func name(_ activation: Int) -> String {
    activation == 0 ? input : nodes[activation - 1].output
  }

  /// The shape of every activation by its name.
  var shapesByName: [String: Shape] {
    Dictionary(
      shapes.indices.map { (name($0), shapes[$0]) }, uniquingKeysWith: { _, last in last })
  }

  /// The first `count` nodes alone.
  func prefix(_ count: Int) -> Wiring {
    Wiring(
      input: input, nodes: nodes.prefix(count), inputs: inputs.prefix(count),
      shapes: shapes.prefix(count + 1))
  }

  init(
    input: String, nodes: ArraySlice<Node>, inputs: ArraySlice<[Int]>, shapes: ArraySlice<Shape>
  ) {
    self.input = input
    self.nodes = nodes
    self.inputs = inputs
    self.shapes = shapes
    extents = shapes.map(Extent.init)
  }

  /// The wiring of `nodes`, each of which reads what nodes before it make; `shapes` has all of them.
  convenience init(input: String, nodes: [Node], shapes: [String: Shape]) {
    var numbers = [input: 0]
    for (index, node) in nodes.enumerated() { numbers[node.output] = index + 1 }
    let inputs = nodes.map { $0.inputs.map { numbers[$0] ?? 0 } }
    let all = [shapes[input] ?? Shape(1)] + nodes.map { shapes[$0.output] ?? Shape(1) }
    self.init(input: input, nodes: nodes[...], inputs: inputs[...], shapes: all[...])
  }
}

/// A constant and its name's number in a table.
struct NamedConstant: Sendable {
  let name: Int
  let tensor: StoredTensor
}

/// What an activation's bytes stand for.
struct NamedQuantisation: Sendable {
  let name: String
  let value: Quantisation
}

/// The constants of a node.
package struct NodeConstants: Sendable {
  /// In the order `Operation` states.
  package var parameters: [StoredTensor] = []
  /// Scales that belong to 8-bit weights, the first parameter.
  package var scale: StoredTensor?
  /// Zero points that may belong to them.
  package var zero: StoredTensor?
}

/// Dictionaries by name, made when somebody asks for them first.
final class NamedView<Value: Sendable>: Sendable {
  private let made: Mutex<[String: Value]?>
  private let make: @Sendable () -> [String: Value]

  /// A view of what `make` makes.
  init(_ make: @escaping @Sendable () -> [String: Value]) {
    self.make = make
    made = Mutex(nil)
  }

  /// A view that is there.
  init(_ values: [String: Value]) {
    make = { [:] }
    made = Mutex(values)
  }

  var values: [String: Value] {
    made.withLock { made in
      if let made { return made }
      let values = make()
      made = values
      return values
    }
  }
}
