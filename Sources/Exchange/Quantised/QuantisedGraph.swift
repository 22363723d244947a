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
  let weights: [String: TFLiteWeights]

  /// What `translation` has found, once it is complete.
  init(
    _ translation: TFLiteTranslation, input: String, inputShape: Shape, output: String,
    producer: String
  ) throws(GraphError) {
    guard let form = translation.quantisation[input] else { throw .missingRange(tensor: input) }
    guard [1, 3].contains(inputShape.channels) else {
      throw .photoChannels(found: inputShape.channels)
    }
    self.input = input
    self.output = output
    self.inputShape = inputShape
    inputQuantisation = form
    quantisation = translation.quantisation
    weights = translation.weights
    nodes = Self.foldingPads(translation.nodes)
    self.producer = producer
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
      guard let stored = weights[node.name] else { continue }
      let isHalf = settings.tailType == .float16
      for (name, real) in zip(node.parameters, [stored.realWeights, stored.realBias]) {
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
    guard node.operation == .add, node.inputs.count == 2, let first = quantisation[node.inputs[0]],
      let second = quantisation[node.inputs[1]], let result = quantisation[node.output]
    else { return nil }
    return FixedSum(first: first.scale, second: second.scale, result: result.scale)
  }

  /// `nodes` without pads that all their readers, convolutions, can take into their windows; zeros are the
  /// zero point either way.
  private static func foldingPads(_ nodes: [Node]) -> [Node] {
    var nodes = nodes
    var index = 0
    while index < nodes.count {
      let node = nodes[index]
      guard case .pad(let padding) = node.operation, node.clamp.isNone else {
        index += 1
        continue
      }
      let readers = nodes.indices.filter { nodes[$0].inputs.contains(node.output) }
      let windows = readers.compactMap { reader -> (Int, Window, Int)? in
        guard case .convolution(let window, let groups) = nodes[reader].operation else {
          return nil
        }
        return (reader, window, groups)
      }
      guard !readers.isEmpty, windows.count == readers.count else {
        index += 1
        continue
      }
      for (reader, window, groups) in windows {
        var window = window
        window.padding.top += padding.top
        window.padding.left += padding.left
        window.padding.bottom += padding.bottom
        window.padding.right += padding.right
        nodes[reader].operation = .convolution(window, groups: groups)
        nodes[reader].inputs = [node.inputs[0]]
      }
      nodes.remove(at: index)
    }
    return nodes
  }
}

extension TFLiteWeights {
  /// Puts the weights, scales and bias of `node` of a body into `tensors`; zero points only where the weights
  /// less them are no bytes.
  func store(_ node: Node, in tensors: inout [String: StoredTensor]) {
    let (name, biasName) = (node.parameters[0], node.parameters[1])
    let depth = bytes.count / scales.count
    var (plain, zeros): ([Int8], [Int8]) = ([], [])
    plain.reserveCapacity(bytes.count)
    for output in scales.indices {
      let row = bytes[(output * depth)..<((output + 1) * depth)]
      let zero = zeroPoints[output]
      if row.allSatisfy({ Int8(exactly: Int($0) - zero) != nil }) {
        plain += row.map { Int8(Int($0) - zero) }
        zeros.append(0)
      } else {
        plain += row
        zeros.append(Int8(zero))
      }
    }
    tensors[name] = StoredTensor(shape: shape, int8: plain)
    if zeros.contains(where: { $0 != 0 }) {
      tensors[Network.zeroName(name)] = StoredTensor(shape: [zeros.count], int8: zeros)
    }
    tensors[Network.scaleName(name)] = StoredTensor(shape: [scales.count], float32: scales)
    tensors[biasName] = StoredTensor(shape: [bias.count], int32: bias)
  }
}
