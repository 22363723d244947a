package import Graph
import Kernels
import Tensors

/// Runs the fp32 part of a network: features in, logits out.
package final class Tail {
  /// Numbers of one feature.
  package let featureCount: Int
  /// Numbers of one result.
  package let outputCount: Int
  private let steps: Steps

  private enum Steps {
    case none
    /// One linear layer, which takes many features at a time.
    case linear(FloatWeights, bias: [Float])
    case any(FloatExecutor)
  }

  /// Prepares the layers after the cut, softmax excluded. Their weights stay in the network's file.
  package init(_ network: Network) throws(InferenceError) {
    featureCount = network.featureShape.count
    if let (weights, bias) = try? network.linearHead() {
      outputCount = weights.shape[0]
      steps = .linear(
        FloatWeights(.stored(weights), depth: featureCount), bias: bias)
      return
    }
    let executor = try FloatExecutor(tailOf: network)
    let last = executor.graph.nodes.last
    outputCount = last.flatMap { network.shapes[$0.output]?.count } ?? featureCount
    steps = last == nil ? .none : .any(executor)
  }

  /// The logits of `count` features, `[count, outputCount]`, row-major; the features themselves if
  /// nothing stands after the cut.
  package func logits(_ features: Span<Float>, count: Int) -> [Float] {
    precondition(
      count >= 0 && features.count == count * featureCount,
      "\(features.count) numbers are not \(count) × \(featureCount)")
    switch steps {
    case .none:
      return features.indices.map { features[$0] }
    case .linear(let weights, let bias):
      let memory = WorkMemory<Float>(count: count * outputCount, filledWith: 0)
      weights.multiply(
        features, rows: count, outputs: 0..<outputCount, bias: bias.span, into: memory, at: 0,
        outStride: outputCount)
      let result = memory.read(0..<(count * outputCount))
      return result.indices.map { result[$0] }
    case .any(let executor):
      var result: [Float] = []
      result.reserveCapacity(count * outputCount)
      for row in 0..<count {
        let feature = features.extracting((row * featureCount)..<((row + 1) * featureCount))
        result += executor.run(feature)
      }
      return result
    }
  }

  /// Computes part of the logits of one feature, as one of those who share the work: some outputs of a linear layer;
  /// anything else is made by the first part alone.
  func run(_ feature: WorkMemory<Float>, into logits: WorkMemory<Float>, _ part: Share) {
    let numbers = feature.read(0..<featureCount)
    if case .linear(let weights, let bias) = steps {
      let outputs = part.of(outputCount, grain: Self.grain)
      weights.multiply(
        numbers, rows: 1, outputs: outputs,
        bias: bias.isEmpty ? bias.span : bias.span.extracting(outputs), into: logits,
        at: outputs.lowerBound, outStride: outputCount)
    } else if part.index == 0 {
      let result = self.logits(numbers, count: 1)
      var place = logits.write(0..<outputCount)
      for index in result.indices { place[index] = result[index] }
    }
  }

  /// Outputs of a part are a multiple of this, some tiles of the kernels.
  private static let grain = 20
  /// Multiply-adds of a part of it, reading weights from memory included, if it can be cut.
  var cost: Int {
    if case .linear = steps { 3 * featureCount * outputCount } else { 0 }
  }

  /// Softmax of the logits, `[count, outputCount]`, row-major.
  package func probabilities(_ features: Span<Float>, count: Int) -> [Float] {
    var result = logits(features, count: count)
    var span = result.mutableSpan
    softmaxF32(rows: count, columns: outputCount, &span)
    return result
  }
}
