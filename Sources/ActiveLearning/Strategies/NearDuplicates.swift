/// Groups of `candidates` that are nearly the same picture, such as the photos of a burst: two belong
/// together if their cosine is at least `cosine`, or if a chain of such pairs joins them.
///
/// A candidate like no other is a group of its own. Groups and their members come in the order of
/// `candidates`.
///
/// - Complexity: O(n²).
package func nearDuplicateGroups(
  of candidates: [Int], in affinity: Affinity, cosine: Float
) -> [[Int]] {
  var parent = Array(candidates.indices)
  func root(_ place: Int) -> Int {
    var place = place
    while parent[place] != place {
      parent[place] = parent[parent[place]]
      place = parent[place]
    }
    return place
  }
  for second in candidates.indices {
    for first in 0..<second
    where affinity.cosine(candidates[first], candidates[second]) >= cosine {
      let (left, right) = (root(first), root(second))
      parent[max(left, right)] = min(left, right)
    }
  }
  var groups = [[Int]](repeating: [], count: candidates.count)
  for place in candidates.indices { groups[root(place)].append(candidates[place]) }
  return groups.filter { !$0.isEmpty }
}

/// `candidates` without those nearly the same picture as one of `taken` or as an earlier one that
/// stays, up to `limit`.
///
/// Here each is compared with those that stay and not with whole groups: a long chain of pictures
/// that change a little from one to the next must not pass for one picture.
///
/// - Complexity: O(n × (taken + limit)).
func distinct(
  _ candidates: [Int], from taken: [Int], in affinity: Affinity, cosine: Float?, limit: Int
) -> [Int] {
  guard let cosine else { return Array(candidates.prefix(limit)) }
  var kept: [Int] = []
  for candidate in candidates where kept.count < limit {
    let isLike = { affinity.cosine(candidate, $0) >= cosine }
    if !taken.contains(where: isLike), !kept.contains(where: isLike) { kept.append(candidate) }
  }
  return kept
}
