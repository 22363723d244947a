import Tensors

/// `count` unlabelled candidates: always the one whose direction is farthest from all that have a label
/// or are chosen. The first batch is drawn at random.
///
/// Directions, and not the features themselves: by Euclidean distance the farthest are outliers of great
/// length (28 % right instead of 74 after 40 labels on solar cells, two classes).
///
/// - Complexity: O(n × (labelled + count)).
/// - Source: Sener, Savarese, "Active learning for convolutional neural networks: a core-set
///   approach", ICLR 2018, algorithm 1.
func chooseCoreSet(_ state: SelectionState, _ count: Int, _ seed: UInt64) -> [Int] {
  guard !state.labelled.isEmpty else { return chooseRandom(state, count, seed) }
  let selectable = state.unlabelled.count
  let points = PointSet(state.unlabelled + state.labelled, in: state.affinity, directions: true)
  return farthestFirst(
    points, selectable: selectable, from: Array(selectable..<points.count), count: count
  ).map { state.unlabelled[$0] }
}

/// `count` unlabelled candidates: always the one whose ball holds most of what lies in the ball of no
/// label and of none chosen, the lowest of equals. Once all is covered the rest is drawn at random.
///
/// - Complexity: O(n²).
/// - Source: Yehuda et al., "Active learning through a covering lens", NeurIPS 2022, algorithm 1.
func chooseCover(_ state: SelectionState, _ count: Int, _ seed: UInt64) -> [Int] {
  let selectable = state.unlabelled.count
  let points = PointSet(state.unlabelled + state.labelled, in: state.affinity, directions: true)
  let radius = pureRadius(points, groups: state.classes, purity: 0.95, seed: seed)
  var cover = Cover(points, squaredRadius: radius)
  for point in selectable..<points.count { cover.take(point) }
  var chosen: [Int] = []
  while chosen.count < count, let best = cover.best(of: selectable) {
    cover.take(best)
    chosen.append(best)
  }
  let taken = Set(chosen)
  var rest = (0..<selectable).filter { !taken.contains($0) }
  var random = SeededRandom(seed: seed, stream: 1)
  random.shuffle(&rest)
  return (chosen + rest.prefix(count - chosen.count)).map { state.unlabelled[$0] }
}

/// The square of the largest radius at which a share `purity` of the balls around `points` hold
/// points of one group only; a ball is what lies nearer than its radius.
///
/// The groups are those of k-means. A ball is pure as long as its radius is at most the distance to
/// the nearest point of another group, so that the radius sought is one of these distances.
private func pureRadius(_ points: PointSet, groups: Int, purity: Double, seed: UInt64) -> Float {
  let group = Clusters(points, count: max(2, groups), seed: seed).group
  var nearest = [Float](repeating: .infinity, count: points.count)
  for first in 0..<points.count {
    for second in 0..<first where group[first] != group[second] {
      let distance = points.squaredDistance(first, second)
      nearest[first] = min(nearest[first], distance)
      nearest[second] = min(nearest[second], distance)
    }
  }
  nearest.sort()
  return nearest[min(points.count - 1, Int((1 - purity) * Double(points.count) + 1e-9))]
}

/// Which points lie in the ball of one that is taken, and how many each other's ball would add.
private struct Cover {
  /// The points of each ball, its centre among them.
  private var ball: [[Int]]
  private var gain: [Int]
  private var isCovered: [Bool]

  init(_ points: PointSet, squaredRadius: Float) {
    ball = (0..<points.count).map { [$0] }
    for first in 0..<points.count {
      for second in 0..<first where points.squaredDistance(first, second) < squaredRadius {
        ball[first].append(second)
        ball[second].append(first)
      }
    }
    gain = ball.map(\.count)
    isCovered = [Bool](repeating: false, count: points.count)
  }

  /// Covers the ball of `point`.
  mutating func take(_ point: Int) {
    for covered in ball[point] where !isCovered[covered] {
      isCovered[covered] = true
      for centre in ball[covered] { gain[centre] -= 1 }
    }
  }

  /// The point below `limit` that covers most, or `nil` if nothing is left to cover.
  func best(of limit: Int) -> Int? {
    let best = (0..<limit).reduce(0) { gain[$1] > gain[$0] ? $1 : $0 }
    return gain[best] > 0 ? best : nil
  }
}
