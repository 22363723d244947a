import Tensors

/// Indices of `count` candidates to ask while the head knows nothing yet: typical and far apart.
///
/// The candidates are put into `count` groups by their features (k-means on directions, started by
/// k-means++ and run for ten passes); of each group the member nearest to its centre is asked, the
/// largest group's first. Decided by `seed` and the features alone.
///
/// - Complexity: O(n × count × dimension) a pass.
/// - Source: Arthur, Vassilvitskii, "k-means++", SODA 2007; Hacohen, Dekel, Weinshall, "Active
///   learning on a budget", ICML 2022 (a typical candidate of each cluster).
package func coldStart(features: FeatureTable, count: Int, seed: UInt64) -> [Int] {
  let count = max(0, min(count, features.count))
  guard count > 0 else { return [] }
  let directions = Directions(features)
  var random = SeededRandom(seed: seed)
  var centres = firstCentres(directions, count, &random)
  var group = [Int](repeating: 0, count: directions.count)
  var nearness = [Float](repeating: 0, count: directions.count)
  for pass in 0...10 {
    for row in 0..<directions.count {
      (group[row], nearness[row]) = nearest(row, directions, centres)
    }
    if pass < 10 { centres = moved(centres, directions, group) }
  }
  return typical(group: group, nearness: nearness, count: count)
}

/// The centre nearest to `row`, and its cosine.
private func nearest(_ row: Int, _ directions: Directions, _ centres: [[Float]]) -> (Int, Float) {
  var best = (index: 0, cosine: -Float.infinity)
  for (index, centre) in centres.enumerated() {
    let cosine = directions.cosine(row, centre)
    if cosine > best.cosine { best = (index, cosine) }
  }
  return (best.index, best.cosine)
}

/// The first at random, each further one in proportion to its squared distance from those before.
private func firstCentres(
  _ directions: Directions, _ count: Int, _ random: inout SeededRandom
) -> [[Float]] {
  var centres = [directions.direction(random.below(directions.count))]
  var distance = [Double](repeating: .infinity, count: directions.count)
  while centres.count < count {
    for row in 0..<directions.count {
      let cosine = Double(directions.cosine(row, centres[centres.count - 1]))
      distance[row] = min(distance[row], max(0, 1 - cosine))
    }
    let next = random.index(weights: distance) ?? random.below(directions.count)
    centres.append(directions.direction(next))
  }
  return centres
}

/// The mean direction of each group, scaled to length 1; an empty group's centre stays.
private func moved(
  _ centres: [[Float]], _ directions: Directions, _ group: [Int]
) -> [[Float]] {
  var sums = centres.map { [Float](repeating: 0, count: $0.count) }
  for row in 0..<directions.count { directions.add(row, to: &sums[group[row]]) }
  return zip(centres, sums).map { centre, sum in
    let length = sum.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? sum.map { $0 / length } : centre
  }
}

/// The nearest member of each group, the largest group's first; then the nearest of the rest, should
/// a group be empty.
private func typical(group: [Int], nearness: [Float], count: Int) -> [Int] {
  var sizes = [Int](repeating: 0, count: count)
  for index in group { sizes[index] += 1 }
  let order = group.indices.sorted {
    nearness[$0] == nearness[$1] ? $0 < $1 : nearness[$0] > nearness[$1]
  }
  var best = [Int?](repeating: nil, count: count)
  for row in order where best[group[row]] == nil { best[group[row]] = row }
  let ranked = sizes.indices.sorted { sizes[$0] == sizes[$1] ? $0 < $1 : sizes[$0] > sizes[$1] }
  var chosen = ranked.compactMap { best[$0] }
  for row in order where chosen.count < count && !chosen.contains(row) { chosen.append(row) }
  return chosen
}
