/// Mean and deviation of each feature over the candidates seen so far: the scale on which candidates
/// are compared, so that no single feature outweighs the others.
package struct FeatureMoments: Hashable, Sendable {
  /// Candidates seen.
  package private(set) var count = 0
  private var mean: [Double]
  private var squares: [Double]

  /// Moments of candidates with `dimension` features, none seen yet.
  package init(dimension: Int) {
    mean = [Double](repeating: 0, count: dimension)
    squares = mean
  }

  /// Features of a candidate.
  package var dimension: Int { mean.count }

  /// Takes note of a candidate's `feature`, `[dimension]`.
  ///
  /// - Source: Welford, "Note on a method for calculating corrected sums of squares", 1962.
  package mutating func add(_ feature: [Float]) {
    precondition(feature.count == dimension, "\(feature.count) features, not \(dimension)")
    count += 1
    for (column, value) in feature.enumerated() {
      let step = Double(value) - mean[column]
      mean[column] += step / Double(count)
      squares[column] += step * (Double(value) - mean[column])
    }
  }

  /// `feature` with mean 0 and deviation 1 over the candidates seen; one that never changes is 0.
  package func standardised(_ feature: [Float]) -> [Float] {
    precondition(feature.count == dimension, "\(feature.count) features, not \(dimension)")
    return feature.indices.map { column in
      let variance = squares[column] / Double(max(count, 1))
      guard variance > 1e-12 else { return 0 }
      return Float((Double(feature[column]) - mean[column]) / variance.squareRoot())
    }
  }

  /// `feature` on this scale as a direction: standardised, then scaled to length 1; zeros where it has
  /// no direction.
  package func direction(_ feature: [Float]) -> [Float] {
    var result = standardised(feature)
    let length = result.reduce(0.0) { $0 + Double($1) * Double($1) }
    guard length > 0 else { return result }
    let inverse = Float(1 / length.squareRoot())
    for column in 0..<dimension { result[column] *= inverse }
    return result
  }
}

/// The mean of a candidate's patches, `[dimension]`, of `values`, `[patches, dimension]`.
package func meanFeature(_ values: [Float], dimension: Int) -> [Float] {
  precondition(
    dimension > 0 && !values.isEmpty && values.count.isMultiple(of: dimension),
    "\(values.count) numbers do not fill rows of \(dimension)")
  var sums = [Float](repeating: 0, count: dimension)
  for start in stride(from: 0, to: values.count, by: dimension) {
    for column in 0..<dimension { sums[column] += values[start + column] }
  }
  let inverse = 1 / Float(values.count / dimension)
  return sums.map { $0 * inverse }
}
