package import Graph
import Kernels
import Tensors

/// Runs the fp32 part of a network: features in, logits out.
package final class Tail {
  /// Numbers of one feature.
  package let featureCount: Int
  /// Numbers of one result.
  package let outputCount: Int
  private let executor: FloatExecutor?
  private let head: Head?
  private let stored: StoredHead?

  /// Prepares the layers after the cut, softmax excluded.
  package init(_ network: Network) throws(InferenceError) {
    featureCount = network.featureShape.count
    let stored = StoredHead(network)
    let head = stored == nil ? try? Head(network: network) : nil
    (self.stored, self.head) = (stored, head)
    if let count = stored?.outputCount ?? head?.classes.count {
      executor = nil
      outputCount = count
      return
    }
    var graph = network.tailGraph
    while let last = graph.nodes.last, last.operation == .softmax {
      graph.output = last.inputs[0]
      graph.nodes.removeLast()
    }
    executor = graph.nodes.isEmpty ? nil : try FloatExecutor(graph)
    outputCount = graph.nodes.last.flatMap { network.shapes[$0.output]?.count } ?? featureCount
  }

  /// The logits of `count` features, `[count, outputCount]`, row-major; the features themselves if
  /// nothing stands after the cut.
  package func logits(_ features: Span<Float>, count: Int) -> [Float] {
    precondition(
      count >= 0 && features.count == count * featureCount,
      "\(features.count) numbers are not \(count) × \(featureCount)")
    if let stored { return stored.logits(features, count: count) }
    if let head { return head.logits(features, count: count) }
    guard let executor else { return features.indices.map { features[$0] } }
    var result: [Float] = []
    result.reserveCapacity(count * outputCount)
    for row in 0..<count {
      let feature = features.extracting((row * featureCount)..<((row + 1) * featureCount))
      result += executor.run(feature)
    }
    return result
  }

  /// Softmax of the logits, `[count, outputCount]`, row-major.
  package func probabilities(_ features: Span<Float>, count: Int) -> [Float] {
    var result = logits(features, count: count)
    var span = result.mutableSpan
    softmaxF32(rows: count, columns: outputCount, &span)
    return result
  }
}
