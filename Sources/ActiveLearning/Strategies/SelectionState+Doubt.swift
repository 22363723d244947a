/// How unsure a head is of each unlabelled candidate, in the order of `unlabelled`: the more, the
/// better worth a label. The probabilities of a candidate are the mean over its patches.
extension SelectionState {
  /// 1 − the probability of the most probable class.
  func lacksOfConfidence() -> [Double] {
    unlabelled.indices.map { 1 - largest(mean($0)).first }
  }

  /// 1 − the lead of the most probable class over the second.
  func lacksOfMargin() -> [Double] {
    unlabelled.indices.map {
      let (first, second) = largest(mean($0))
      return 1 - (first - second)
    }
  }

  /// −Σ p ln p.
  func entropies() -> [Double] {
    unlabelled.indices.map { entropy(mean($0)) }
  }

  /// The entropy of the mean less the mean entropy of the patches: what the patches disagree on.
  func informations() -> [Double] {
    unlabelled.indices.map { place in
      let patches = Double(max(1, patchCount(place)))
      return entropy(mean(place)) - entropy(probabilities[place].map(Double.init)) / patches
    }
  }
}

/// The two largest of `values`, 0 for one that is not there.
private func largest(_ values: [Double]) -> (first: Double, second: Double) {
  var (first, second) = (0.0, 0.0)
  for value in values {
    if value > first {
      (first, second) = (value, first)
    } else if value > second {
      second = value
    }
  }
  return (first, second)
}

/// −Σ p ln p over `probabilities`; those of 0 add nothing.
private func entropy(_ probabilities: [Double]) -> Double {
  probabilities.reduce(0) { $1 > 0 ? $0 - $1 * naturalLogarithm($1) : $0 }
}
