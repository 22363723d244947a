package import Graph
import Kernels

extension Head {
  /// The classifier of `network`; throws if its tail is more than that (a softmax may follow). Of a mapped
  /// network nothing stays in memory but what the head copies.
  ///
  /// Classes without names are called `class 0`, `class 1` …
  package init(network: Network) throws(InferenceError) {
    let (weights, bias) = try network.linearHead()
    defer { network.releasePages() }
    let count = weights.shape[0]
    self.init(
      classes: network.classes.isEmpty ? (0..<count).map { "class \($0)" } : network.classes,
      featureCount: weights.shape[1], weights: weights.floats(), bias: bias)
  }

  /// Logits of `count` features, `[count, classes]`, row-major.
  package func logits(_ features: Span<Float>, count: Int) -> [Float] {
    precondition(
      count >= 0 && features.count == count * featureCount,
      "\(features.count) numbers are not \(count) × \(featureCount)")
    var result = [Float](repeating: 0, count: count * classes.count)
    guard !result.isEmpty else { return result }
    var span = result.mutableSpan
    gemmF32(
      features, rows: count, weights: weights.span, outputs: classes.count, depth: featureCount,
      bias: bias.span, into: &span)
    return result
  }
}

extension Network {
  /// Weights `[classes, features]` and bias of a tail that is one fully connected layer, which a softmax
  /// may follow; throws if it is more.
  func linearHead() throws(InferenceError) -> (weights: StoredTensor, bias: [Float]) {
    let places = tail.indices.filter { tail[$0].operation != .softmax }
    let nodes = places.map { tail[$0] }
    guard let node = nodes.first, nodes.count == 1, headNode == node else {
      throw .notALinearHead(
        "it has \(nodes.count) layers; train and replace heads of networks that are cut before "
          + "their last fully connected layer")
    }
    guard node.clamp.isNone else { throw .notALinearHead("'\(node.name)' limits its result") }
    let constants = constants(of: places[0]).parameters
    guard let weights = constants.first else {
      throw .notALinearHead("'\(node.name)' has no weights")
    }
    let bias = constants.count > 1 ? constants[1].floats() : nil
    return (weights, bias ?? Array(repeating: 0, count: weights.shape[0]))
  }

  /// This network with `head` in the place of its classifier; `update` changes the lineage.
  package func replacingHead(
    _ head: Head, lineage update: (inout Lineage) -> Void = { _ in }
  ) throws(GraphError) -> Network {
    try replacingHead(
      classes: head.classes, weights: head.weights, bias: head.bias, lineage: update)
  }
}
