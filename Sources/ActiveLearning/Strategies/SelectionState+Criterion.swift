extension SelectionState {
  /// What `score(_:settings:)` gives for each unlabelled candidate, to 1e-9, in the order of
  /// `unlabelled`.
  ///
  /// Over all ordered pairs of m patches Σ (p − q)(ln p − ln q) = 2 m Σ p ln p − 2 (Σ p)(Σ ln p), so
  /// that no pair needs to be looked at.
  ///
  /// - Complexity: O(patches × classes) a candidate.
  package func scores(_ settings: CriterionSettings) -> [Double] {
    probabilities.map { score(flat: $0, classes: classes, settings) }
  }
}

/// The score of a candidate whose patches' probabilities are `rows`, `[patches, classes]`.
private func score(flat rows: [Float], classes: Int, _ settings: CriterionSettings) -> Double {
  precondition(classes >= 2, "a score needs two classes, found \(classes)")
  let kept = keptPatches(rows, classes, settings.alpha)
  let (low, high) = (settings.epsilon, 1 - settings.epsilon)
  var products = 0.0
  var sums = [Double](repeating: 0, count: classes)
  var logarithms = sums
  for patch in kept {
    for item in 0..<classes {
      let probability = min(max(Double(rows[patch * classes + item]), low), high)
      let logarithm = naturalLogarithm(probability)
      products += probability * logarithm
      sums[item] += probability
      logarithms[item] += logarithm
    }
  }
  let count = Double(kept.count)
  var entropy = -products
  var diversity = count * products
  for item in 0..<classes { diversity -= sums[item] * logarithms[item] }
  diversity = max(0, 2 * diversity)
  if settings.normalise {
    entropy /= count
    diversity = kept.count > 1 ? diversity / (count * (count - 1)) : 0
  }
  return settings.lambda1 * entropy + settings.lambda2 * diversity
}

/// The patches that majority selection keeps of `rows`; all without `alpha`.
private func keptPatches(_ rows: [Float], _ classes: Int, _ alpha: Double?) -> [Int] {
  let count = rows.count / classes
  guard let alpha else { return Array(0..<count) }
  let patches = (0..<count).map { rows[$0 * classes..<($0 + 1) * classes].map(Double.init) }
  return majority(of: patches, alpha: alpha)
}
