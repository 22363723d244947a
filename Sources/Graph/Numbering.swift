import Tensors

/// Gives the names of a network their numbers, once each, and finds by them what belongs together.
struct Numbering {
  /// All names so far.
  private(set) var names: NameTable
  /// By node, the places of its parameters among the constants; found by `wiring`.
  private(set) var parameters: [[Int]] = []

  private let constantShapes: [[Int]]
  /// By number of a name, the constant; −1 for none.
  private var constantOf: [Int]
  /// By number of a name, the activation; −1 for none so far.
  private var activationOf: [Int] = []

  /// The numbering of a network whose constants are called `constants`, numbers in `names`, and have
  /// `constantShapes`.
  init(names: NameTable, constants: [Int], constantShapes: [[Int]]) {
    self.names = names
    self.constantShapes = constantShapes
    constantOf = Array(repeating: -1, count: names.names.count)
    for (index, name) in constants.enumerated() { constantOf[name] = index }
  }

  /// The wiring of `nodes` with the shape of every activation; throws on the first thing that is wrong.
  mutating func wiring(
    input: String, inputShape: Shape, nodes: [Node], output: String
  ) throws(GraphError) -> Wiring {
    var inference = try ShapeInference(input: input, inputShape: inputShape, of: nodes)
    var isNode: [Bool] = []
    var inputs: [[Int]] = []
    inputs.reserveCapacity(nodes.count)
    parameters.reserveCapacity(nodes.count)
    define(names.number(of: input), as: 0)
    for (index, node) in nodes.enumerated() {
      let (name, result) = (names.number(of: node.name), names.number(of: node.output))
      while isNode.count < names.names.count { isNode.append(false) }
      guard !isNode[name] else { throw .definedTwice(name: node.name) }
      isNode[name] = true
      guard activation(result) == nil else { throw .definedTwice(name: node.output) }
      try inference.checkClamp(node)
      var read: [Int] = []
      for input in node.inputs {
        guard let activation = activation(input) else {
          throw .unknownInput(node: node.name, input: input)
        }
        read.append(activation)
      }
      let constants = node.parameters.map { constant($0) }
      try inference.add(node, reading: read, constants.map { $0.map { constantShapes[$0] } })
      inputs.append(read)
      parameters.append(constants.compactMap(\.self))
      define(result, as: index + 1)
    }
    guard output != input, activation(output) != nil else { throw .missingOutput(name: output) }
    return Wiring(
      input: input, nodes: nodes[...], inputs: inputs[...], shapes: inference.shapes[...])
  }

  /// The activation called `name`.
  func activation(_ name: String) -> Int? { names.known(name).flatMap { activation($0) } }

  /// The constant called `name`.
  func constant(_ name: String) -> Int? {
    guard let number = names.known(name), number < constantOf.count else { return nil }
    return constantOf[number] >= 0 ? constantOf[number] : nil
  }

  private func activation(_ number: Int) -> Int? {
    guard number < activationOf.count, activationOf[number] >= 0 else { return nil }
    return activationOf[number]
  }

  private mutating func define(_ number: Int, as activation: Int) {
    while activationOf.count <= number { activationOf.append(-1) }
    activationOf[number] = activation
  }
}
