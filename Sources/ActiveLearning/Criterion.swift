/// How much a candidate is worth a label, and why.
package struct Score: Hashable, Sendable, Codable {
  /// Σ −p ln p over classes and kept patches; its mean over patches if normalised. Not weighted.
  package var entropy: Double
  /// Σ (p − q) ln(p / q) over classes and ordered pairs of kept patches; its mean over pairs if
  /// normalised. Not weighted.
  package var diversity: Double
  /// λ1 × entropy + λ2 × diversity: the more, the better worth a label.
  package var score: Double
  /// Indices of the patches that counted, most decisive first; all in their order without α.
  package var kept: [Int]

  /// A score of the given parts.
  package init(entropy: Double, diversity: Double, score: Double, kept: [Int]) {
    self.entropy = entropy
    self.diversity = diversity
    self.score = score
    self.kept = kept
  }
}

/// The score of a candidate from the probabilities of its patches.
///
/// `patches` is `[patches][classes]`, at least one patch and two classes, every row of one length;
/// a broken shape traps (`ScoreRequest` checks what people type). The sums run in the order of
/// `kept`, in `Double`.
///
/// - Complexity: O(patches² × classes).
/// - Source: Zhou et al., CVPR 2017, §3.2 and 3.3.
package func score(_ patches: [[Double]], settings: CriterionSettings = .init()) -> Score {
  let classes = patches.first?.count ?? 0
  precondition(classes >= 2, "a score needs a patch and two classes, found \(classes) classes")
  precondition(patches.allSatisfy { $0.count == classes }, "patches have unequal class counts")
  let kept = majority(of: patches, alpha: settings.alpha)
  let (low, high) = (settings.epsilon, 1 - settings.epsilon)
  let probabilities = kept.map { patches[$0].map { min(max($0, low), high) } }
  let logarithms = probabilities.map { $0.map(naturalLogarithm) }
  var entropy = 0.0
  for (row, logs) in zip(probabilities, logarithms) {
    for (probability, log) in zip(row, logs) { entropy -= probability * log }
  }
  var diversity = pairSum(probabilities, logarithms)
  if settings.normalise {
    let count = Double(kept.count)
    entropy /= count
    diversity = kept.count > 1 ? diversity / (count * (count - 1)) : 0
  }
  return Score(
    entropy: entropy, diversity: diversity,
    score: settings.lambda1 * entropy + settings.lambda2 * diversity, kept: kept)
}

/// Σ over ordered pairs of rows of Σ (p − q) (ln p − ln q): the symmetric divergence of each pair,
/// counted twice as published.
private func pairSum(_ probabilities: [[Double]], _ logarithms: [[Double]]) -> Double {
  var sum = 0.0
  for first in probabilities.indices {
    for second in probabilities.indices where second != first {
      for item in probabilities[first].indices {
        sum +=
          (probabilities[first][item] - probabilities[second][item])
          * (logarithms[first][item] - logarithms[second][item])
      }
    }
  }
  return sum
}
