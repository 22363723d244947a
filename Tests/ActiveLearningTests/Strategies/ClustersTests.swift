import Tensors
import Testing

@testable import ActiveLearning

@Suite("k-means by inner products")
struct ClustersTests {
  @Test("ends where each point is nearest to the weighted mean of its group", arguments: 1...10)
  func settles(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let table = FeatureTable(dimension: 2, values: (0..<120).map { _ in Float(random.unit()) })
    let weights = (0..<60).map { _ in Float(0.1 + random.unit()) }
    let affinity = Affinity(table)
    let points = PointSet(Array(0..<60), in: affinity, directions: false)
    let clusters = Clusters(points, count: 5, weights: weights, passes: 100, seed: UInt64(seed))
    #expect(clusters.members.reduce(0) { $0 + $1.count } == 60)
    for point in 0..<60 {
      let distances = clusters.members.map { squaredDistance(point, to: $0, weights, points) }
      let own = distances[clusters.group[point]]
      // Products are about 3 in size, and sums run over 60 of them.
      #expect(abs(own - clusters.distance[point]) < 1e-4)
      #expect(distances.allSatisfy { $0 >= own - 1e-4 })
    }
  }

  @Test("finds clouds that lie apart, and no more groups than points")
  func clouds() {
    let affinity = Affinity(States.clouds(3, of: 20, seed: 4))
    let points = PointSet(Array(0..<60), in: affinity, directions: true)
    let passes = (1...10).map { Clusters(points, count: 3, seed: $0) }
    let apart = passes.filter { clusters in
      clusters.members.allSatisfy { Set($0.map { $0 / 20 }).count <= 1 }
    }
    #expect(apart.count == 10)
    #expect(Clusters(points, count: 99, seed: 1).count == 60)
    #expect(Set(Clusters(points, count: 99, seed: 1).group).count == 60)
  }

  @Test("a direction has length 1, a point its own")
  func directions() {
    let affinity = Affinity(FeatureTable(dimension: 2, values: [3, 1, -3, -1, 5, 2, -5, -2, 0, 0]))
    let directions = PointSet([0, 2, 4], in: affinity, directions: true)
    let points = PointSet([0, 2, 4], in: affinity, directions: false)
    #expect(abs(directions.squares[0] - 1) < 1e-6 && abs(directions.squares[1] - 1) < 1e-6)
    #expect(directions.squares[2] == 0 && points.squares[2] == 0)
    #expect(points.squares[1] > 2 * points.squares[0])
    #expect(abs(directions.product(0, 1) - affinity.cosine(0, 2)) < 1e-6)
    #expect(points.product(0, 1) == affinity.product(0, 2))
  }

  /// The square of the distance of `point` from the weighted mean of `members`, spelt out in pairs;
  /// infinite if there are none.
  private func squaredDistance(
    _ point: Int, to members: [Int], _ weights: [Float], _ points: PointSet
  ) -> Float {
    guard !members.isEmpty else { return .infinity }
    let total = members.reduce(Float(0)) { $0 + weights[$1] }
    var product: Float = 0
    var square: Float = 0
    for first in members {
      product += weights[first] / total * points.product(point, first)
      for second in members {
        square += weights[first] * weights[second] / (total * total) * points.product(first, second)
      }
    }
    return points.squares[point] - 2 * product + square
  }
}
