package import Graph
package import Tensors

/// A network whose file has quantised it: bytes throughout, with the file's scales, zero points and biases.
///
/// `network(cut:settings:)` makes a `Network` of it, in which what stands before the cut computes in these
/// bytes, and what stands after it in fp32 from the same weights.
package struct QuantisedGraph: Sendable {
  /// Names of the image and of the result.
  package let input: String
  package let output: String
  /// `[height, width, channels]` of the image.
  package let inputShape: Shape
  /// What the image's bytes stand for.
  package let inputQuantisation: Quantisation
  /// Of each activation, by name.
  package let quantisation: [String: Quantisation]
  /// In running order.
  package let nodes: [Node]
  /// What made the file, as it says itself: for the lineage.
  package let producer: String
  /// What activations are called here, by the file's names for them, where these differ.
  package let fileNames: [String: String]
  let weights: [String: ByteWeights]
  /// Constants of the nodes of the tail that compute in fp32, by name.
  let constants: [String: FloatTensor]
  /// Whether additions round as XNNPACK's do.
  let addsInIntegers: Bool

  /// What an importer has found; `weights` by the node's name.
  init(
    input: String, inputShape: Shape, output: String, nodes: [Node],
    quantisation: [String: Quantisation], weights: [String: ByteWeights],
    constants: [String: FloatTensor] = [:], addsInIntegers: Bool, producer: String,
    fileNames: [String: String] = [:]
  ) throws(GraphError) {
    guard let form = quantisation[input] else { throw .missingScale(tensor: input) }
    guard [1, 3].contains(inputShape.channels) else {
      throw .photoChannels(found: inputShape.channels)
    }
    self.input = input
    self.output = output
    self.inputShape = inputShape
    inputQuantisation = form
    self.quantisation = quantisation
    self.weights = weights
    self.constants = constants
    self.addsInIntegers = addsInIntegers
    self.nodes = Self.foldingPads(nodes)
    self.producer = producer
    self.fileNames = fileNames
  }

  /// Where the body of a classifier ends by default: what the last fully connected layer reads.
  package var defaultCut: String? {
    nodes.last { $0.operation == .fullyConnected }?.inputs.first
  }

  /// How pixels become the image's bytes, if byte = pixel − 128 as the format's users have it: mean and
  /// deviation for each channel.
  package var pixelForm: (mean: [Float], deviation: [Float]) {
    let channels = inputShape.channels
    let form = inputQuantisation
    return (
      Array(repeating: Float(form.zeroPoint + 128), count: channels),
      Array(repeating: 1 / form.scale, count: channels)
    )
  }

  /// The network that computes in bytes up to the activation `cut`.
  ///
  /// - Complexity: O(weights).
  package func network(cut: String, settings: Quantiser.Settings) throws(GraphError) -> Network {
    guard nodes.contains(where: { $0.output == cut }) else {
      throw .invalidCut(cut: cut, why: "no node of the network writes it")
    }
    var needed: Set<String> = [cut]
    for node in nodes.reversed() where needed.contains(node.output) {
      needed.formUnion(node.inputs)
    }
    var body = nodes.filter { needed.contains($0.output) }
    let tail = nodes.filter { !needed.contains($0.output) }
    var tensors: [String: StoredTensor] = [:]
    var forms = [input: inputQuantisation]
    for (place, node) in body.enumerated() {
      let isMeanAtCut = node.output == cut && node.operation == .globalAveragePool
      if !isMeanAtCut { forms[node.output] = quantisation[node.output] }
      if let sum = fixedSum(node) {
        let name = "\(node.name).sum"
        body[place].parameters = [name]
        tensors[name] = sum.tensor
      }
      guard let stored = weights[node.name] else { continue }
      stored.store(node, in: &tensors)
    }
    for node in tail {
      let isHalf = settings.tailType == .float16
      let real = weights[node.name].map { [$0.realWeights, $0.realBias] }
      for (name, real) in zip(
        node.parameters, real ?? node.parameters.compactMap { constants[$0] })
      {
        tensors[name] =
          isHalf && real.elements.allSatisfy { abs($0) <= 65_504 }
          ? StoredTensor(shape: real.shape, roundedToFloat16: real.elements)
          : StoredTensor(shape: real.shape, float32: real.elements)
      }
    }
    return try Network(
      input: input, inputShape: inputShape, nodes: body + tail, output: output, cut: cut,
      quantisation: forms, classes: settings.classes, preprocessing: settings.preprocessing,
      lineage: settings.lineage, tensors: tensors)
  }

  /// How the addition `node` rounds; `nil` if it is none, or one in fp32.
  private func fixedSum(_ node: Node) -> FixedSum? {
    guard addsInIntegers, node.operation == .add, node.inputs.count == 2,
      let first = quantisation[node.inputs[0]],
      let second = quantisation[node.inputs[1]], let result = quantisation[node.output]
    else { return nil }
    return FixedSum(first: first.scale, second: second.scale, result: result.scale)
  }

  /// `nodes` without pads that all their readers, convolutions, can take into their windows; zeros are the
  /// zero point either way.
  /// - Complexity: O(nodes and what they read).
  private static func foldingPads(_ nodes: [Node]) -> [Node] {
    var nodes = nodes
    var readers: [String: [Int]] = [:]
    for index in nodes.indices {
      for name in Set(nodes[index].inputs) { readers[name, default: []].append(index) }
    }
    var folded: Set<Int> = []
    for (index, node) in nodes.enumerated() {
      guard case .pad(let padding) = node.operation, node.clamp.isNone else { continue }
      let windows = readers[node.output, default: []].map { reader -> (Int, Window, Int)? in
        guard case .convolution(let window, let groups) = nodes[reader].operation else {
          return nil
        }
        return (reader, window, groups)
      }
      guard !windows.isEmpty, !windows.contains(where: { $0 == nil }) else { continue }
      for case let (reader, window, groups)? in windows {
        var window = window
        window.padding.top += padding.top
        window.padding.left += padding.left
        window.padding.bottom += padding.bottom
        window.padding.right += padding.right
        nodes[reader].operation = .convolution(window, groups: groups)
        nodes[reader].inputs = [node.inputs[0]]
      }
      folded.insert(index)
    }
    return nodes.indices.filter { !folded.contains($0) }.map { nodes[$0] }
  }
}
