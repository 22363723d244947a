import ActiveLearning
import Inference
import SampleStore
import Training

/// Which candidates are asked next.
extension Device {
  /// The `count` candidates of the pool to ask next, audits aside: by their features while there are
  /// few labels; then of the most undecided those that differ, one that is unlike anything labelled
  /// before all.
  func chooseNext(_ count: Int, byFeatures: Bool) throws -> [Int64] {
    guard count > 0 else { return [] }
    if byFeatures { return try chooseByFeatures(count) }
    return try withNovelFirst(chooseByValue(count))
  }

  /// Whether the next `count` questions are chosen by features alone, for there are too few labels to
  /// go by what the model says.
  func isStarting(_ count: Int) throws -> Bool {
    guard !isFresh else { return true }
    let labels = try currentInsight().examples.labels
    let pool = try store.counts().candidates[.pool] ?? 0
    return settings.choice.isStarting(
      labels: labels, candidates: pool + labels.count, count: count)
  }

  /// What the strategy chooses of the shortlist, `settings.choice.shortlist` times `count` candidates.
  private func chooseByValue(_ count: Int) throws -> [Int64] {
    let wanted = count.multipliedReportingOverflow(by: max(1, settings.choice.shortlist))
    let most = mostComparable(beside: 0)
    let shortlist = try Shortlist(
      of: self, limit: wanted.overflow ? most : max(count, min(wanted.partialValue, most)))
    guard shortlist.candidates.count > count else {
      return Array((shortlist.candidates + shortlist.repeats).prefix(count))
    }
    let table = FeatureTable(dimension: judge.featureCount, values: shortlist.values)
    let state = SelectionState(
      affinity: Affinity(standardised: table), unlabelled: Array(shortlist.candidates.indices),
      classes: head.classes.count, probabilities: shortlist.probabilities)
    let seed = settings.seed &+ UInt64(model.id)
    return choose(.loam(settings.choice), from: state, count: count, seed: seed)
      .map { shortlist.candidates[$0] }
  }

  /// What the strategy chooses of the first of the pool, as many as fit the memory of training beside
  /// those that have a label.
  private func chooseByFeatures(_ count: Int) throws -> [Int64] {
    let examples = try currentInsight().examples
    var ids: [Int64] = []
    var directions: [Float] = []
    let limit = mostComparable(beside: examples.count)
    var samples = store.poolSamples(bodySHA256: judge.bodySHA256, states: [.pool])
    while ids.count < limit, let chunk = try samples.next() {
      for sample in chunk where !sample.isAudit && ids.count < limit {
        ids.append(sample.candidateID)
        directions += examples.moments.direction(
          meanFeature(sample.features.values, dimension: judge.featureCount))
      }
    }
    guard !ids.isEmpty else { return [] }
    let table = FeatureTable(
      dimension: judge.featureCount, values: directions + examples.directions)
    let state = SelectionState(
      affinity: Affinity(standardised: table), unlabelled: Array(ids.indices),
      labelled: Array(ids.count..<table.count), labels: examples.labels,
      classes: head.classes.count)
    return choose(.loam(settings.choice), from: state, count: count, seed: settings.seed)
      .map { ids[$0] }
  }

  /// Candidates that can be compared with each other and with `examples` others in the memory of
  /// training, at most 2,000: beyond, seconds go by on a small board.
  private func mostComparable(beside examples: Int) -> Int {
    var count = 2000
    while count > 64,
      Affinity.byteCount(count + examples, dimension: judge.featureCount)
        > settings.training.byteBudget
    {
      count -= 64
    }
    return count
  }

  /// Whether a candidate is nearly the same picture as one that is answered or waits in the queue.
  func isRepeat(_ id: Int64) throws -> Bool {
    guard let cosine = settings.choice.duplicateCosine else { return false }
    let insight = try currentInsight()
    guard let feature = try insight.feature(of: id) else { return false }
    if insight.isAnswered(feature, cosine: Double(cosine), except: id) { return true }
    let queued = try insight.examples(of: store.queuedIDs())
    return queued.nearest(to: feature, limit: 1, except: id)
      .contains { $0.cosine >= Double(cosine) }
  }
}

/// The best of the pool, without those nearly the same picture as one that is answered, waits in the
/// queue or stands before it.
private struct Shortlist {
  /// The best first.
  private(set) var candidates: [Int64] = []
  /// The standardised mean feature of each, `[candidates, features]`.
  private(set) var values: [Float] = []
  /// What the model says of the patches of each.
  private(set) var probabilities: [[Float]] = []
  /// Those left out for being nearly the same, the best first.
  private(set) var repeats: [Int64] = []

  /// At most `limit` candidates of the pool of `device`.
  ///
  /// - Complexity: O(candidates looked at × (labels + limit) × features).
  init(of device: Device, limit: Int) throws {
    let insight = try device.currentInsight()
    let dimension = device.judge.featureCount
    let cosine = device.settings.choice.duplicateCosine.map { Double($0) }
    var taken = try insight.examples(of: device.store.queuedIDs())
    let isRepeat = { (feature: [Float], taken: LabelledExamples) in
      guard let cosine else { return false }
      return insight.isAnswered(feature, cosine: cosine)
        || taken.nearest(to: feature, limit: 1).contains { $0.cosine >= cosine }
    }
    var ranked = device.store.rankedSamples(bodySHA256: device.judge.bodySHA256)
    while candidates.count < limit, let chunk = try ranked.next() {
      for sample in chunk where candidates.count < limit {
        let id = sample.prediction.candidateID
        let feature = meanFeature(sample.features.values, dimension: dimension)
        guard !isRepeat(feature, taken) else {
          repeats.append(id)
          continue
        }
        candidates.append(id)
        values += insight.examples.moments.standardised(feature)
        probabilities.append(sample.prediction.probabilities)
        taken.add(candidate: id, label: 0, feature: feature)
      }
    }
  }
}

extension StoreInsight {
  /// Candidates as examples without a class, on the scale of those that have one.
  fileprivate func examples(of candidates: [Int64]) throws -> LabelledExamples {
    var examples = LabelledExamples(moments: examples.moments)
    for candidate in candidates {
      guard let feature = try feature(of: candidate) else { continue }
      examples.add(candidate: candidate, label: 0, feature: feature)
    }
    return examples
  }
}
