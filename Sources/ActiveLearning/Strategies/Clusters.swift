import Tensors

/// Points put into groups of near ones.
struct Clusters {
  /// Groups asked for; some may be empty.
  let count: Int
  /// The group of each point, `0 ..< count`.
  private(set) var group: [Int]
  /// The square of each point's distance from the mean of its group.
  private(set) var distance: [Float]

  /// Puts `points` into at most `count` groups by k-means, started by k-means++.
  ///
  /// A centre is never computed: a point's product with the mean of a group is the mean of its
  /// products with the members. Passes end when no point moves, at most `passes`. A group that loses
  /// its last member stays empty.
  ///
  /// - Parameter weights: How much each point counts, > 0; all alike if empty.
  /// - Complexity: O(n² + n × count) for the first pass, O(n × (moved + count)) for each other.
  /// - Source: Arthur, Vassilvitskii, "k-means++", SODA 2007; Dhillon, Guan, Kulis, "Kernel k-means,
  ///   spectral clustering and normalized cuts", KDD 2004 (weights, and products alone).
  init(_ points: PointSet, count: Int, weights: [Float] = [], passes: Int = 10, seed: UInt64) {
    let weights = weights.isEmpty ? [Float](repeating: 1, count: points.count) : weights
    self.count = max(1, min(count, points.count))
    var random = SeededRandom(seed: seed)
    group = firstGroups(points, self.count, weights, &random)
    var centres = Centres(points, weights, count: self.count)
    centres.move(from: [], to: group)
    distance = []
    for _ in 0..<passes {
      let nearest = centres.nearest()
      if nearest == group { break }
      centres.move(from: group, to: nearest)
      group = nearest
    }
    distance = group.indices.map { centres.squaredDistance($0, group[$0]) }
  }

  /// The members of each group, ascending.
  var members: [[Int]] {
    var members = [[Int]](repeating: [], count: count)
    for (point, index) in group.enumerated() { members[index].append(point) }
    return members
  }

  /// The groups, those with fewest labels first, larger before smaller; the points from `labelled`
  /// on have a label.
  func rankedGroups(labelledFrom labelled: Int) -> [Int] {
    let members = members
    let labels = members.map { group in group.count { $0 >= labelled } }
    return (0..<count).sorted {
      if labels[$0] != labels[$1] { return labels[$0] < labels[$1] }
      if members[$0].count != members[$1].count { return members[$0].count > members[$1].count }
      return $0 < $1
    }
  }
}

/// Each point's nearest of `count` points: the first drawn by weight, each further one in proportion
/// to its weight × its squared distance from those before.
private func firstGroups(
  _ points: PointSet, _ count: Int, _ weights: [Float], _ random: inout SeededRandom
) -> [Int] {
  var group = [Int](repeating: 0, count: points.count)
  var distance = [Float](repeating: .infinity, count: points.count)
  var chances = weights.map(Double.init)
  for centre in 0..<(points.count == 0 ? 0 : count) {
    let next = random.index(weights: chances) ?? random.below(points.count)
    for point in 0..<points.count {
      let other = points.squaredDistance(point, next)
      if other < distance[point] { (distance[point], group[point]) = (other, centre) }
      chances[point] = Double(distance[point] * weights[point])
    }
    chances[next] = 0
  }
  return group
}

/// The weighted means of groups of points, known by their products with all points.
private struct Centres {
  private let points: PointSet
  private let weights: [Float]
  private let count: Int
  /// `[count, points]`: the sum over the members of weight × product.
  private var sums: [Float]
  /// The sum of the members' weights; the square of each mean's length.
  private var total: [Float]
  private var squares: [Float]
  private var sizes: [Int]

  init(_ points: PointSet, _ weights: [Float], count: Int) {
    self.points = points
    self.weights = weights
    self.count = count
    sums = [Float](repeating: 0, count: count * points.count)
    total = [Float](repeating: 0, count: count)
    squares = total
    sizes = [Int](repeating: 0, count: count)
  }

  /// Takes the points whose group changed out of the old one (none if `old` is empty) into the new.
  mutating func move(from old: [Int], to new: [Int]) {
    for point in new.indices where old.isEmpty || old[point] != new[point] {
      if !old.isEmpty { add(point, times: -weights[point], to: old[point], members: -1) }
      add(point, times: weights[point], to: new[point], members: 1)
    }
    for centre in 0..<count where sizes[centre] == 0 { total[centre] = 0 }
    squares = [Float](repeating: 0, count: count)
    for (point, centre) in new.enumerated() {
      squares[centre] += weights[point] * sums[centre * points.count + point]
    }
    for centre in 0..<count where total[centre] > 0 {
      squares[centre] /= total[centre] * total[centre]
    }
  }

  private mutating func add(_ point: Int, times weight: Float, to centre: Int, members: Int) {
    points.add(point, times: weight, to: &sums, from: centre * points.count)
    total[centre] += weight
    sizes[centre] += members
  }

  /// The nearest centre of each point, the first of equals.
  func nearest() -> [Int] {
    var nearest = [Int](repeating: 0, count: points.count)
    var best = [Float](repeating: -.infinity, count: points.count)
    for centre in 0..<count where sizes[centre] > 0 {
      let (factor, offset) = (1 / total[centre], squares[centre] / 2)
      let start = centre * points.count
      for point in 0..<points.count {
        let value = sums[start + point] * factor - offset
        if value > best[point] { (best[point], nearest[point]) = (value, centre) }
      }
    }
    return nearest
  }

  /// The square of the distance between `point` and a centre that has members.
  func squaredDistance(_ point: Int, _ centre: Int) -> Float {
    let product = sums[centre * points.count + point] / total[centre]
    return max(0, points.squares[point] + squares[centre] - 2 * product)
  }
}
