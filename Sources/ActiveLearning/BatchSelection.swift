import Tensors

/// How the candidates asked next are taken from the scored ones.
package struct BatchSettings: Hashable, Sendable, Codable {
  /// ω: the batch is drawn from the ω × count best, in proportion to their scores; 1 takes the best.
  package var randomisation: Int

  /// A way of taking batches; `randomisation` is at least 1.
  package init(randomisation: Int = 1) { self.randomisation = randomisation }
}

/// Indices of the `count` candidates (fewer if there are fewer) to ask next, the best first.
///
/// Of equal scores the earlier candidate wins; one that is not a number is never drawn before
/// others.
///
/// - Complexity: O(n log n).
/// - Source: Zhou et al., Medical Image Analysis 71, 2021, §3 (randomised selection).
package func selectBatch(
  scores: [Double], count: Int, settings: BatchSettings = .init(), seed: UInt64 = 0
) -> [Int] {
  let value = { (index: Int) in scores[index].isNaN ? -Double.infinity : scores[index] }
  let order = scores.indices.sorted {
    let (left, right) = (value($0), value($1))
    return left == right ? $0 < $1 : left > right
  }
  let count = max(0, min(count, scores.count))
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
