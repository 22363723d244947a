/// How Loam's own strategy chooses.
package struct LoamSettings: Hashable, Sendable, Codable {
  /// What a label is worth, once a head has learned something.
  package enum Value: Hashable, Sendable, Codable {
    /// The entropy of the mean over patches.
    case entropy
    /// 1 − the lead of the most probable class over the second.
    case margin
    /// 1 − the probability of the most probable class.
    case leastConfidence
    /// Entropy and diversity of the patches.
    case aift(CriterionSettings)
  }

  /// How the batch is spread over the shortlist.
  package enum Spread: String, Hashable, Sendable, Codable {
    /// The best of the shortlist, however alike they are.
    case none
    /// The shortlist is put into as many groups as are asked, by features and weighted by value; the
    /// best of each group is asked.
    ///
    /// - Source: Zhdanov, "Diverse mini-batch active learning", 2019, arXiv 1901.05954.
    case clusters
    /// The best, then always the one of the shortlist farthest from those chosen.
    case centres
  }

  /// Labels for each class seen so far, until which questions are chosen by features alone; 0 for the
  /// first round only. Where features tell classes apart, typical candidates show many classes, and
  /// it is worth going on with them; where they do not, few classes are seen and the head takes over.
  package var start: Int
  package var value: Value
  /// The batch is taken from this many times as many of the best; at least 1.
  package var shortlist: Int
  package var spread: Spread
  /// Candidates whose cosine to one that has a label or is chosen is at least this come last;
  /// `nil` lets all in.
  package var duplicateCosine: Float?

  /// Settings; the defaults are those of the device.
  package init(
    start: Int = 4, value: Value = .margin, shortlist: Int = 10, spread: Spread = .clusters,
    duplicateCosine: Float? = 0.95
  ) {
    self.start = start
    self.value = value
    self.shortlist = shortlist
    self.spread = spread
    self.duplicateCosine = duplicateCosine
  }

  /// Whether the next `count` questions are chosen by features: there are too few `labels` (class
  /// indices) to choose by the probabilities of the head that learned from them, and `candidates`
  /// enough, labelled ones included, that a group for each label and question has five members:
  /// of fewer none is typical. Not while a head knows something without any label, which it learned
  /// elsewhere.
  package func isStarting(labels: [Int], candidates: Int, count: Int) -> Bool {
    labels.count < start * Set(labels).count && candidates >= 5 * (labels.count + count)
  }
}
