/// How many of the labels are likely wrong, and which ones.
package struct NoiseEstimate: Hashable, Sendable, Codable {
  /// A label that is likely wrong.
  package struct Suspect: Hashable, Sendable, Codable {
    /// Its index among the labels.
    package var index: Int
    /// The class that was given, and the one that the other labels speak for.
    package var given: Int
    package var suggested: Int
    /// Probability of the given class by a model that has not seen this label.
    package var probability: Double
    /// That probability less the greatest of the other classes: −1 … 1, the lower the more suspect.
    package var margin: Double
  }

  /// `[given][likely]`: labels whose probability for `likely` reaches that class's threshold. Labels
  /// that reach none are not counted.
  package var confidentJoint: [[Int]]
  /// Estimated share of the labels that are wrong, 0...1.
  package var noiseShare: Double
  /// Labels that are likely wrong, the most suspect first.
  package var suspects: [Suspect]
}

/// Confident learning: labels that a model which has not seen them is confident are of another class.
///
/// `probabilities` is `[labels][classes]`, out of sample: each row comes from a model that was not
/// trained on that label. The threshold of a class is the mean probability that labels of this class
/// give it; a label counts as one of the most probable class whose threshold it reaches. Off the
/// diagonal of the counts stand the suspects, except those whose given class is the most probable all
/// the same. For the noise each row of the counts is scaled to the labels that were given the class; at
/// least one of each class is taken to be right. Traps on a broken shape.
///
/// - Complexity: O(labels × classes + suspects × log suspects).
/// - Source: Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty in dataset labels",
///   JAIR 70, 2021, §3.1 (confident joint, calibration) and §3.2 (ranking by normalised margin).
package func suspects(
  labels: [Int], probabilities: [[Double]], classes: Int
) -> NoiseEstimate {
  precondition(labels.count == probabilities.count, "\(labels.count) labels")
  precondition(labels.allSatisfy { (0..<classes).contains($0) }, "a label is not in 0..<\(classes)")
  precondition(probabilities.allSatisfy { $0.count == classes }, "rows of unequal length")
  let thresholds = meanSelfConfidence(labels, probabilities, classes)
  var joint = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
  var found: [NoiseEstimate.Suspect] = []
  for (index, (given, row)) in zip(labels, probabilities).enumerated() {
    let reached = row.indices.filter { row[$0] >= thresholds[$0] }
    guard let likely = greatest(row, among: reached) else { continue }
    joint[given][likely] += 1
    guard likely != given, greatest(row, among: Array(row.indices)) != given else { continue }
    let others = row.indices.reduce(0) { $1 == given ? $0 : max($0, row[$1]) }
    found.append(
      NoiseEstimate.Suspect(
        index: index, given: given, suggested: likely, probability: row[given],
        margin: row[given] - others))
  }
  found.sort { $0.margin == $1.margin ? $0.index < $1.index : $0.margin < $1.margin }
  return NoiseEstimate(
    confidentJoint: joint, noiseShare: noiseShare(joint, labels, classes), suspects: found)
}

/// Rounding that must not decide whether a probability reaches a threshold: a class whose labels all
/// have one probability has it as the threshold.
private let tolerance = 1e-6

/// The threshold of each class; infinite where no label was given it.
private func meanSelfConfidence(
  _ labels: [Int], _ probabilities: [[Double]], _ classes: Int
) -> [Double] {
  var sums = [Double](repeating: 0, count: classes)
  var counts = [Int](repeating: 0, count: classes)
  for (label, row) in zip(labels, probabilities) {
    sums[label] += row[label]
    counts[label] += 1
  }
  return zip(sums, counts).map { sum, count in
    count > 0 ? max(sum / Double(count), 2 * tolerance) - tolerance : .infinity
  }
}

/// The index of the greatest of `row` among `indices`, the first of equals; `nil` without indices.
private func greatest(_ row: [Double], among indices: [Int]) -> Int? {
  guard let first = indices.first else { return nil }
  return indices.reduce(first) { row[$1] > row[$0] ? $1 : $0 }
}

/// The share of the labels off the diagonal of the joint, rows scaled to the labels given.
private func noiseShare(_ joint: [[Int]], _ labels: [Int], _ classes: Int) -> Double {
  guard !labels.isEmpty else { return 0 }
  var given = [Int](repeating: 0, count: classes)
  for label in labels { given[label] += 1 }
  var wrong = 0.0
  for (index, row) in joint.enumerated() {
    let off = row.reduce(0, +) - row[index]
    wrong += Double(given[index]) * Double(off) / Double(off + max(row[index], 1))
  }
  return wrong / Double(labels.count)
}
