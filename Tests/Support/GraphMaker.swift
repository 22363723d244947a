package import Graph
package import Tensors

/// Builds small graphs with seeded random weights, a node at a time.
package struct GraphMaker {
  /// The graph so far; its output is that of the last node.
  package private(set) var graph: Graph
  /// Shapes of all activations so far.
  package private(set) var shapes: [String: Shape]
  package var random: SeededRandom

  /// A graph without nodes.
  package init(seed: UInt64, input: Shape = Shape(12, 10, 3)) {
    random = SeededRandom(seed: seed)
    graph = Graph(input: "image", inputShape: input, nodes: [], output: "image", constants: [:])
    shapes = ["image": input]
  }

  /// `count` numbers in `−1 ..< 1` times `scale`.
  package mutating func numbers(_ count: Int, scale: Double = 1) -> [Float] {
    (0..<count).map { _ in Float((random.unit() * 2 - 1) * scale) }
  }

  /// Adds a node and returns its output's name.
  @discardableResult
  package mutating func add(
    _ operation: Operation, _ inputs: [String], constants: [FloatTensor] = [],
    clamp: Clamp = .none
  ) -> String {
    let name = "n\(graph.nodes.count)"
    let parameters = constants.indices.map { "\(name).c\($0)" }
    for (parameter, constant) in zip(parameters, constants) {
      graph.constants[parameter] = constant
    }
    graph.nodes.append(
      Node(
        name: name, operation: operation, inputs: inputs, parameters: parameters,
        output: name + ".out", clamp: clamp))
    graph.output = name + ".out"
    if let found = try? graph.shapes() { shapes = found }
    return graph.output
  }

  /// Adds a convolution with "same" padding and a bias.
  @discardableResult
  package mutating func convolution(
    _ input: String, outputs: Int, kernel: Int = 3, stride: Int = 1, groups: Int = 1,
    clamp: Clamp = .relu6
  ) -> String {
    let depth = (shapes[input]?.channels ?? 1) / groups
    let side = kernel / 2
    let window = Window(
      height: kernel, width: kernel, strideY: stride, strideX: stride,
      padding: Padding(top: side, left: side, bottom: side, right: side))
    let count = outputs * kernel * kernel * depth
    let weights = FloatTensor(
      shape: [outputs, kernel, kernel, depth],
      elements: numbers(count, scale: (3 / Double(kernel * kernel * depth)).squareRoot()))
    let bias = FloatTensor(shape: [outputs], elements: numbers(outputs, scale: 0.3))
    return add(
      .convolution(window, groups: groups), [input], constants: [weights, bias], clamp: clamp)
  }

  /// Adds a batch normalisation.
  @discardableResult
  package mutating func batchNormalisation(_ input: String) -> String {
    let count = shapes[input]?.channels ?? 1
    let shape = [count]
    return add(
      .batchNormalisation(epsilon: 1e-3), [input],
      constants: [
        FloatTensor(shape: shape, elements: numbers(count, scale: 0.5).map { $0 + 1 }),
        FloatTensor(shape: shape, elements: numbers(count, scale: 0.3)),
        FloatTensor(shape: shape, elements: numbers(count, scale: 0.3)),
        FloatTensor(shape: shape, elements: numbers(count, scale: 0.4).map { $0 + 0.6 }),
      ])
  }

  /// Adds a fully connected layer.
  @discardableResult
  package mutating func fullyConnected(_ input: String, outputs: Int) -> String {
    let count = shapes[input]?.count ?? 1
    return add(
      .fullyConnected, [input],
      constants: [
        FloatTensor(
          shape: [outputs, count],
          elements: numbers(outputs * count, scale: (3 / Double(count)).squareRoot())),
        FloatTensor(shape: [outputs], elements: numbers(outputs, scale: 0.3)),
      ])
  }

  /// Adds an inverted residual block as in MobileNetV2.
  @discardableResult
  package mutating func block(
    _ input: String, outputs: Int, kernel: Int = 3, stride: Int = 1, expansion: Int = 3
  ) -> String {
    let channels = shapes[input]?.channels ?? 1
    let wide = convolution(input, outputs: channels * expansion, kernel: 1)
    let deep = convolution(
      wide, outputs: channels * expansion, kernel: kernel, stride: stride,
      groups: channels * expansion)
    let narrow = convolution(deep, outputs: outputs, kernel: 1, clamp: .none)
    return stride == 1 && outputs == channels ? add(.add, [narrow, input]) : narrow
  }

  /// A classifier like MobileNetV2, tiny: stem, four blocks, head, mean, fully connected.
  package static func classifier(seed: UInt64, classes: Int = 4) -> Graph {
    var maker = GraphMaker(seed: seed)
    var x = maker.convolution("image", outputs: 8, stride: 2)
    x = maker.block(x, outputs: 8)
    x = maker.block(x, outputs: 12, kernel: 5, stride: 2)
    x = maker.block(x, outputs: 12)
    x = maker.convolution(x, outputs: 17, kernel: 3, groups: 1, clamp: .relu)
    x = maker.convolution(x, outputs: 24, kernel: 1)
    x = maker.add(.globalAveragePool, [x])
    maker.fullyConnected(x, outputs: classes)
    return maker.graph
  }
}
