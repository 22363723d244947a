/// Mean and spread of independent values, one a seed.
package struct Sample: Hashable, Sendable {
  package let count: Int
  package let mean: Double
  /// Standard error of the mean, from the deviation with n − 1; 0 for a single value, whose error
  /// cannot be told.
  package let standardError: Double

  /// The statistics of `values`, of which there is at least one.
  package init(_ values: [Double]) {
    precondition(!values.isEmpty, "no values")
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.count = values.count
    self.mean = mean
    standardError = values.count > 1 ? (squares / (count - 1) / count).squareRoot() : 0
  }

  /// The 95 % interval of the mean, mean ± t × standard error; only the mean for a single value.
  package var interval: ClosedRange<Double> {
    guard count > 1 else { return mean...mean }
    let half = studentQuantile(degreesOfFreedom: count - 1) * standardError
    return (mean - half)...(mean + half)
  }
}

/// The value that Student's t stays below in absolute terms in 95 of 100 cases.
///
/// From a table up to 10 degrees of freedom; beyond, the normal quantile with three terms of its
/// expansion in 1 / degrees, which is right to within 0.0002.
///
/// - Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, table 26.10 and
///   formula 26.7.5.
package func studentQuantile(degreesOfFreedom: Int) -> Double {
  precondition(degreesOfFreedom >= 1, "\(degreesOfFreedom) degrees of freedom")
  let table = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281]
  if degreesOfFreedom <= table.count { return table[degreesOfFreedom - 1] }
  let (z, degrees) = (1.959964, Double(degreesOfFreedom))
  let square = z * z
  let first = z * (square + 1) / 4
  let second = z * (square * (5 * square + 16) + 3) / 96
  let third = z * (square * (square * (3 * square + 19) + 17) - 15) / 384
  return z + (first + (second + third / degrees) / degrees) / degrees
}
