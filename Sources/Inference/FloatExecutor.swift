package import Graph
package import Kernels
import Tensors

/// Runs a graph in fp32: for calibration, for a tail of several layers, and as a yardstick.
///
/// Sums are made in the order of `gemmF32` and `depthwiseF32`, so that the result is the same
/// on every processor. One thread at a time may use it.
package final class FloatExecutor {
  /// The graph that runs.
  package let graph: Graph
  /// Bytes of the activations' arena.
  package var arenaByteCount: Int { arena.byteCount }

  private let shapes: [String: Shape]
  private let slots: [String: Range<Int>]
  private let steps: [any FloatStep]
  private let arena: WorkMemory<Float>

  /// Prepares `graph`; throws what `Graph.shapes()` finds wrong with it.
  package convenience init(_ graph: Graph, kernels: KernelSet = .chosen) throws(InferenceError) {
    let shapes: [String: Shape]
    do throws(GraphError) {
      shapes = try graph.shapes()
    } catch {
      throw .graph("\(error)")
    }
    try self.init(graph, shapes: shapes, kernels: kernels) { name in
      graph.constants[name].map { .floats($0.elements) }
    }
  }

  /// Prepares the fp32 nodes of `network` after its cut but for a softmax at the end; their weights stay in its
  /// file.
  convenience init(tailOf network: Network) throws(InferenceError) {
    var graph = Graph(
      input: network.cut, inputShape: network.featureShape, nodes: Array(network.tail),
      output: network.output, constants: [:])
    while let last = graph.nodes.last, last.operation == .softmax {
      graph.output = last.inputs[0]
      graph.nodes.removeLast()
    }
    try self.init(graph, shapes: network.shapes, kernels: .chosen) { name in
      network.tensors[name].map { .stored($0) }
    }
  }

  /// Prepares `graph`, whose constants `constant` gives.
  private init(
    _ graph: Graph, shapes: [String: Shape], kernels: KernelSet,
    constant: @escaping (String) -> FloatConstant?
  ) throws(InferenceError) {
    self.shapes = shapes
    let plan = Plan(graph, shapes: shapes)
    guard plan.byteCount <= Body.greatestArena / 4 else {
      throw .arenaTooLarge(
        needed: plan.byteCount * 4, limit: Body.greatestArena, peak: plan.peakNode)
    }
    slots = plan.slots
    arena = WorkMemory(count: plan.byteCount, filledWith: 0)
    let builder = FloatBuilder(
      shapes: shapes, slots: plan.slots, kernels: kernels, constant: constant)
    var steps: [any FloatStep] = []
    for node in graph.nodes { steps.append(try builder.step(node)) }
    self.steps = steps
    self.graph = graph
  }

  /// Computes the graph's result.
  ///
  /// - Parameters:
  ///   - input: As many numbers as the input's shape has.
  ///   - observe: Called with the input and with each node's output as it is made.
  package func run(
    _ input: Span<Float>, observing observe: (String, Span<Float>) -> Void = { _, _ in }
  ) -> [Float] {
    let slot = slots[graph.input] ?? 0..<0
    precondition(input.count == slot.count, "\(input.count) numbers for \(graph.inputShape)")
    let arena = arena
    var first = arena.write(slot)
    for index in input.indices { first[index] = input[index] }
    observe(graph.input, input)
    for (node, step) in zip(graph.nodes, steps) {
      step.run(arena)
      if let slot = slots[node.output] { observe(node.output, arena.read(slot)) }
    }
    let result = arena.read(slots[graph.output] ?? 0..<0)
    return result.indices.map { result[$0] }
  }
}

/// One node of a graph, ready to run in fp32.
protocol FloatStep: AnyObject {
  /// Reads its inputs from `arena` and writes its result there.
  func run(_ arena: WorkMemory<Float>)
}

/// Makes the steps of a `FloatExecutor`.
struct FloatBuilder {
  let shapes: [String: Shape]
  let slots: [String: Range<Int>]
  let kernels: KernelSet
  /// The constant of a name.
  let constant: (String) -> FloatConstant?

  func step(_ node: Node) throws(InferenceError) -> any FloatStep {
    guard let source = slots[node.inputs[0]], let target = slots[node.output],
      let input = shapes[node.inputs[0]], let output = shapes[node.output]
    else { throw .graph("node '\(node.name)' has no place in the arena") }
    let constants = node.parameters.map { constant($0) ?? .floats([]) }
    let place = FloatPlace(source: source, target: target, clamp: node.clamp, kernels: kernels)
    switch node.operation {
    case .convolution(let window, let groups):
      let geometry = Geometry(window: window, groups: groups, input: input, output: output)
      let bias =
        constants.count > 1
        ? constants[1].elements : [Float](repeating: 0, count: output.channels)
      return geometry.isDepthwise
        ? FloatDepthwise(place, geometry, weights: constants[0].elements, bias: bias)
        : FloatConvolution(
          place, geometry, weights: FloatWeights(constants[0], depth: geometry.depth), bias: bias)
    case .fullyConnected:
      return FloatDense(
        place, outputs: output.count, weights: FloatWeights(constants[0], depth: input.count),
        bias: constants.count > 1 ? constants[1].elements : [])
    case .batchNormalisation(let epsilon):
      return FloatAffine(place, constants.map(\.elements), epsilon: epsilon)
    case .add:
      return FloatPair(place, other: slots[node.inputs[1]] ?? source, isProduct: false)
    case .clamp, .flatten:
      return FloatMap(place)
    case .pad(let padding):
      return FloatPad(place, padding, input: input, output: output)
    case .globalAveragePool:
      return FloatMean(place, input: input)
    case .softmax:
      return FloatSoftmax(place, columns: output.channels)
    case .maxPool, .averagePool, .multiply, .concatenate, .slice, .channelShuffle,
      .localResponseNormalisation, .activation:
      return try plainStep(node, place, input: input, output: output)
    }
  }
}

/// Where a step reads and writes, and what limits its result.
struct FloatPlace {
  let source: Range<Int>
  let target: Range<Int>
  let clamp: Clamp
  let kernels: KernelSet

  /// Limits every element of the result.
  func finish(_ out: inout MutableSpan<Float>) {
    guard !clamp.isNone else { return }
    let (low, high) = (clamp.low ?? -.infinity, clamp.high ?? .infinity)
    for index in 0..<out.count { out[index] = min(max(out[index], low), high) }
  }
}
