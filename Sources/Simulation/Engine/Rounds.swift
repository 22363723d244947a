/// How many labels there are after each round.
package struct Rounds: Hashable, Sendable, Codable {
  /// Labels of the first rounds, at least 1.
  package var batch: Int
  /// The next batch is at least this share of the labels so far: where many labels are there, a few
  /// more tell little.
  package var growth: Double
  /// Labels at which to end.
  package var budget: Int

  /// Rounds up to `budget` labels.
  package init(batch: Int = 10, growth: Double = 0.25, budget: Int) {
    self.batch = batch
    self.growth = growth
    self.budget = budget
  }

  /// The numbers of labels after each round, for a pool of `candidates`: ascending, the last one the
  /// budget or the whole pool.
  package func labels(candidates: Int) -> [Int] {
    let most = min(budget, candidates)
    var labels = [min(batch, most)]
    while let last = labels.last, last < most {
      labels.append(min(most, last + max(batch, Int(Double(last) * growth))))
    }
    return labels
  }
}
