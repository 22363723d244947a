import Tensors

/// How much rarer some classes of a pool are made than others.
///
/// The first half of the classes, in alphabetical order, rounded up, is common; the others are rare.
/// Candidates are taken away at random until the common ones have their share, and as few as that
/// needs; those that stay keep their order. The test photos stay as they are, so that a rare class
/// counts as much as before in the accuracy.
package struct Imbalance: Hashable, Sendable {
  /// Shares of the common and the rare classes in percent: above 0, 100 together.
  package let common: Int
  package let rare: Int

  /// Shares written as in `80:20`; `nil` if they are not two whole numbers above 0 that make 100.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let common = parts[0], let rare = parts[1], common > 0, rare > 0,
      common + rare == 100
    else { return nil }
    (self.common, self.rare) = (common, rare)
  }

  /// In words, for reports.
  package func summary(_ classes: [String]) -> String {
    let names = classes.prefix((classes.count + 1) / 2).joined(separator: ", ")
    return "\(common) : \(rare), common: \(names)"
  }

  /// Indices of the candidates that stay, ascending; `labels` are their classes.
  package func kept(_ labels: [Int], classes: Int, seed: UInt64 = 0) -> [Int] {
    let isCommon = { labels[$0] < (classes + 1) / 2 }
    var random = SeededRandom(seed: seed)
    var order = Array(labels.indices)
    random.shuffle(&order)
    let (many, few) = (order.filter(isCommon), order.filter { !isCommon($0) })
    let share = Double(common) / Double(rare)
    let manyKept = min(many.count, Int((Double(few.count) * share).rounded()))
    let fewKept = min(few.count, max(1, Int((Double(manyKept) / share).rounded())))
    return (many.prefix(manyKept) + few.prefix(fewKept)).sorted()
  }
}
