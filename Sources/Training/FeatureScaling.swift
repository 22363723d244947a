/// Where the features of this camera lie: mean and deviation of each over the unlabelled pool.
///
/// Training runs on `(feature − mean) / deviation`, where one rate and one penalty suit every
/// feature; the head itself stays in the units in which the body gives its features.
package struct FeatureScaling: Hashable, Sendable, Codable {
  package var mean: [Float]
  /// Standard deviation, ≥ 0; a feature that never changed (at most 1e-6) is not learned from.
  package var deviation: [Float]

  /// A scaling by the given numbers, as many means as deviations.
  package init(mean: [Float], deviation: [Float]) {
    precondition(
      mean.count == deviation.count, "\(mean.count) means, \(deviation.count) deviations")
    self.mean = mean
    self.deviation = deviation
  }

  /// Leaves features as they are.
  package static func identity(featureCount: Int) -> FeatureScaling {
    FeatureScaling(
      mean: [Float](repeating: 0, count: featureCount),
      deviation: [Float](repeating: 1, count: featureCount))
  }

  /// Numbers in a feature.
  package var featureCount: Int { mean.count }

  /// 1 / deviation, 0 for a feature that never changed.
  var inverse: [Float] { deviation.map { $0 > 1e-6 ? 1 / $0 : 0 } }

  /// Measures a scaling from features that come one after the other; nothing but sums is kept.
  package struct Measurement: Hashable, Sendable {
    /// Features seen.
    package private(set) var count = 0
    private var mean: [Double]
    private var squares: [Double]

    /// A measurement of features of `featureCount` numbers.
    package init(featureCount: Int) {
      mean = [Double](repeating: 0, count: featureCount)
      squares = mean
    }

    /// Adds the rows of `features`, `[rows, feature count]`; the order matters to the last bit.
    ///
    /// - Source: Welford, "Note on a method for calculating corrected sums of squares", 1962.
    package mutating func add(_ features: Span<Float>) {
      let width = mean.count
      precondition(width > 0 && features.count.isMultiple(of: width), "\(features.count) features")
      for row in 0..<features.count / width {
        count += 1
        for column in 0..<width {
          let value = Double(features[row * width + column])
          let step = value - mean[column]
          mean[column] += step / Double(count)
          squares[column] += step * (value - mean[column])
        }
      }
    }

    /// The scaling of what was seen; leaves features as they are if nothing was.
    package var scaling: FeatureScaling {
      guard count > 0 else { return .identity(featureCount: mean.count) }
      return FeatureScaling(
        mean: mean.map { Float($0) },
        deviation: squares.map { Float(($0 / Double(count)).squareRoot()) })
    }
  }
}
