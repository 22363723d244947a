/// How often a model is right, as far as a random sample of labels can tell.
///
/// The interval is Wilson's at 95 %: it stays within 0...1 and is honest for a few labels and for
/// shares near 0 or 1, where the usual normal one is not.
///
/// - Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA
///   22, 1927; Brown, Cai, DasGupta, "Interval estimation for a binomial proportion", 2001.
package struct AccuracyEstimate: Hashable, Sendable, Codable {
  /// Labels of the sample that the model gets right.
  package let right: Int
  /// Labels of the sample.
  package let count: Int
  /// Ends of the interval, in 0...1; the whole of it without labels.
  package let low: Double
  package let high: Double

  /// Standard deviations on either side that hold 95 % of a normal distribution.
  private static let deviations = 1.959963984540054

  /// The estimate from `right` of `count` labels; both are at least 0, `right` at most `count`.
  package init(right: Int, of count: Int) {
    precondition((0...max(count, 0)).contains(right), "\(right) of \(count) labels cannot be right")
    self.right = right
    self.count = count
    guard count > 0 else {
      (low, high) = (0, 1)
      return
    }
    let (n, square) = (Double(count), Self.deviations * Self.deviations)
    let share = Double(right) / n
    let centre = (share + square / (2 * n)) / (1 + square / n)
    let half =
      Self.deviations / (1 + square / n)
      * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
    low = right == 0 ? 0 : max(0, centre - half)
    high = right == count ? 1 : min(1, centre + half)
  }

  /// Share of the labels that are right; `nil` without labels.
  package var share: Double? { count > 0 ? Double(right) / Double(count) : nil }

  /// As in `84 % (71–92 %)`; `unknown` without labels.
  package var text: String {
    guard let share else { return "unknown" }
    let percent = { (value: Double) in Int((100 * value).rounded()) }
    return "\(percent(share)) % (\(percent(low))–\(percent(high)) %)"
  }
}
