import Tensors

extension Operation {
  /// How many activations it reads.
  var inputCount: ClosedRange<Int> {
    switch self {
    case .add, .multiply: 2...2
    case .concatenate: 1...ShapeInference.mostNodes
    default: 1...1
    }
  }
}

extension ShapeInference {
  /// The shape of the result of an operation without windows and constants.
  func elementwise(_ node: Node, inputs: [Shape]) throws(GraphError) -> Shape {
    try requireParameters(node, [0], "none")
    let first = inputs[0]
    switch node.operation {
    case .multiply:
      return try product(node, first, inputs[1])
    case .concatenate:
      return try joined(node, inputs)
    case .slice(let start, let count):
      guard start >= 0, count >= 1, count <= first.channels, start <= first.channels - count,
        let shape = Shape(validating: first.dimensions.dropLast() + [count])
      else {
        throw .invalidAttribute(
          node: node.name,
          what: "\(count) channels from \(start) on are not among \(first.channels)")
      }
      return shape
    case .channelShuffle(let groups):
      guard groups >= 1, first.channels % groups == 0 else {
        throw .invalidAttribute(
          node: node.name, what: "\(groups) groups do not divide \(first.channels) channels")
      }
    case .localResponseNormalisation(let response):
      try check(node, response)
    case .activation(let function):
      guard function.attributes.allSatisfy(\.isFinite) else {
        throw .invalidAttribute(
          node: node.name, what: "the numbers of its \(function.label) must be finite")
      }
    default:
      break
    }
    return first
  }

  private func product(_ node: Node, _ first: Shape, _ second: Shape) throws(GraphError) -> Shape {
    let factors = [first.dimensions, [first.channels], [1, 1, first.channels]]
    guard factors.contains(second.dimensions) else {
      throw .inputShape(
        node: node.name, input: node.inputs[1], found: second,
        expected: "\(first) like '\(node.inputs[0])', or a factor for each of its channels")
    }
    return first
  }

  private func joined(_ node: Node, _ inputs: [Shape]) throws(GraphError) -> Shape {
    let outer = inputs[0].dimensions.dropLast()
    var channels = 0
    for (name, shape) in zip(node.inputs, inputs) {
      guard shape.dimensions.dropLast() == outer else {
        throw .inputShape(
          node: node.name, input: name, found: shape,
          expected: "height and width of \(inputs[0]) like '\(node.inputs[0])'")
      }
      channels += shape.channels
    }
    guard let shape = Shape(validating: outer + [channels]) else {
      throw .invalidAttribute(node: node.name, what: "its result has \(channels) channels")
    }
    return shape
  }

  private func check(_ node: Node, _ response: LocalResponse) throws(GraphError) {
    guard (1...Self.greatestExtent).contains(response.size) else {
      throw .invalidAttribute(node: node.name, what: "size \(response.size) must be 1 or more")
    }
    let numbers = [response.alpha, response.beta, response.bias]
    guard numbers.allSatisfy(\.isFinite), response.alpha >= 0, response.bias > 0 else {
      throw .invalidAttribute(
        node: node.name,
        what: "alpha, beta and bias \(numbers) must be finite, alpha 0 or more, bias above 0")
    }
  }
}
