import Graph
import Kernels
import Tensors

/// A linear classifier whose weights stay in their file as halves: some rows of them are widened at a time,
/// so that they never exist in fp32 as a whole. It gives the bits of a `Head`.
final class StoredHead {
  /// Numbers of a result.
  let outputCount: Int
  /// `[outputCount, depth]`, halves.
  private let weights: StoredTensor
  private let bias: [Float]
  private let depth: Int
  /// Some rows of weights, then as many sums.
  private let scratch: WorkMemory<Float>
  private let rowCount: Int

  /// The classifier of `network`; `nil` if its tail is more than that, or its weights are no halves.
  init?(_ network: Network) {
    guard let (weights, bias) = try? network.linearHead(), weights.type == .float16 else {
      return nil
    }
    (self.weights, self.bias) = (weights, bias)
    (outputCount, depth) = (weights.shape[0], weights.shape[1])
    rowCount = max(1, min(outputCount, Self.scratchCount / depth))
    scratch = WorkMemory(count: rowCount * (depth + 1), filledWith: 0)
  }

  /// Numbers that are widened at a time: few enough to stay in the first caches.
  private static let scratchCount = 6 << 10

  /// Logits of `count` features, `[count, outputCount]`, row-major.
  func logits(_ features: Span<Float>, count: Int) -> [Float] {
    var result = [Float](repeating: 0, count: count * outputCount)
    let (scratch, weights, bias) = (scratch, weights, bias)
    let halves = weights.float16
    for first in stride(from: 0, to: outputCount, by: rowCount) {
      let rows = first..<min(outputCount, first + rowCount)
      let block = 0..<(rows.count * depth)
      var wide = scratch.write(block)
      widenF16(halves.extracting((first * depth)..<(rows.upperBound * depth)), into: &wide)
      for feature in 0..<count {
        let sums = (rowCount * depth)..<(rowCount * depth + rows.count)
        var out = scratch.write(sums)
        gemmF32(
          features.extracting((feature * depth)..<((feature + 1) * depth)), rows: 1,
          weights: scratch.read(block), outputs: rows.count, depth: depth,
          bias: bias.span.extracting(rows), into: &out)
        for row in rows { result[feature * outputCount + row] = out[row - first] }
      }
    }
    return result
  }
}
