import ActiveLearning
import FoundationEssentials
import SampleStore
import Training

/// Makes a report of a store, also while a device writes to it.
package struct ReportReader {
  /// Folds in which labels are judged by heads that have not seen them.
  static let folds = 5
  /// Labels below which nothing is said of their noise.
  static let leastLabels = 20
  /// Photos unlike anything labelled that are listed.
  static let shownUnknown = 20

  private let store: SampleStore
  private let byteBudget: Int
  private let classes: [ClassRecord]

  /// A reader of the store in `folder` that holds at most about `byteBudget` bytes of features.
  package init(folder: String, byteBudget: Int) throws {
    store = try SampleStore.openReadOnly(folder)
    self.byteBudget = byteBudget
    classes = try store.classes()
  }

  /// The report, with every decision if `history` says so.
  package func report(history: Bool) throws -> StoreReport {
    let counts = try store.counts()
    let model = try store.activeModel()
    let labels = try store.activeLabels()
    var report = StoreReport(
      counts: StoreReport.Counts(
        captures: counts.captures, failed_captures: counts.failedCaptures,
        pool: counts.candidates[.pool] ?? 0, queue: counts.queued, labels: counts.labels,
        unsure: counts.decisions[.unsure] ?? 0, skipped: counts.decisions[.skip] ?? 0,
        undone: counts.undone),
      labels_per_class: classes.map { known in
        .init(name: known.name, labels: labels.count { $0.classID == known.id })
      },
      model: model?.id, accuracy: .init(audit: try audit(), gate: model?.model.accuracyAfter),
      contradictions: [],
      asked_again: try rechecks(), unlike_anything_labelled: [])
    if history { report.history = try decisions() }
    guard let body = model?.model.bodySHA256, let featureCount = try featureCount(body),
      labels.count >= Self.leastLabels
    else {
      report.noise_missing =
        "\(labels.count) labels are too few to judge; give at least \(Self.leastLabels)"
      return report
    }
    try addNoise(to: &report, body: body, featureCount: featureCount, labels: labels.count)
    let insight = try StoreInsight(
      store: store, bodySHA256: body, featureCount: featureCount, byteBudget: byteBudget / 2)
    report.contradictions = try insight.examples
      .contradictingPairs(cosine: DoubtRule().twinCosine)
      .map {
        .init(cosine: $0.0.cosine, first: try labelled($0.0), second: try labelled($0.1))
      }
    report.unlike_anything_labelled = try insight.mostNovel(Self.shownUnknown).map {
      .init(
        candidate: $0.candidate, photo: try photo($0.candidate), distance: $0.novelty.distance,
        limit: $0.novelty.limit)
    }
    return report
  }

  // MARK: Noise

  private func addNoise(
    to report: inout StoreReport, body: String, featureCount: Int, labels: Int
  ) throws {
    let start = ContinuousClock.now
    var settings = FineTuneSettings()
    settings.byteBudget = byteBudget
    let (samples, scaling, patches) = try samples(
      body: body, featureCount: featureCount, labels: labels)
    let probabilities: [[Double]]
    do throws(TrainingError) {
      probabilities = try CrossFitting(settings: settings, folds: Self.folds).probabilities(
        of: samples, classes: classes.map(\.name), scaling: scaling)
    } catch {
      report.noise_missing = "\(error)"
      return
    }
    let given = samples.map(\.label)
    let estimate = suspects(labels: given, probabilities: probabilities, classes: classes.count)
    let right = zip(given, probabilities).count { label, row in
      row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 } == label
    }
    report.accuracy.cross_fitted = Double(right) / Double(max(1, given.count))
    report.noise = StoreReport.Noise(
      share: estimate.noiseShare, labels: given.count, folds: min(Self.folds, given.count),
      patches: patches, seconds: (ContinuousClock.now - start) / .seconds(1),
      confident_joint: estimate.confidentJoint,
      suspects: try estimate.suspects.map { suspect in
        .init(
          candidate: samples[suspect.index].candidate,
          photo: try photo(samples[suspect.index].candidate), given: name(suspect.given),
          suggested: name(suspect.suggested), probability: suspect.probability,
          margin: suspect.margin)
      })
  }

  /// All labelled candidates, each with as many of its first patches as half the memory allows, and
  /// the scaling of their features.
  private func samples(
    body: String, featureCount: Int, labels: Int
  ) throws -> ([TrainingSample], FeatureScaling, patches: Int) {
    let most = max(1, byteBudget / 2 / max(1, labels * featureCount * 4))
    let positions = Dictionary(uniqueKeysWithValues: classes.map { ($0.id, $0.position) })
    var measurement = FeatureScaling.Measurement(featureCount: featureCount)
    var result: [TrainingSample] = []
    var used = 0
    var labelled = store.labelledSamples(bodySHA256: body)
    while let chunk = try labelled.next() {
      for sample in chunk {
        guard let position = positions[sample.classID] else { continue }
        let patches = min(most, sample.features.patches)
        used = max(used, patches)
        let features = Array(sample.features.values.prefix(patches * featureCount))
        measurement.add(features.span)
        result.append(
          TrainingSample(
            candidate: sample.candidateID, label: position, features: features, patches: patches))
      }
    }
    return (result, measurement.scaling, used)
  }

  // MARK: Rows

  /// Numbers in a feature; `nil` while there is none.
  private func featureCount(_ body: String) throws -> Int? {
    var samples = store.poolSamples(
      bodySHA256: body, states: Set(CandidateState.allCases), chunk: 1)
    return try samples.next()?.first?.features.length
  }

  /// `nil` until an audit has been labelled after the model had learned something.
  private func audit() throws -> StoreReport.Audit? {
    let estimate = try store.auditCounts().estimate
    guard estimate.count > 0 else { return nil }
    return .init(
      right: estimate.right, labels: estimate.count, low: estimate.low, high: estimate.high)
  }

  private func rechecks() throws -> [StoreReport.Recheck] {
    let all = try store.labelHistory()
    return try store.rechecks().map { recheck in
      let answer = all.first { $0.id == recheck.answerID }
      return .init(
        candidate: recheck.candidateID, first: recheck.className, reason: recheck.reason,
        second: answer.map { $0.className ?? $0.kind.rawValue })
    }
  }

  private func decisions() throws -> [StoreReport.Decision] {
    try store.labelHistory().map { label in
      .init(
        candidate: label.candidateID, photo: try photo(label.candidateID),
        kind: label.kind.rawValue, name: label.className, by: label.operatorName,
        at: time(label.at), clock_trusted: label.at.clockTrusted, undone_by: label.undone?.by,
        undone_at: label.undone.map { time($0.at) })
    }
  }

  private func labelled(_ example: LabelledExamples.Neighbour) throws -> StoreReport.Labelled {
    .init(
      candidate: example.candidate, photo: try photo(example.candidate), name: name(example.label))
  }

  private func name(_ position: Int) -> String {
    classes.first { $0.position == position }?.name ?? "?"
  }

  private func photo(_ candidate: Int64) throws -> String {
    try store.captures(of: candidate).first?.originalName ?? "?"
  }

  private func time(_ stamp: Stamp) -> String {
    Date(timeIntervalSince1970: Double(stamp.unixMilliseconds) / 1000).ISO8601Format()
  }
}
