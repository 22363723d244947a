/// The unlabelled candidates, the most typical of each group that has no label first, large groups
/// before small.
///
/// The candidates are put into `groups` groups, at most 500, by direction. Groups of less than 5 wait
/// until those of at least 5 have no candidate left; where all groups have a label, or have had their
/// turn, those with fewest labels come again.
///
/// - Complexity: O(n²).
/// - Source: Hacohen, Dekel, Weinshall, "Active learning on a budget: opposite strategies suit high
///   and low budgets", ICML 2022, algorithm 1 (there are as many groups as labels and questions).
func typicalOrder(_ state: SelectionState, groups: Int, _ seed: UInt64) -> [Int] {
  let selectable = state.unlabelled.count
  let points = PointSet(state.unlabelled + state.labelled, in: state.affinity, directions: true)
  let clusters = Clusters(points, count: min(groups, 500), seed: seed)
  let members = clusters.members
  let ranked = clusters.rankedGroups(labelledFrom: selectable)
  let large = ranked.filter { members[$0].count >= 5 }
  let small = ranked.filter { members[$0].count < 5 }
  var order: [Int] = []
  for part in [large, small] {
    var queues = part.map { byTypicality(members[$0], points).filter { $0 < selectable }[...] }
    while queues.contains(where: { !$0.isEmpty }) {
      for index in queues.indices {
        if let next = queues[index].popFirst() { order.append(next) }
      }
    }
  }
  return order.map { state.unlabelled[$0] }
}

/// `members` by how near their 20 nearest neighbours among them lie on average, the nearest first.
private func byTypicality(_ members: [Int], _ points: PointSet) -> [Int] {
  let neighbours = min(20, members.count - 1)
  guard neighbours > 0 else { return members }
  let distances = members.map { member in
    var nearest = [Float](repeating: .infinity, count: neighbours)
    for other in members where other != member {
      insert(points.squaredDistance(member, other), into: &nearest)
    }
    return nearest.reduce(Float(0)) { $0 + $1.squareRoot() }
  }
  let order = members.indices.sorted {
    distances[$0] == distances[$1] ? $0 < $1 : distances[$0] < distances[$1]
  }
  return order.map { members[$0] }
}

/// Puts `value` at its place in `smallest`, which is ascending and keeps its count.
private func insert(_ value: Float, into smallest: inout [Float]) {
  guard var place = smallest.indices.last, value < smallest[place] else { return }
  while place > 0, value < smallest[place - 1] {
    smallest[place] = smallest[place - 1]
    place -= 1
  }
  smallest[place] = value
}
