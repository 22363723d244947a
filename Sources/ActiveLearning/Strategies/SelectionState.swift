/// All that a strategy may look at when it chooses the next candidates to ask.
package struct SelectionState: Sendable {
  /// How alike all candidates are, labelled or not; they are named by their row in it.
  package var affinity: Affinity
  /// Candidates that may be chosen, ascending.
  package var unlabelled: [Int]
  /// Candidates that have a label, in the order in which they got it.
  package var labelled: [Int]
  /// The class of each of `labelled`.
  package var labels: [Int]
  package var classes: Int
  /// What the head says of each of `unlabelled`: `[patches, classes]`, row-major, rows sum to 1. A
  /// candidate has one patch or more, not all as many. Empty while no head has learned anything.
  package var probabilities: [[Float]]

  /// A state; without `probabilities` nothing has been learned yet.
  package init(
    affinity: Affinity, unlabelled: [Int], labelled: [Int] = [], labels: [Int] = [], classes: Int,
    probabilities: [[Float]] = []
  ) {
    precondition(
      labelled.count == labels.count, "\(labelled.count) labelled, \(labels.count) labels")
    precondition(
      probabilities.isEmpty || probabilities.count == unlabelled.count,
      "\(probabilities.count) predictions for \(unlabelled.count) candidates")
    self.affinity = affinity
    self.unlabelled = unlabelled
    self.labelled = labelled
    self.labels = labels
    self.classes = classes
    self.probabilities = probabilities
  }

  /// Whether a head has learned anything.
  package var hasPredictions: Bool { !probabilities.isEmpty }

  /// Patches of the unlabelled candidate at `place`.
  func patchCount(_ place: Int) -> Int { probabilities[place].count / classes }

  /// The mean over patches of the probabilities of the unlabelled candidate at `place`, `[classes]`.
  func mean(_ place: Int) -> [Double] {
    let rows = probabilities[place]
    var mean = [Double](repeating: 0, count: classes)
    for (index, probability) in rows.enumerated() { mean[index % classes] += Double(probability) }
    let patches = Double(max(1, rows.count / classes))
    return mean.map { $0 / patches }
  }
}
