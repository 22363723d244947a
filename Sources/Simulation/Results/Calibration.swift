/// Whether a model is right as often as it says it is.
package struct Calibration: Codable, Hashable, Sendable {
  /// The predictions whose confidence lies in one tenth of 0...1.
  package struct Bin: Codable, Hashable, Sendable {
    /// Confidences above `low` (0 included in the first bin) up to `high`.
    package var low: Double
    package var high: Double
    package var count: Int
    /// Mean confidence of them; the middle of the bin if there are none.
    package var confidence: Double
    /// Share of them that is right; 0 if there are none.
    package var accuracy: Double
  }

  /// Ten bins of equal width.
  package var bins: [Bin]
  /// Mean of |confidence − accuracy| over bins, weighted by their counts, 0...1.
  package var expectedError: Double

  /// Sorts predictions by confidence: the probability of the class that was predicted, 0...1.
  ///
  /// - Parameter right: whether each prediction was right, as many as `confidences`.
  /// - Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, §2.
  package init(confidences: [Double], right: [Bool]) {
    precondition(confidences.count == right.count, "\(confidences.count) and \(right.count) values")
    var counts = [Int](repeating: 0, count: 10)
    var sums = [Double](repeating: 0, count: 10)
    var hits = [Int](repeating: 0, count: 10)
    for (confidence, isRight) in zip(confidences, right) {
      let bin = max(0, min(9, Int((confidence * 10).rounded(.up)) - 1))
      counts[bin] += 1
      sums[bin] += confidence
      hits[bin] += isRight ? 1 : 0
    }
    bins = (0..<10).map { bin in
      let (low, high, count) = (Double(bin) / 10, Double(bin + 1) / 10, Double(max(1, counts[bin])))
      return Bin(
        low: low, high: high, count: counts[bin],
        confidence: counts[bin] > 0 ? sums[bin] / count : (low + high) / 2,
        accuracy: Double(hits[bin]) / count)
    }
    let weighted = bins.reduce(0.0) { $0 + Double($1.count) * abs($1.confidence - $1.accuracy) }
    expectedError = confidences.isEmpty ? 0 : weighted / Double(confidences.count)
  }

  private enum CodingKeys: String, CodingKey {
    case bins
    case expectedError = "expected_error"
  }
}

/// How often photos of each class (rows) were taken for each class (columns).
///
/// - Parameter truth: class indices below `classes`; `predicted` has as many.
package func confusionMatrix(truth: [Int], predicted: [Int], classes: Int) -> [[Int]] {
  precondition(truth.count == predicted.count, "\(truth.count) and \(predicted.count) classes")
  var matrix = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
  for (row, column) in zip(truth, predicted) { matrix[row][column] += 1 }
  return matrix
}
