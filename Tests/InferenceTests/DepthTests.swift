import Graph
import Inference
import Kernels
import Support
import Tensors
import Testing

/// Sums as long as the kernels take run; of longer ones a file that states them is refused, not the process ended.
@Suite("The longest sums")
struct DepthTests {
  /// The greatest number of products of one sum.
  static let greatest = 32_768

  /// A body that ends in one layer, `layer`, with weights of `weightShape`, the first `wide` of each row beyond
  /// a byte less their zero points.
  private static func network(
    _ operation: Operation, input: Shape, weightShape: [Int], wide: Int = 0
  ) throws -> Network {
    let outputs = weightShape[0]
    let depth = weightShape.dropFirst().reduce(1, *)
    var weights: [Int8] = []
    for output in 0..<outputs {
      // Less a zero point of 1, only −128 leaves a byte.
      for place in 0..<depth {
        weights.append(place < wide ? -128 : place % (output + 2) == 0 ? 127 : -63)
      }
    }
    var tensors = [
      "w": StoredTensor(shape: weightShape, int8: weights),
      "b": StoredTensor(shape: [outputs], int32: Array(repeating: 3, count: outputs)),
      Network.scaleName("w"): StoredTensor(
        shape: [outputs], float32: Array(repeating: 1e-5, count: outputs)),
    ]
    if wide > 0 {
      tensors[Network.zeroName("w")] = StoredTensor(
        shape: [outputs], int8: Array(repeating: 1, count: outputs))
    }
    let isDense = operation == .fullyConnected
    var nodes = [
      Node(
        name: "layer", operation: operation, inputs: [isDense ? "flat" : "x"],
        parameters: ["w", "b"], output: "y")
    ]
    if isDense {
      let flat = Node(name: "flat", operation: .flatten, inputs: ["x"], output: "flat")
      nodes.insert(flat, at: 0)
    }
    let form = Quantisation(scale: 0.5, zeroPoint: 5)
    return try Network(
      input: "x", inputShape: input, nodes: nodes, output: "y", cut: "y",
      quantisation: ["x": form, "flat": form, "y": Quantisation(scale: 1, zeroPoint: 3)],
      classes: [], preprocessing: TestNetworks.preprocessing(input),
      lineage: Lineage(source: "test", sourceSHA256: String(repeating: "0", count: 64)),
      tensors: tensors)
  }

  private static func dense(_ input: Shape, wide: Int = 0) throws -> Network {
    try network(.fullyConnected, input: input, weightShape: [3, input.count], wide: wide)
  }

  private static func depthwise(_ height: Int, _ width: Int, wide: Int = 0) throws -> Network {
    try network(
      .convolution(Window(height: height, width: width), groups: 2),
      input: Shape(height, width + 1, 2), weightShape: [2, height, width, 1], wide: wide)
  }

  private static func expectRefusal(_ network: Network, depth: Int) {
    let expected = InferenceError.tooDeep(node: "layer", depth: depth, greatest: greatest)
    #expect(throws: expected) { try Body(network) }
  }

  private static func expectRun(_ network: Network) throws {
    let image = BodyTests.image(network.inputShape, seed: 1)
    let reference = try Body(network, cpu: "scalar").features(image.span)
    #expect(Set(reference).count > 1)
    #expect(try Body(network).features(image.span) == reference)
  }

  @Test("of a fully connected layer")
  func fullyConnected() throws {
    try Self.expectRun(try Self.dense(Shape(128, 256, 1)))
    Self.expectRefusal(try Self.dense(Shape(128, 257, 1)), depth: 32_896)
    Self.expectRefusal(try Self.dense(Shape(224, 224, 1)), depth: 50_176)
  }

  @Test("of a fully connected layer whose second bytes repeat some inputs")
  func fullyConnectedWide() throws {
    let input = Shape(112, 224, 1)
    try Self.expectRun(try Self.dense(input, wide: Self.greatest - 25_088))
    Self.expectRefusal(
      try Self.dense(input, wide: Self.greatest - 25_087), depth: Self.greatest + 1)
    Self.expectRefusal(try Self.dense(input, wide: 25_088), depth: 50_176)
  }

  @Test("of a depthwise window")
  func window() throws {
    try Self.expectRun(try Self.depthwise(512, 64))
    Self.expectRefusal(try Self.depthwise(513, 64), depth: 32_832)
  }

  @Test("of a depthwise window whose second bytes repeat every tap")
  func windowWide() throws {
    try Self.expectRun(try Self.depthwise(128, 128, wide: 1))
    Self.expectRefusal(try Self.depthwise(129, 128, wide: 1), depth: 33_024)
  }
}
