/// Indices of `count` candidates to ask while the head knows nothing yet: typical and far apart.
///
/// What the strategy `loam` with its defaults chooses before anything has a label, `features` being
/// a row a candidate. Decided by `seed` and the features alone.
///
/// - Complexity: O(n² × dimension) time, 4 n (n + dimension) bytes.
package func coldStart(features: FeatureTable, count: Int, seed: UInt64) -> [Int] {
  let state = SelectionState(
    affinity: Affinity(features), unlabelled: Array(0..<features.count), classes: 2)
  return choose(.loam(.init()), from: state, count: count, seed: seed)
}
