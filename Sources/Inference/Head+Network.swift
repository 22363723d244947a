package import Graph
import Kernels

extension Head {
  /// The classifier of `network`; throws if its tail is more than that (a softmax may follow).
  ///
  /// Classes without names are called `class 0`, `class 1` …
  package init(network: Network) throws(InferenceError) {
    let nodes = network.tail.filter { $0.operation != .softmax }
    guard let node = nodes.first, nodes.count == 1, network.headNode == node else {
      throw .notALinearHead(
        "it has \(nodes.count) layers; train and replace heads of networks that are cut before "
          + "their last fully connected layer")
    }
    guard node.clamp.isNone else { throw .notALinearHead("'\(node.name)' limits its result") }
    guard let weights = network.tensors[node.parameters[0]] else {
      throw .notALinearHead("'\(node.name)' has no weights")
    }
    let count = weights.shape[0]
    let bias = node.parameters.count > 1 ? network.tensors[node.parameters[1]]?.floats() : nil
    defer { network.releasePages() }
    self.init(
      classes: network.classes.isEmpty ? (0..<count).map { "class \($0)" } : network.classes,
      featureCount: weights.shape[1], weights: weights.floats(),
      bias: bias ?? Array(repeating: 0, count: count))
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
  /// This network with `head` in the place of its classifier; `update` changes the lineage.
  package func replacingHead(
    _ head: Head, lineage update: (inout Lineage) -> Void = { _ in }
  ) throws(GraphError) -> Network {
    try replacingHead(
      classes: head.classes, weights: head.weights, bias: head.bias, lineage: update)
  }
}
