/// Some candidates as points, of which only inner products are known, numbered from 0.
struct PointSet {
  /// The candidate that each point is.
  let candidates: [Int]
  private let products: [Float]
  private let stride: Int
  /// What each candidate is multiplied by, so that directions can be looked at instead.
  private let scale: [Float]
  /// The square of each point's length.
  let squares: [Float]

  /// `candidates` as they lie in `affinity`, or their directions (points of length 1; one without a
  /// direction is the origin).
  init(_ candidates: [Int], in affinity: Affinity, directions: Bool) {
    self.candidates = candidates
    products = affinity.products
    stride = affinity.count
    let scale = candidates.map { directions ? affinity.inverseLengths[$0] : 1 }
    squares = zip(candidates, scale).map { affinity.product($0, $0) * $1 * $1 }
    self.scale = scale
  }

  var count: Int { candidates.count }

  /// The inner product of two points.
  func product(_ first: Int, _ second: Int) -> Float {
    products[candidates[first] * stride + candidates[second]] * scale[first] * scale[second]
  }

  /// The square of the distance between two points, ≥ 0.
  func squaredDistance(_ first: Int, _ second: Int) -> Float {
    max(0, squares[first] + squares[second] - 2 * product(first, second))
  }

  /// Adds `weight` × the inner products of `point` with all points to `sums`, from `start` on.
  func add(_ point: Int, times weight: Float, to sums: inout [Float], from start: Int) {
    let row = candidates[point] * stride
    let factor = weight * scale[point]
    for other in 0..<count {
      sums[start + other] += products[row + candidates[other]] * scale[other] * factor
    }
  }
}

/// `count` of the points `0 ..< selectable`: always the one farthest from all of `taken` and of those
/// chosen before, the lowest of equals.
///
/// - Complexity: O((taken + count) × selectable).
/// - Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical
///   Computer Science 38, 1985.
func farthestFirst(_ points: PointSet, selectable: Int, from taken: [Int], count: Int) -> [Int] {
  var distance = [Float](repeating: .infinity, count: selectable)
  func approach(_ point: Int) {
    for other in 0..<selectable {
      distance[other] = min(distance[other], points.squaredDistance(other, point))
    }
  }
  for point in taken {
    approach(point)
    if point < selectable { distance[point] = -.infinity }
  }
  var chosen: [Int] = []
  while chosen.count < count {
    let next = distance.indices.reduce(0) { distance[$1] > distance[$0] ? $1 : $0 }
    chosen.append(next)
    approach(next)
    distance[next] = -.infinity
  }
  return chosen
}
