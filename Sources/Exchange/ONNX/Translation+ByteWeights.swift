import Graph
import Tensors

extension Translation {
  /// Takes limits into the operation before them where what lies between is not quantised, or quantised alike.
  /// - Complexity: O(nodes and what they read).
  mutating func foldLimits() {
    var readers: [String: Int] = [:]
    for node in nodes { for name in Set(node.inputs) { readers[name, default: 0] += 1 } }
    var kept: [Node] = []
    var writers: [String: Int] = [:]
    for node in nodes {
      let input = node.inputs[0]
      guard node.operation == .clamp, forms[input] == nil || forms[input] == forms[node.output],
        input != result, readers[input] == 1, let writer = writers[input],
        kept[writer].operation != .softmax
      else {
        writers[node.output] = kept.count
        kept.append(node)
        continue
      }
      kept[writer].clamp = kept[writer].clamp.followed(by: node.clamp)
      kept[writer].output = node.output
      writers[node.output] = writer
    }
    nodes = kept
  }

  /// The byte weights of every layer that has them; refuses nodes of the body that are not quantised.
  mutating func byteWeights() -> [String: ByteWeights] {
    let body = bodyNames
    var weights: [String: ByteWeights] = [:]
    for node in nodes {
      let isOfBody = body.contains(node.name)
      if isOfBody { refuseUnquantised(node) }
      guard let layer = layers[node.name], let input = forms[node.inputs[0]] else { continue }
      do throws(Unsupported) {
        guard let bytes = layer.weights.bytes else {
          throw Unsupported(why: "weights in fp32 in a quantised network")
        }
        weights[node.name] = try Self.byteWeights(
          layer.weights.dims, bytes, layer.bias, inputScale: input.scale)
      } catch {
        // Behind the body the layer could compute in fp32, but not with a bias that is steps of a scale.
        guard isOfBody || layer.bias?.isIntegers == true else { continue }
        refuse("\(node.operation.label) (\(error.why))", node.name)
      }
    }
    return weights
  }

  /// Gives results of operators on bytes, whose numbers had names of their own meanwhile, the file's names.
  mutating func useNamesOfFile() {
    let taken = Set(nodes.map(\.output))
    func plain(_ name: String) -> String {
      guard name.hasSuffix(Step.realSuffix) else { return name }
      let own = String(name.dropLast(Step.realSuffix.count))
      return taken.contains(own) ? name : own
    }
    for index in nodes.indices {
      nodes[index].output = plain(nodes[index].output)
      nodes[index].inputs = nodes[index].inputs.map(plain)
    }
    for (name, form) in forms where plain(name) != name {
      forms[name] = nil
      forms[plain(name)] = form
    }
    if case .activation(var last) = known[result] {
      last.name = plain(last.name)
      known[result] = .activation(last)
    }
  }

  /// The nodes, those with byte weights as these name their parameters.
  func quantisedNodes(_ weights: [String: ByteWeights]) -> [Node] {
    nodes.map { node in
      guard weights[node.name] != nil else { return node }
      var node = node
      node.parameters = ["\(node.name).weight", "\(node.name).bias"]
      return node
    }
  }

  /// Nodes that must compute in bytes: those that the last fully connected layer depends on, or all that
  /// something quantised depends on.
  private var bodyNames: Set<String> {
    let cut = nodes.last { $0.operation == .fullyConnected }?.inputs[0]
    let last = nodes.last { forms[$0.output] != nil }?.output
    var needed: Set<String> = []
    if let end = cut ?? last { needed.insert(end) }
    var names: Set<String> = []
    for node in nodes.reversed() where needed.contains(node.output) {
      // A mean before the classifier may stay in fp32.
      if node.output == cut, node.operation == .globalAveragePool, node.clamp.isNone {
        needed.formUnion(node.inputs)
        continue
      }
      needed.formUnion(node.inputs)
      names.insert(node.name)
    }
    return names
  }

  private mutating func refuseUnquantised(_ node: Node) {
    switch node.operation {
    case .batchNormalisation, .softmax:
      refuse("\(node.operation.label) (in fp32 in a quantised network)", node.name)
    case _ where forms[node.output] == nil:
      refuse("\(node.operation.label) (its result is not quantised)", node.name)
    default: break
    }
  }

  private static func byteWeights(
    _ shape: [Int], _ bytes: ByteConstant, _ bias: Constant?, inputScale: Float
  ) throws(Unsupported) -> ByteWeights {
    let rows = try bytes.rows(shape[0])
    var units: [Int32] = []
    for (output, scale) in rows.scales.enumerated() {
      units.append(try unit(of: bias, at: output, of: shape[0], scale: inputScale * scale))
    }
    return ByteWeights(
      shape: shape, bytes: rows.bytes, scales: rows.scales, zeroPoints: rows.zeroPoints,
      bias: units, inputScale: inputScale)
  }

  /// The bias of an output in steps of `scale`: its integers as they are if they are such steps.
  private static func unit(
    of bias: Constant?, at output: Int, of count: Int, scale: Float
  ) throws(Unsupported) -> Int32 {
    guard let bias else { return 0 }
    guard bias.count == count || bias.count == 1 else {
      throw Unsupported(why: "bias \(bias.dims) for \(count) outputs")
    }
    let index = bias.count == 1 ? 0 : output
    func whole(_ value: Int64) throws(Unsupported) -> Int32 {
      guard let unit = Int32(exactly: value) else {
        throw Unsupported(why: "a bias of \(value) steps")
      }
      return unit
    }
    if let bytes = bias.bytes {
      let own = bytes.scales.count == 1 ? 0 : index
      if abs(bytes.scales[own] - scale) <= 1e-5 * scale, bytes.zeroPoints[own] == 0 {
        return try whole(bytes.values[index])
      }
    } else if case .integers(let values) = bias.elements {
      return try whole(values[index])
    }
    let steps = (Double(bias.floats[index]) / Double(scale)).rounded(.toNearestOrEven)
    guard let value = Int64(exactly: steps) else {
      throw Unsupported(why: "a bias that is no number")
    }
    return try whole(value)
  }
}
