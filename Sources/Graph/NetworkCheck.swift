import Tensors

/// What a `Network` must hold beyond the shapes: types, scales, the cut.
struct NetworkCheck {
  let wiring: Wiring
  /// The activation where the body ends; `nil` if there is none called `cutName`.
  let cut: Int?
  let cutName: String
  let quantisation: [NamedQuantisation]
  /// By activation.
  let forms: [Quantisation?]
  /// By node, the places of its parameters among all constants.
  let parameters: [[Int]]
  /// By node.
  let constants: [NodeConstants]

  /// Checks all but the numbers of the tail. Returns how many nodes the body has, and the constants of the tail, once
  /// each.
  func run() throws(GraphError) -> (
    bodyNodeCount: Int, tail: [(name: String, tensor: StoredTensor)]
  ) {
    guard let cut, cut > 0 else { throw .invalidCut(cut: cutName, why: "no node writes it") }
    let count = cut
    var owners = Owners()
    for index in 0..<count {
      try checkBody(index)
      try own(index, &owners)
    }
    if !quantisation.allSatisfy({ $0.value.isValid }) {
      for form in quantisation.sorted(by: { $0.name < $1.name }) where !form.value.isValid {
        throw invalid(form)
      }
    }
    return (count, try checkTail(from: count))
  }

  /// By constant, the node whose weights it is; −1 for none.
  private typealias Owners = [Int]

  /// Each reader of weights packs a copy: shared ones would let a small file ask for any memory.
  private func own(_ index: Int, _ owners: inout Owners) throws(GraphError) {
    guard let weights = parameters[index].first else { return }
    while owners.count <= weights { owners.append(-1) }
    if owners[weights] >= 0 {
      let node = wiring.nodes[index]
      throw .invalidAttribute(
        node: node.name,
        what: "its weights '\(node.parameters[0])' are also those of "
          + "'\(wiring.nodes[owners[weights]].name)'")
    }
    owners[weights] = index
  }

  private func checkTail(
    from first: Int
  ) throws(GraphError) -> [(name: String, tensor: StoredTensor)] {
    var owners = Owners()
    var isFound: [Bool] = []
    var found: [(name: String, tensor: StoredTensor)] = []
    for index in first..<wiring.nodes.count {
      let node = wiring.nodes[index]
      try own(index, &owners)
      for (name, activation) in zip(node.inputs, wiring.inputs[index]) where activation < first {
        throw .invalidCut(
          cut: cutName, why: "node '\(node.name)' after it reads '\(name)' before it")
      }
      for (position, name) in node.parameters.enumerated() {
        let place = parameters[index][position]
        while isFound.count <= place { isFound.append(false) }
        if isFound[place] { continue }
        isFound[place] = true
        let tensor = constants[index].parameters[position]
        guard tensor.type == .float32 || tensor.type == .float16 else {
          throw wrongType(node, name, tensor, "F32 or F16")
        }
        found.append((name, tensor))
      }
    }
    return found
  }

  private func checkBody(_ index: Int) throws(GraphError) {
    let (node, inputs) = (wiring.nodes[index], wiring.inputs[index])
    for input in inputs { try requireQuantisation(input) }
    let isMeanAtCut = index + 1 == cut && node.operation == .globalAveragePool
    if !isMeanAtCut { try requireQuantisation(index + 1) }
    switch node.operation {
    case .convolution, .fullyConnected:
      try checkWeights(node, constants[index])
    case .pad, .flatten, .maxPool, .slice, .channelShuffle:
      guard forms[index + 1] == forms[inputs[0]] else {
        throw .invalidAttribute(
          node: node.name, what: "its result must be quantised like its input")
      }
    case .globalAveragePool where isMeanAtCut && !node.clamp.isNone:
      throw .invalidAttribute(node: node.name, what: "a mean at the cut cannot be clamped")
    case .add:
      try checkSum(node, constants[index])
    case .clamp, .globalAveragePool, .averagePool, .multiply, .concatenate,
      .localResponseNormalisation, .activation:
      break
    case .batchNormalisation, .softmax:
      throw .notQuantisable(node: node.name, operation: node.operation.label)
    }
  }

  private func checkWeights(_ node: Node, _ found: NodeConstants) throws(GraphError) {
    guard node.parameters.count == 2 else {
      throw .wrongCount(
        node: node.name, what: "parameters", found: node.parameters.count,
        expected: "int8 weights and an int32 bias")
    }
    let (weights, biases) = (found.parameters[0], found.parameters[1])
    guard weights.type == .int8 else { throw wrongType(node, node.parameters[0], weights, "I8") }
    guard biases.type == .int32 else { throw wrongType(node, node.parameters[1], biases, "I32") }
    func scaleName() -> String { Network.scaleName(node.parameters[0]) }
    guard let scales = found.scale else {
      throw .missingParameter(node: node.name, parameter: scaleName())
    }
    guard scales.type == .float32, scales.shape == [weights.shape[0]] else {
      throw wrongType(node, scaleName(), scales, "F32 [\(weights.shape[0])]")
    }
    let numbers = scales.float32
    for index in numbers.indices {
      guard numbers[index].isNormal, numbers[index] > 0 else {
        throw .notFinite(parameter: scaleName())
      }
    }
    if let zeros = found.zero {
      guard zeros.type == .int8, zeros.shape == [weights.shape[0]] else {
        throw wrongType(
          node, Network.zeroName(node.parameters[0]), zeros, "I8 [\(weights.shape[0])]")
      }
    }
  }

  private func checkSum(_ node: Node, _ found: NodeConstants) throws(GraphError) {
    guard let name = node.parameters.first, let tensor = found.parameters.first else { return }
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

  private func requireQuantisation(_ activation: Int) throws(GraphError) {
    guard forms[activation] != nil else { throw .missingScale(tensor: wiring.name(activation)) }
  }

  private func invalid(_ form: NamedQuantisation) -> GraphError {
    .invalidAttribute(
      node: form.name,
      what: "quantisation (scale \(form.value.scale), zero point \(form.value.zeroPoint)) is not "
        + "valid; the scale must be finite and above 0, the zero point in -128...127")
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

extension Quantisation {
  fileprivate var isValid: Bool { scale.isNormal && scale > 0 && (-128...127).contains(zeroPoint) }
}
