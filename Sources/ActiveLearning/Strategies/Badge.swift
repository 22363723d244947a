import Tensors

/// `count` unlabelled candidates, far apart by the gradient that a label would give a linear head:
/// the longest gradient first, then drawn by squared distance from those chosen.
///
/// The gradient of candidate i is gᵢ ⊗ xᵢ with g = p − the one-hot row of its most probable class, so
/// that the product of two is (gᵢ · gⱼ)(xᵢ · xⱼ): no gradient is ever written down.
///
/// - Complexity: O(n × count × classes).
/// - Source: Ash et al., "Deep batch active learning by diverse, uncertain gradient lower bounds",
///   ICLR 2020, algorithm 1; the longest first as in the authors' code.
func chooseBadge(_ state: SelectionState, _ count: Int, _ seed: UInt64) -> [Int] {
  let gradients = Gradients(state)
  var random = SeededRandom(seed: seed)
  var distance = state.unlabelled.indices.map { gradients.product($0, $0) }
  var isTaken = [Bool](repeating: false, count: distance.count)
  var next: Int? = distance.indices.reduce(0) { distance[$1] > distance[$0] ? $1 : $0 }
  distance = distance.map { _ in .infinity }
  var chosen: [Int] = []
  while let point = next {
    chosen.append(state.unlabelled[point])
    guard chosen.count < count else { break }
    isTaken[point] = true
    for other in distance.indices {
      distance[other] =
        isTaken[other] ? 0 : min(distance[other], gradients.squaredDistance(other, point))
    }
    next = random.index(weights: distance) ?? isTaken.firstIndex(of: false)
  }
  return chosen
}

/// The gradients of a linear head for the class it holds most probable, a row an unlabelled
/// candidate; only their products are known.
package struct Gradients {
  private let state: SelectionState
  /// `[unlabelled, classes]`: p − the one-hot row of the most probable class.
  private let errors: [Double]
  private let squares: [Double]

  /// The gradients of `state`, which has predictions.
  package init(_ state: SelectionState) {
    self.state = state
    var errors: [Double] = []
    for place in state.unlabelled.indices {
      var mean = state.mean(place)
      let top = mean.indices.reduce(0) { mean[$1] > mean[$0] ? $1 : $0 }
      mean[top] -= 1
      errors += mean
    }
    self.errors = errors
    squares = state.unlabelled.enumerated().map { place, candidate in
      let error = errors[place * state.classes..<(place + 1) * state.classes]
      return error.reduce(0) { $0 + $1 * $1 } * Double(state.affinity.product(candidate, candidate))
    }
  }

  /// The inner product of the gradients at two places of `unlabelled`.
  package func product(_ first: Int, _ second: Int) -> Double {
    let (left, right) = (first * state.classes, second * state.classes)
    var product = 0.0
    for item in 0..<state.classes { product += errors[left + item] * errors[right + item] }
    return product
      * Double(state.affinity.product(state.unlabelled[first], state.unlabelled[second]))
  }

  /// The square of the distance between the gradients at two places of `unlabelled`, ≥ 0.
  package func squaredDistance(_ first: Int, _ second: Int) -> Double {
    max(0, squares[first] + squares[second] - 2 * product(first, second))
  }
}
