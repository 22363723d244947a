import Tensors

/// How the candidates asked next are taken from the scored ones.
package struct BatchSettings: Hashable, Sendable, Codable {
  /// ω: the batch is drawn from the ω × count best, in proportion to their scores; 1 takes the best.
  package var randomisation: Int
  /// Candidates of which the batch picks the ones farthest apart, as a multiple of the batch; 1 does
  /// not look at features.
  package var spread: Int

  /// A way of taking batches; both numbers are at least 1.
  package init(randomisation: Int = 1, spread: Int = 1) {
    self.randomisation = randomisation
    self.spread = spread
  }
}

/// Indices of the `count` candidates (fewer if there are fewer) to ask next, the best first.
///
/// Of equal scores the earlier candidate wins; one that is not a number is never drawn before
/// others. `features`, a row a candidate, is needed for `spread` only.
///
/// - Complexity: O(n log n), with spread also O(spread × count² × dimension).
/// - Source: Zhou et al., Medical Image Analysis 71, 2021, §3 (randomised selection).
package func selectBatch(
  scores: [Double], features: FeatureTable? = nil, count: Int, settings: BatchSettings = .init(),
  seed: UInt64 = 0
) -> [Int] {
  precondition(features == nil || features?.count == scores.count, "a row a candidate is needed")
  let value = { (index: Int) in scores[index].isNaN ? -Double.infinity : scores[index] }
  let order = scores.indices.sorted {
    let (left, right) = (value($0), value($1))
    return left == right ? $0 < $1 : left > right
  }
  let count = max(0, min(count, scores.count))
  if let features, settings.spread > 1 {
    return spread(Array(order.prefix(count * settings.spread)), features, count)
  }
  guard settings.randomisation > 1 else { return Array(order.prefix(count)) }
  var random = SeededRandom(seed: seed)
  return draw(Array(order.prefix(count * settings.randomisation)), value, count, &random)
}

/// `count` of `candidates`, drawn without replacement in proportion to their scores.
private func draw(
  _ candidates: [Int], _ value: (Int) -> Double, _ count: Int, _ random: inout SeededRandom
) -> [Int] {
  var weights = candidates.map { max(0, value($0)) }
  var drawn: [Int] = []
  while drawn.count < count {
    let next = random.index(weights: weights) ?? candidates.indices.first { weights[$0] >= 0 }
    guard let next else { break }
    drawn.append(candidates[next])
    weights[next] = -1
  }
  return drawn
}

/// `count` of `candidates` (best first): the best, then always the one farthest from those taken.
private func spread(_ candidates: [Int], _ features: FeatureTable, _ count: Int) -> [Int] {
  let directions = Directions(features)
  var distance = [Float](repeating: .infinity, count: candidates.count)
  var taken: [Int] = []
  while taken.count < count {
    let next = distance.indices.reduce(0) { distance[$1] > distance[$0] ? $1 : $0 }
    taken.append(candidates[next])
    let centre = directions.direction(candidates[next])
    for (place, candidate) in candidates.enumerated() {
      distance[place] = min(distance[place], 1 - directions.cosine(candidate, centre))
    }
    distance[next] = -.infinity
  }
  return taken
}
