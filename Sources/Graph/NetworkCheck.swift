import Tensors

/// What a `Network` must hold beyond the shapes: types, scales, the cut.
struct NetworkCheck {
  let input: String
  let nodes: [Node]
  let cut: String
  let quantisation: [String: Quantisation]
  let tensors: [String: StoredTensor]
  let shapes: [String: Shape]

  /// Checks all and returns how many nodes the body has.
  func run() throws(GraphError) -> Int {
    guard let last = nodes.firstIndex(where: { $0.output == cut }) else {
      throw .invalidCut(cut: cut, why: "no node writes it")
    }
    let body = nodes[...last]
    var owners: [String: String] = [:]
    for node in body {
      try checkBody(node)
      try own(node, &owners)
    }
    for (name, value) in quantisation.sorted(by: { $0.key < $1.key }) {
      try check(value, name)
    }
    try checkTail(nodes[(last + 1)...])
    return last + 1
  }

  /// Each reader of weights packs a copy: shared ones would let a small file ask for any memory.
  private func own(_ node: Node, _ owners: inout [String: String]) throws(GraphError) {
    guard let weights = node.parameters.first else { return }
    if let owner = owners.updateValue(node.name, forKey: weights) {
      throw .invalidAttribute(
        node: node.name, what: "its weights '\(weights)' are also those of '\(owner)'")
    }
  }

  private func checkTail(_ tail: ArraySlice<Node>) throws(GraphError) {
    var visible: Set<String> = [cut]
    var checked: Set<String> = []
    var owners: [String: String] = [:]
    for node in tail {
      try own(node, &owners)
      try node.checkVariance { name in tensors[name]?.floats() ?? [] }
      for name in node.inputs where !visible.contains(name) {
        throw .invalidCut(cut: cut, why: "node '\(node.name)' after it reads '\(name)' before it")
      }
      visible.insert(node.output)
      for name in node.parameters where checked.insert(name).inserted {
        guard let tensor = tensors[name] else { continue }
        guard tensor.type == .float32 || tensor.type == .float16 else {
          throw wrongType(node, name, tensor, "F32 or F16")
        }
        guard tensor.isFinite else { throw .notFinite(parameter: name) }
      }
    }
  }

  private func checkBody(_ node: Node) throws(GraphError) {
    for name in node.inputs { try requireQuantisation(name) }
    let isMeanAtCut = node.output == cut && node.operation == .globalAveragePool
    if !isMeanAtCut { try requireQuantisation(node.output) }
    switch node.operation {
    case .convolution, .fullyConnected:
      try checkWeights(node)
    case .pad, .flatten, .maxPool, .slice, .channelShuffle:
      guard quantisation[node.output] == quantisation[node.inputs[0]] else {
        throw .invalidAttribute(
          node: node.name, what: "its result must be quantised like its input")
      }
    case .globalAveragePool where isMeanAtCut && !node.clamp.isNone:
      throw .invalidAttribute(node: node.name, what: "a mean at the cut cannot be clamped")
    case .add:
      try checkSum(node)
    case .clamp, .globalAveragePool, .averagePool, .multiply, .concatenate,
      .localResponseNormalisation, .activation:
      break
    case .batchNormalisation, .softmax:
      throw .notQuantisable(node: node.name, operation: node.operation.label)
    }
  }

  private func checkWeights(_ node: Node) throws(GraphError) {
    guard node.parameters.count == 2 else {
      throw .wrongCount(
        node: node.name, what: "parameters", found: node.parameters.count,
        expected: "int8 weights and an int32 bias")
    }
    let (name, bias) = (node.parameters[0], node.parameters[1])
    let scaleName = Network.scaleName(name)
    guard let weights = tensors[name], let biases = tensors[bias] else {
      throw .missingParameter(node: node.name, parameter: name)
    }
    guard weights.type == .int8 else { throw wrongType(node, name, weights, "I8") }
    guard biases.type == .int32 else { throw wrongType(node, bias, biases, "I32") }
    guard let scales = tensors[scaleName] else {
      throw .missingParameter(node: node.name, parameter: scaleName)
    }
    guard scales.type == .float32, scales.shape == [weights.shape[0]] else {
      throw wrongType(node, scaleName, scales, "F32 [\(weights.shape[0])]")
    }
    guard scales.floats().allSatisfy({ $0.isNormal && $0 > 0 }) else {
      throw .notFinite(parameter: scaleName)
    }
    let zeroName = Network.zeroName(name)
    if let zeros = tensors[zeroName] {
      guard zeros.type == .int8, zeros.shape == [weights.shape[0]] else {
        throw wrongType(node, zeroName, zeros, "I8 [\(weights.shape[0])]")
      }
    }
  }

  private func checkSum(_ node: Node) throws(GraphError) {
    guard let name = node.parameters.first else { return }
    guard let tensor = tensors[name] else {
      throw .missingParameter(node: node.name, parameter: name)
    }
    guard tensor.type == .int32, tensor.shape == [FixedSum.count] else {
      throw wrongType(node, name, tensor, "I32 [\(FixedSum.count)]")
    }
    guard FixedSum(tensor) != nil else {
      throw .invalidAttribute(
        node: node.name,
        what: "the numbers of its sum, '\(name)', must be two multipliers in "
          + "0...\(FixedSum.greatestMultiplier) and a shift in 1...30")
    }
  }

  private func wrongType(
    _ node: Node, _ name: String, _ tensor: StoredTensor, _ expected: String
  ) -> GraphError {
    .invalidAttribute(
      node: node.name,
      what: "constant '\(name)' is \(tensor.type.rawValue) \(tensor.shape), expected \(expected)")
  }

  private func requireQuantisation(_ name: String) throws(GraphError) {
    guard quantisation[name] != nil else { throw .missingScale(tensor: name) }
  }

  private func check(_ value: Quantisation, _ name: String) throws(GraphError) {
    guard value.scale.isNormal, value.scale > 0, (-128...127).contains(value.zeroPoint) else {
      throw .invalidAttribute(
        node: name,
        what: "quantisation (scale \(value.scale), zero point \(value.zeroPoint)) is not valid; "
          + "the scale must be finite and above 0, the zero point in -128...127")
    }
  }

  /// Mean and deviation of each input channel, and the size, must belong to the input.
  static func checkPreprocessing(
    _ preprocessing: Preprocessing, inputShape: Shape
  ) throws(GraphError) {
    let (mean, deviation) = (preprocessing.mean, preprocessing.deviation)
    guard preprocessing.width == inputShape.width, preprocessing.height == inputShape.height else {
      throw .invalidPreprocessing(
        why: "it makes \(preprocessing.height)×\(preprocessing.width), the input is \(inputShape)")
    }
    guard mean.count == inputShape.channels, deviation.count == inputShape.channels else {
      throw .invalidPreprocessing(
        why: "\(mean.count) means and \(deviation.count) deviations for \(inputShape.channels) "
          + "channels")
    }
    guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isNormal && $0 > 0 }) else {
      throw .invalidPreprocessing(why: "means must be finite and deviations above 0")
    }
  }
}
