import Tensors

/// One strategy against random choice, seed by seed: the same seed gives both the same conditions.
package struct PairedComparison: Codable, Hashable, Sendable {
  /// Seeds in which its area under the curve is greater than random's.
  package var wins: Int
  /// Seeds in which the two differ by less than `tie`.
  package var ties: Int
  package var losses: Int
  /// Mean over seeds of its area minus random's.
  package var meanDifference: Double
  /// Standard error of that mean; 0 for a single seed.
  package var stderr: Double
  /// How often differences at least so large in absolute terms come about if the two strategies are
  /// equally good: the two-sided sign-flip test of `meanDifference`.
  package var p: Double
  /// Label counts at which the mean is significantly below random's: the mean of the paired
  /// differences plus 1.96 of its standard errors is below 0.
  ///
  /// Each step is tested by itself at 2.5 %, and with the normal quantile, which is stricter on few
  /// seeds than Student's: of 40 steps of a strategy as good as random, one or two are expected here
  /// by chance (neighbouring steps together). An empty list is therefore strong evidence, a single
  /// entry is weak. With one seed nothing is significant and the list is empty.
  package var belowAt: [Int]

  /// Areas that differ by less than this count as a tie.
  package static let tie = 0.0005

  /// Compares two curves; `nil` unless both have the same label counts and as many seeds.
  ///
  /// - Complexity: O(2^min(seeds, 14) × seeds).
  package init?(_ curve: LearningCurve, against random: LearningCurve) {
    guard curve.labels == random.labels, curve.runs.count == random.runs.count else { return nil }
    let differences = zip(curve.areas, random.areas).map { $0 - $1 }
    let sample = Sample(differences)
    ties = differences.count { abs($0) < Self.tie }
    wins = differences.count { $0 >= Self.tie }
    losses = differences.count { $0 <= -Self.tie }
    meanDifference = sample.mean
    stderr = sample.standardError
    p = signFlipProbability(differences)
    belowAt = curve.labels.indices.compactMap { step in
      let pairs = Sample(zip(curve.runs, random.runs).map { $0[step] - $1[step] })
      let isBelow = pairs.count > 1 && pairs.mean + 1.96 * pairs.standardError < 0
      return isBelow ? curve.labels[step] : nil
    }
  }

  private enum CodingKeys: String, CodingKey {
    case wins, ties, losses, stderr, p
    case meanDifference = "mean_difference"
    case belowAt = "below_at"
  }
}

/// The share of all ways to give `differences` signs whose sum is at least as far from 0 as theirs.
///
/// This is the two-sided permutation test of paired values: were the two strategies equally good,
/// each difference could as well have had the other sign. All 2ⁿ ways are counted for up to 14
/// values; beyond, 16,383 are drawn with a fixed seed, and the observed one is counted among them.
/// With n values the result is never below 2 / 2ⁿ.
///
/// - Source: Fisher, "The Design of Experiments", 1935, §21.
package func signFlipProbability(_ differences: [Double]) -> Double {
  let observed = abs(differences.reduce(0, +)) - 1e-12
  var extreme = 0
  func count(_ signs: UInt64) {
    let sum = differences.indices.reduce(0.0) { sum, index in
      signs >> UInt64(index % 64) & 1 == 1 ? sum - differences[index] : sum + differences[index]
    }
    if abs(sum) >= observed { extreme += 1 }
  }
  if differences.count <= 14 {
    let ways = UInt64(1) << UInt64(differences.count)
    for signs in 0..<ways { count(signs) }
    return Double(extreme) / Double(ways)
  }
  precondition(differences.count <= 64, "\(differences.count) seeds; at most 64 can be compared")
  var random = SeededRandom(seed: UInt64(differences.count))
  for _ in 0..<16_383 { count(random.next()) }
  return Double(extreme + 1) / 16_384
}
