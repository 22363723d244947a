/// Loam's own choice: by features while there are few labels, by value and features then.
///
/// - Complexity: O(n²) by features; O(n × (labelled + shortlist × count)) then.
func chooseLoam(
  _ settings: LoamSettings, _ state: SelectionState, _ count: Int, _ seed: UInt64
) -> [Int] {
  let candidates = state.unlabelled.count + state.labelled.count
  let isStarting = settings.isStarting(
    labels: state.labels, candidates: candidates, count: count)
  guard state.hasPredictions, !isStarting else {
    let order =
      state.labelled.isEmpty
      ? firstOrder(state, count, seed)
      : typicalOrder(state, groups: state.labelled.count + count, seed)
    let chosen = distinct(
      order, from: state.labelled, in: state.affinity, cosine: settings.duplicateCosine,
      limit: count)
    return filled(chosen, from: order, count)
  }
  let values = state.values(settings.value)
  let places = selectBatch(scores: values, count: values.count)
  let order = places.map { state.unlabelled[$0] }
  let (limit, overflow) = count.multipliedReportingOverflow(by: max(1, settings.shortlist))
  let shortlist = distinct(
    order, from: state.labelled, in: state.affinity, cosine: settings.duplicateCosine,
    limit: overflow ? order.count : limit)
  guard shortlist.count > count else { return filled(shortlist, from: order, count) }
  switch settings.spread {
  case .none: return Array(shortlist.prefix(count))
  case .centres:
    let points = PointSet(shortlist, in: state.affinity, directions: true)
    let others = farthestFirst(points, selectable: points.count, from: [0], count: count - 1)
    return ([0] + others).map { shortlist[$0] }
  case .clusters:
    let value = Dictionary(uniqueKeysWithValues: zip(state.unlabelled, values))
    let weights = shortlist.map { Float(max(value[$0] ?? 0, 1e-6)) }
    return bestOfClusters(shortlist, weights, state, count, seed)
  }
}

/// The first of each of `count` groups of `shortlist`, which comes best first.
private func bestOfClusters(
  _ shortlist: [Int], _ weights: [Float], _ state: SelectionState, _ count: Int, _ seed: UInt64
) -> [Int] {
  let points = PointSet(shortlist, in: state.affinity, directions: true)
  let clusters = Clusters(points, count: count, weights: weights, seed: seed)
  var isTaken = [Bool](repeating: false, count: clusters.count)
  var chosen: [Int] = []
  for (point, group) in clusters.group.enumerated() where !isTaken[group] {
    isTaken[group] = true
    chosen.append(shortlist[point])
  }
  return filled(chosen, from: shortlist, count)
}

/// All candidates by how typical they are, while nothing has a label.
///
/// The candidates are put into as many groups as there are questions, by direction. First comes the
/// member nearest to the mean of each group, larger groups before smaller; then everyone else, the
/// nearest to their means first. Of few groups the mean is a better middle than the densest place;
/// later, when groups are small, density is (`typicalOrder`).
private func firstOrder(_ state: SelectionState, _ count: Int, _ seed: UInt64) -> [Int] {
  let points = PointSet(state.unlabelled, in: state.affinity, directions: true)
  let clusters = Clusters(points, count: count, seed: seed)
  let order = points.candidates.indices.sorted {
    let (left, right) = (clusters.distance[$0], clusters.distance[$1])
    return left == right ? $0 < $1 : left < right
  }
  var first = [Int?](repeating: nil, count: clusters.count)
  for point in order where first[clusters.group[point]] == nil {
    first[clusters.group[point]] = point
  }
  let leaders = clusters.rankedGroups(labelledFrom: points.count).compactMap { first[$0] }
  return filled(leaders, from: order, points.count).map { state.unlabelled[$0] }
}

/// `chosen` and as many of `others`, in their order, as make it `count`; at most `count` anyway.
private func filled(_ chosen: [Int], from others: [Int], _ count: Int) -> [Int] {
  guard chosen.count < count else { return Array(chosen.prefix(count)) }
  let taken = Set(chosen)
  return chosen + others.filter { !taken.contains($0) }.prefix(count - chosen.count)
}

extension SelectionState {
  /// What a label of each unlabelled candidate is worth, in the order of `unlabelled`.
  package func values(_ value: LoamSettings.Value) -> [Double] {
    switch value {
    case .entropy: entropies()
    case .margin: lacksOfMargin()
    case .leastConfidence: lacksOfConfidence()
    case .aift(let settings): scores(settings)
    }
  }
}
