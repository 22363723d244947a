extension Strategy {
  /// A strategy as it is named on a command line.
  private struct Entry {
    let name: String
    let strategy: Strategy
    let summary: String
  }

  /// Every named strategy, simple ones first; the names are part of the command line.
  private static let entries: [Entry] = [
    Entry(
      name: "random", strategy: .random,
      summary: "any photo, each equally likely: what the others are measured against"),
    Entry(
      name: "entropy", strategy: published(1, 0, nil),
      summary: "photos on whose patches the head is unsure"),
    Entry(
      name: "diversity", strategy: published(0, 1, nil),
      summary: "photos whose patches contradict each other"),
    Entry(
      name: "aift", strategy: published(1, 1, nil),
      summary: "entropy and diversity together, as published"),
    Entry(
      name: "entropy-majority", strategy: published(1, 0, 0.25),
      summary: "entropy of the quarter of the patches that agree most with what most say"),
    Entry(
      name: "diversity-majority", strategy: published(0, 1, 0.25),
      summary: "diversity of the quarter of the patches that agree most with what most say"),
    Entry(
      name: "aift-majority", strategy: published(1, 1, 0.25),
      summary:
        "entropy and diversity of the quarter of the patches that agree most with what most say"),
    Entry(
      name: "aift-random", strategy: published(1, 1, 0.25, randomisation: 5),
      summary: "drawn by their scores from five times as many of the best by aift-majority"),
    Entry(
      name: "least-confidence", strategy: .leastConfidence,
      summary: "photos whose most probable class is least probable"),
    Entry(
      name: "margin", strategy: .margin,
      summary: "photos whose two most probable classes are nearly as probable"),
    Entry(
      name: "bald", strategy: .bald,
      summary: "photos whose patches are each sure, of different things"),
    Entry(
      name: "badge", strategy: .badge,
      summary: "photos that would change a linear head much, each in another way"),
    Entry(
      name: "coreset", strategy: .coreSet,
      summary: "always the photo farthest from all that are labelled or chosen"),
    Entry(
      name: "typiclust", strategy: .typiClust,
      summary: "the most typical photo of each large group without a label"),
    Entry(
      name: "probcover", strategy: .probCover,
      summary: "always the photo with most others near it that are near no label yet"),
    Entry(
      name: "loam", strategy: .loam(.init()),
      summary: "typical photos first, then unsure ones that differ from each other: the default"),
  ]

  /// The normalised criterion with the given weights.
  private static func published(
    _ lambda1: Double, _ lambda2: Double, _ alpha: Double?, randomisation: Int = 1
  ) -> Strategy {
    .criterion(
      CriterionSettings(lambda1: lambda1, lambda2: lambda2, alpha: alpha),
      randomisation: randomisation)
  }

  /// Every strategy that has a name, simple ones first.
  package static let all = entries.map(\.strategy)

  /// The names of `all`, in the same order.
  package static let names = entries.map(\.name)

  /// The strategy called `name`, such as "aift-majority".
  package init(name: String) throws(UnknownStrategy) {
    guard let entry = Self.entries.first(where: { $0.name == name }) else {
      throw UnknownStrategy(name: name)
    }
    self = entry.strategy
  }

  /// What it is called; a variation with settings of its own is called as what it varies.
  package var name: String { entry.name }

  /// What it asks, in half a sentence for a help text.
  package var summary: String { entry.summary }

  private var entry: Entry {
    let kind: String
    switch self {
    case .loam: kind = "loam"
    case .criterion: kind = "aift"
    default: kind = "random"
    }
    return Self.entries.first { $0.strategy == self }
      ?? Self.entries.first { $0.name == kind } ?? Self.entries[0]
  }
}

/// A name that no strategy has.
package struct UnknownStrategy: Error, Hashable, Sendable, CustomStringConvertible {
  package var name: String

  /// The error for `name`.
  package init(name: String) { self.name = name }

  /// The strategy whose name differs from `name` by the fewest letters, if by at most a third.
  package var suggestion: String? {
    let wanted = Array(name.lowercased())
    let distances = Strategy.names.map { changes(from: wanted, to: Array($0)) }
    guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }),
      distances[best] * 3 <= max(3, Strategy.names[best].count)
    else { return nil }
    return Strategy.names[best]
  }

  /// As in "no strategy is called 'badg'; did you mean 'badge'? The strategies are: random, …".
  package var description: String {
    let question = suggestion.map { "; did you mean '\($0)'? The" } ?? "; the"
    return "no strategy is called '\(name)'\(question) strategies are: "
      + Strategy.names.joined(separator: ", ")
  }
}

/// Letters to insert, remove or replace to make `second` of `first`.
///
/// - Source: Wagner, Fischer, "The string-to-string correction problem", J. ACM 21, 1974.
private func changes(from first: [Character], to second: [Character]) -> Int {
  var row = Array(0...second.count)
  for (index, letter) in first.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for (place, other) in second.enumerated() {
      let replaced = diagonal + (letter == other ? 0 : 1)
      diagonal = row[place + 1]
      row[place + 1] = min(replaced, diagonal + 1, row[place] + 1)
    }
  }
  return row[second.count]
}
