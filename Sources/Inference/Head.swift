import Crypto
import Kernels

/// The classifier on top of the features: softmax of a linear layer, in fp32.
///
/// It is all that training changes, small enough to be handed about as a value.
package struct Head: Hashable, Sendable {
  /// Names of the classes, in the order of the outputs.
  package var classes: [String]
  /// Numbers in a feature.
  package var featureCount: Int
  /// `[classes, featureCount]`, row-major.
  package var weights: [Float]
  /// `[classes]`.
  package var bias: [Float]

  /// A head that knows nothing: all weights 0, each class as likely as the others.
  package init(classes: [String], featureCount: Int) {
    self.init(
      classes: classes, featureCount: featureCount,
      weights: [Float](repeating: 0, count: classes.count * featureCount),
      bias: [Float](repeating: 0, count: classes.count))
  }

  /// A head of the given numbers; traps if their counts do not fit.
  package init(classes: [String], featureCount: Int, weights: [Float], bias: [Float]) {
    precondition(
      weights.count == classes.count * featureCount && bias.count == classes.count,
      "\(weights.count) weights, \(bias.count) biases for \(classes.count) × \(featureCount)")
    self.classes = classes
    self.featureCount = featureCount
    self.weights = weights
    self.bias = bias
  }

  /// The probability of each class for `count` features: softmax of the logits, the same bits on
  /// every CPU.
  ///
  /// `features` is `[count, featureCount]`, the result `[count, classes]`, both row-major.
  ///
  /// - Complexity: O(count × classes × featureCount).
  package func probabilities(_ features: Span<Float>, count: Int) -> [Float] {
    var result = [Float](repeating: 0, count: count * classes.count)
    guard !result.isEmpty else { return result }
    var out = result.mutableSpan
    gemmF32(
      features, rows: count, weights: weights.span, outputs: classes.count, depth: featureCount,
      bias: bias.span, into: &out)
    softmaxF32(rows: count, columns: classes.count, &out)
    return result
  }

  /// SHA-256 over class names, weights and bias, in lower-case hexadecimal: equal heads, equal sums.
  package var sha256: String {
    var hash = SHA256()
    func add(_ number: Int) {
      let bits = UInt64(number)
      hash.update(data: (0..<UInt64(8)).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
    }
    add(classes.count)
    add(featureCount)
    for name in classes {
      let bytes = Array(name.utf8)
      add(bytes.count)
      hash.update(data: bytes)
    }
    for numbers in [weights, bias] {
      hash.update(
        data: numbers.flatMap { number in
          let bits = number.bitPattern
          return (0..<UInt32(4)).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        })
    }
    let digits = Array("0123456789abcdef")
    return String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
