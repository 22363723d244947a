import Tensors

extension Network {
  /// The last fully connected node of the tail, after which only a softmax may stand.
  package var headNode: Node? {
    guard let index = tail.lastIndex(where: { $0.operation == .fullyConnected }),
      tail[(index + 1)...].allSatisfy({ $0.operation == .softmax })
    else { return nil }
    return tail[index]
  }

  /// The same network with another classifier: weights `[classes, inputs]` and one bias a class.
  ///
  /// Weights and bias are kept in fp32, so that training goes on from the same bits. The lineage is
  /// left as it is but for what `update` changes.
  package func replacingHead(
    classes: [String], weights: [Float], bias: [Float],
    lineage update: (inout Lineage) -> Void = { _ in }
  ) throws(GraphError) -> Network {
    guard let head = headNode, let name = head.parameters.first, let old = tensors[name] else {
      throw .noHead(why: "its tail does not end in a fully connected layer")
    }
    let count = old.shape[1]
    guard weights.count == classes.count * count, bias.count == classes.count, !classes.isEmpty
    else {
      throw .parameterShape(
        node: head.name, parameter: name, found: [weights.count, bias.count],
        expected: "\(classes.count)×\(count) weights and \(classes.count) biases")
    }
    var tensors = tensors
    var nodes = nodes
    let biasName = head.parameters.count > 1 ? head.parameters[1] : uniqueName(head.name + ".bias")
    tensors[name] = StoredTensor(shape: [classes.count, count], float32: weights)
    tensors[biasName] = StoredTensor(shape: [classes.count], float32: bias)
    for index in nodes.indices where nodes[index].name == head.name {
      nodes[index].parameters = [name, biasName]
    }
    var lineage = lineage
    update(&lineage)
    return try Network(
      input: input, inputShape: inputShape, nodes: nodes, output: output, cut: cut,
      quantisation: quantisation, classes: classes, preprocessing: preprocessing,
      lineage: lineage, tensors: tensors)
  }

  /// The same network with other class names, as many as before.
  package func renamingClasses(_ classes: [String]) throws(GraphError) -> Network {
    try Network(
      input: input, inputShape: inputShape, nodes: nodes, output: output, cut: cut,
      quantisation: quantisation, classes: classes, preprocessing: preprocessing,
      lineage: lineage, tensors: tensors)
  }

  /// The same network with another text on how its ranges were found.
  package func describingCalibration(_ text: String) throws(GraphError) -> Network {
    var lineage = lineage
    lineage.calibration = text
    return try Network(
      input: input, inputShape: inputShape, nodes: nodes, output: output, cut: cut,
      quantisation: quantisation, classes: classes, preprocessing: preprocessing,
      lineage: lineage, tensors: tensors)
  }

  private func uniqueName(_ wanted: String) -> String {
    var name = wanted
    while tensors[name] != nil { name += "_" }
    return name
  }
}
