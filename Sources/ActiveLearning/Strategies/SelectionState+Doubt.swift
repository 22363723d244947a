/// How unsure a head is of each unlabelled candidate, in the order of `unlabelled`: the more, the
/// better worth a label. The probabilities of a candidate are the mean over its patches.
extension SelectionState {
  /// 1 − the probability of the most probable class.
  func lacksOfConfidence() -> [Double] { unlabelled.indices.map { lackOfConfidence(mean($0)) } }

  /// 1 − the lead of the most probable class over the second.
  func lacksOfMargin() -> [Double] { unlabelled.indices.map { lackOfMargin(mean($0)) } }

  /// −Σ p ln p.
  func entropies() -> [Double] { unlabelled.indices.map { shannonEntropy(mean($0)) } }

  /// The entropy of the mean less the mean entropy of the patches: what the patches disagree on.
  func informations() -> [Double] {
    unlabelled.indices.map { place in
      let patches = Double(max(1, patchCount(place)))
      return shannonEntropy(mean(place)) - shannonEntropy(probabilities[place].map(Double.init))
        / patches
    }
  }
}

extension LoamSettings.Value {
  /// What a label of one candidate is worth by the probabilities of its `patches`, `[patches][classes]`.
  package func worth(_ patches: [[Double]]) -> Double {
    guard let first = patches.first else { return 0 }
    var mean = first.map { _ in 0.0 }
    for row in patches {
      for (index, probability) in row.enumerated() {
        mean[index] += probability / Double(patches.count)
      }
    }
    return switch self {
    case .entropy: shannonEntropy(mean)
    case .margin: lackOfMargin(mean)
    case .leastConfidence: lackOfConfidence(mean)
    case .aift(let settings): score(patches, settings: settings).score
    }
  }
}

private func lackOfConfidence(_ mean: [Double]) -> Double { 1 - largest(mean).first }

private func lackOfMargin(_ mean: [Double]) -> Double {
  let (first, second) = largest(mean)
  return 1 - (first - second)
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
private func shannonEntropy(_ probabilities: [Double]) -> Double {
  probabilities.reduce(0) { $1 > 0 ? $0 - $1 * naturalLogarithm($1) : $0 }
}
