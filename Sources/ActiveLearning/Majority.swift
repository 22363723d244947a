/// Indices of the patches that agree most with what most of the patches say.
///
/// The label of a candidate holds for the whole of it; a patch cut at random may show nothing of
/// the matter, so that the patches far from the majority are noise rather than doubt.
///
/// Two classes, as published: where the mean probability of the last class is above ½ the patches
/// are sorted by it downwards, else upwards, and the first round(α m), half away from zero, stay.
/// An exact tie, which that rule settles by which of the classes is called the last, goes to the
/// less certain end (and upwards if both are alike), so that the order of the classes never counts.
/// More classes: sorted downwards by the class with the highest mean (the first of equals), at
/// least 2 stay. Of patches alike the earlier comes first; at least one stays in any case.
///
/// - Source: Zhou et al., CVPR 2017, §3.4, and `active_select_demo.m`.
func majority(of patches: [[Double]], alpha: Double?) -> [Int] {
  let count = patches.count
  guard let alpha else { return Array(0..<count) }
  let classes = patches[0].count
  let wanted = Int((alpha * Double(count)).rounded(.toNearestOrAwayFromZero))
  let kept = min(count, max(classes == 2 ? 1 : 2, wanted))
  let means = (0..<classes).map { item in
    patches.reduce(0) { $0 + $1[item] } / Double(count)
  }
  func first(by item: Int, descending: Bool) -> [Int] {
    let order = patches.indices.sorted {
      let (left, right) = (patches[$0][item], patches[$1][item])
      return left == right ? $0 < $1 : (left > right) == descending
    }
    return Array(order.prefix(kept))
  }
  guard classes == 2 else {
    let top = means.indices.reduce(0) { means[$1] > means[$0] ? $1 : $0 }
    return first(by: top, descending: true)
  }
  guard means[0] == means[1] else { return first(by: 1, descending: means[1] > 0.5) }
  let (upwards, downwards) = (first(by: 1, descending: false), first(by: 1, descending: true))
  let doubt = { (indices: [Int]) in
    indices.reduce(0.0) { $0 + patches[$1][0] * patches[$1][1] }
  }
  return doubt(downwards) > doubt(upwards) + 1e-12 ? downwards : upwards
}
