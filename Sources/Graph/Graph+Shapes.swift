package import Tensors

extension Graph {
  /// The shape of every activation, by name, the input's included.
  ///
  /// Checks the whole graph on the way: nodes in running order, each name defined once, every
  /// constant there, finite and of the shape its node needs.
  /// - Complexity: O(nodes + elements of constants).
  package func shapes() throws(GraphError) -> [String: Shape] {
    for (name, tensor) in constants.sorted(by: { $0.key < $1.key })
    where !tensor.elements.allSatisfy(\.isFinite) {
      throw .notFinite(parameter: name)
    }
    var names = NameTable()
    let numbers = constants.map { (names.number(of: $0.key), $0.value.shape) }
    var numbering = Numbering(
      names: names, constants: numbers.map(\.0), constantShapes: numbers.map(\.1))
    let wiring = try numbering.wiring(
      input: input, inputShape: inputShape, nodes: nodes, output: output)
    for node in nodes {
      try node.checkVariance { name in constants[name]?.elements ?? [] }
    }
    return wiring.shapesByName
  }

  /// More nodes than this are refused.
  package static let mostNodes = ShapeInference.mostNodes
}

extension Node {
  /// The variance of a batch normalisation must have a root to divide by.
  func checkVariance(_ elements: (String) -> [Float]) throws(GraphError) {
    guard case .batchNormalisation(let epsilon) = operation, parameters.count == 4 else { return }
    for variance in elements(parameters[3]) where !(Double(variance) + Double(epsilon) > 0) {
      throw .invalidAttribute(
        node: name, what: "variance \(variance) with epsilon \(epsilon) is not above 0")
    }
  }
}

/// Finds the shapes of activations from those of the constants, node by node, whatever holds the constants.
struct ShapeInference {
  /// Extents above this are refused: no network of a camera has them, a broken file may.
  static let greatestExtent = 1 << 16
  /// More taps of one output row than this are refused: kernels keep a pointer for each.
  static let mostRowTaps = 1 << 22
  /// More pixels than this have no exact mean of bytes in 32 bits.
  static let mostMeanPixels = 1 << 23
  /// More nodes than this are refused: planning takes their number squared.
  static let mostNodes = 4096
  /// More reads of activations by all nodes together than this are refused: folding looks through them for each node.
  static let mostReads = 4 * mostNodes

  /// By activation, as `Wiring` numbers them.
  private(set) var shapes: [Shape]
  /// Shapes of the parameters of the node that is looked at, `nil` for those that are not there.
  private var parameterShapes: [[Int]?] = []

  /// Begins with the input; throws if it, or `nodes` as a whole, are too much.
  init(input: String, inputShape: Shape, of nodes: [Node]) throws(GraphError) {
    guard inputShape.dimensions.count == 3 else {
      throw .inputShape(
        node: "(input)", input: input, found: inputShape, expected: "[height, width, channels]")
    }
    guard nodes.count <= Self.mostNodes else {
      throw .wrongCount(
        node: "(all)", what: "nodes", found: nodes.count, expected: "at most \(Self.mostNodes)")
    }
    let reads = nodes.reduce(0) { $0 + $1.inputs.count }
    guard reads <= Self.mostReads else {
      throw .wrongCount(
        node: "(all)", what: "inputs", found: reads, expected: "at most \(Self.mostReads)")
    }
    shapes = [inputShape]
    shapes.reserveCapacity(nodes.count + 1)
  }

  /// Adds the shape of what `node` makes of the activations `inputs` and of parameters of the given shapes; throws
  /// on the first thing that is wrong.
  mutating func add(
    _ node: Node, reading inputs: [Int], _ parameterShapes: [[Int]?]
  ) throws(GraphError) {
    self.parameterShapes = parameterShapes
    shapes.append(try shape(of: node, inputs: inputs.map { shapes[$0] }))
  }

  func checkClamp(_ node: Node) throws(GraphError) {
    let (low, high) = (node.clamp.low, node.clamp.high)
    guard low?.isNaN != true, high?.isNaN != true, low != .infinity, high != -.infinity,
      (low ?? -.infinity) <= (high ?? .infinity)
    else {
      throw .invalidAttribute(
        node: node.name,
        what: "its clamp's low end is above its high end, or leaves no finite number")
    }
  }

  private func shape(of node: Node, inputs: [Shape]) throws(GraphError) -> Shape {
    let takes = node.operation.inputCount
    guard takes.contains(inputs.count) else {
      throw .wrongCount(
        node: node.name, what: "inputs", found: inputs.count,
        expected: takes.count == 1 ? "\(takes.lowerBound)" : "at least \(takes.lowerBound)")
    }
    let first = inputs[0]
    switch node.operation {
    case .convolution(let window, let groups):
      return try convolution(node, window, groups: groups, input: first)
    case .fullyConnected:
      return try fullyConnected(node, input: first)
    case .batchNormalisation(let epsilon):
      return try batchNormalisation(node, epsilon: epsilon, input: first)
    case .add:
      guard first == inputs[1] else {
        throw .inputShape(
          node: node.name, input: node.inputs[1], found: inputs[1],
          expected: "\(first) like '\(node.inputs[0])'")
      }
      try requireParameters(node, [0, 1], "none, or the numbers of a sum in integers")
      try requireVector(node, 0, count: FixedSum.count)
      return first
    case .clamp, .softmax:
      break
    case .pad(let padding):
      try requireMap(node, first)
      return try extended(node, first, by: padding)
    case .globalAveragePool:
      try requireMap(node, first)
      try requireParameters(node, [0], "none")
      guard first.height * first.width <= Self.mostMeanPixels else {
        throw .inputShape(
          node: node.name, input: node.inputs[0], found: first,
          expected: "at most \(Self.mostMeanPixels) pixels")
      }
      return Shape(first.channels)
    case .flatten:
      try requireParameters(node, [0], "none")
      return Shape(first.count)
    case .maxPool(let window):
      return try pooled(node, window, input: first)
    case .averagePool(let window, let counted):
      return try averaged(node, window, counted: counted, input: first)
    case .multiply, .concatenate, .slice, .channelShuffle, .localResponseNormalisation, .activation:
      return try elementwise(node, inputs: inputs)
    }
    try requireParameters(node, [0], "none")
    return first
  }

  private func convolution(
    _ node: Node, _ window: Window, groups: Int, input: Shape
  ) throws(GraphError) -> Shape {
    try requireMap(node, input)
    try requireParameters(node, [1, 2], "weights and an optional bias")
    try checkExtents(node, window)
    guard groups >= 1, input.channels % groups == 0 else {
      throw .invalidAttribute(
        node: node.name, what: "\(groups) groups do not divide \(input.channels) channels")
    }
    let weights = try parameter(node, 0)
    let expected = [window.height, window.width, input.channels / groups]
    guard weights.count == 4, Array(weights[1...]) == expected, weights[0] >= 1,
      weights[0] % groups == 0
    else {
      throw .parameterShape(
        node: node.name, parameter: node.parameters[0], found: weights,
        expected:
          "[outputs divisible by \(groups), \(expected.map(String.init).joined(separator: ", "))]"
      )
    }
    try requireVector(node, 1, count: weights[0])
    return try slid(node, window, over: input, channels: weights[0])
  }

  private func fullyConnected(_ node: Node, input: Shape) throws(GraphError) -> Shape {
    try requireParameters(node, [1, 2], "weights and an optional bias")
    guard input.dimensions.count == 1 else {
      throw .inputShape(
        node: node.name, input: node.inputs[0], found: input, expected: "a vector; flatten it first"
      )
    }
    let weights = try parameter(node, 0)
    guard weights.count == 2, weights[1] == input.count, let shape = Shape(validating: [weights[0]])
    else {
      throw .parameterShape(
        node: node.name, parameter: node.parameters[0], found: weights,
        expected: "[outputs, \(input.count)]")
    }
    try requireVector(node, 1, count: weights[0])
    return shape
  }

  private func batchNormalisation(
    _ node: Node, epsilon: Float, input: Shape
  ) throws(GraphError) -> Shape {
    try requireParameters(node, [4], "gamma, beta, mean and variance")
    guard epsilon >= 0, epsilon.isFinite else {
      throw .invalidAttribute(node: node.name, what: "epsilon \(epsilon) must be 0 or more")
    }
    for index in 0..<4 { try requireVector(node, index, count: input.channels) }
    return input
  }

  func extended(
    _ node: Node, _ shape: Shape, by padding: Padding
  ) throws(GraphError) -> Shape {
    let sides = [padding.top, padding.left, padding.bottom, padding.right]
    guard sides.allSatisfy({ (0...Self.greatestExtent).contains($0) }),
      let padded = Shape(validating: [
        shape.height + padding.top + padding.bottom, shape.width + padding.left + padding.right,
        shape.channels,
      ])
    else {
      throw .invalidAttribute(
        node: node.name, what: "padding \(sides) must be 0...\(Self.greatestExtent)")
    }
    return padded
  }

  func requireMap(_ node: Node, _ shape: Shape) throws(GraphError) {
    guard shape.dimensions.count == 3 else {
      throw .inputShape(
        node: node.name, input: node.inputs[0], found: shape, expected: "[height, width, channels]")
    }
  }

  func requireParameters(
    _ node: Node, _ counts: [Int], _ expected: String
  ) throws(GraphError) {
    guard counts.contains(node.parameters.count) else {
      throw .wrongCount(
        node: node.name, what: "parameters", found: node.parameters.count, expected: expected)
    }
  }

  private func parameter(_ node: Node, _ index: Int) throws(GraphError) -> [Int] {
    guard let shape = parameterShapes[index] else {
      throw .missingParameter(node: node.name, parameter: node.parameters[index])
    }
    return shape
  }

  private func requireVector(_ node: Node, _ index: Int, count: Int) throws(GraphError) {
    guard index < node.parameters.count else { return }
    let shape = try parameter(node, index)
    guard shape == [count] else {
      throw .parameterShape(
        node: node.name, parameter: node.parameters[index], found: shape, expected: "[\(count)]")
    }
  }
}
