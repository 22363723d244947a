import ActiveLearning
import Graph
import Inference
import Logging
import SampleStore
import Training

extension Device {
  /// Learns if it is time to: every question of the batch has an answer, and some are labels.
  ///
  /// Returns whether a round was run.
  @discardableResult
  package func learnIfDue() throws -> Bool {
    guard hasNewAnswers, currentQuestion == nil, try store.counts().queued == 0 else {
      return false
    }
    hasNewAnswers = false
    hasNews = true
    do {
      return try learnFromNewLabels()
    } catch {
      hasNewAnswers = true
      throw error
    }
  }

  private func learnFromNewLabels() throws -> Bool {
    let current = head.extended(to: classes.map(\.name))
    var round = LearningRound(head: current, settings: settings.training)
    try addLabels(to: &round)
    if round.hasNews { try learn(round) }
    applyStopRules()
    return round.hasNews
  }

  private func applyStopRules() {
    guard let counts = try? store.counts() else { return }
    history.labels = counts.labels + (counts.decisions[.unsure] ?? 0)
    if let decision = stopDecision(settings.stopRules, history: history) { stop(decision.reason) }
  }

  /// Adds all labelled candidates in the order of their labels; new are those that came after the
  /// last round.
  private func addLabels(to round: inout LearningRound) throws {
    // A model that was accepted but never made active, for a power cut came between, did not learn.
    let lastRound =
      try store.models().last { $0.isActive || !$0.model.accepted }?.place.sequence ?? 0
    let positions = Dictionary(uniqueKeysWithValues: classes.map { ($0.id, $0.position) })
    var samples = store.labelledSamples(bodySHA256: judge.bodySHA256)
    while let chunk = try samples.next() {
      for sample in chunk {
        guard let position = positions[sample.classID] else { continue }
        round.add(
          TrainingSample(
            candidate: sample.candidateID, label: position, features: sample.features.values,
            patches: sample.features.patches), isNew: sample.labelSequence > lastRound)
      }
    }
  }

  private func learn(_ round: LearningRound) throws {
    notice("Learning from \(round.count) labels, \(round.newCount) of them new.")
    let seed = settings.seed &+ UInt64(round.count)
    let outcome = try round.run(scaling: try featureScaling(), seed: seed)
    let verdict = outcome.verdict
    let proposed = try network.replacingHead(
      classes: outcome.head.classes, weights: outcome.head.weights,
      bias: outcome.head.bias
    ) { lineage in
      lineage.parentSHA256 = model.model.sha256
      lineage.labels = round.count
      lineage.seed = seed
    }
    let path = try slots.stage(proposed)
    let file = try LoamFile.open(path)
    let record = try store.recordModel(
      NewModel(
        sha256: file.sha256, path: path, parentID: model.id, bodySHA256: judge.bodySHA256,
        labelCount: round.count, seed: seed, accuracyBefore: verdict.accuracyBefore,
        accuracyAfter: verdict.accuracyAfter, accepted: verdict.accepted, why: verdict.why),
      at: clock.stamp)
    log.info(
      "round", metadata: ["model": "\(record.id)", "accepted": "\(verdict.accepted)"])
    if verdict.accepted {
      try activate(record, file: file, head: outcome.head)
      notice("Model \(record.id) is active: \(verdict.why).")
    } else {
      notice("Model \(record.id) was not taken: \(verdict.why).")
    }
  }

  /// Scores the pool with the new head, then makes it the active one: first the slot, then the store.
  private func activate(_ record: ModelRecord, file: LoamFile, head: Head) throws {
    let (changed, total) = try rescore(model: record.id, head: head)
    try slots.activate(file.path)
    try store.activateModel(record.id)
    network = try file.network()
    self.head = head
    model = record
    if total > 0 { history.changedShares.append(Double(changed) / Double(total)) }
  }

  /// What `head` says of every unlabelled candidate, from stored features; no photo is decoded.
  ///
  /// Returns how many changed their class, and of how many.
  private func rescore(model id: Int64, head: Head) throws -> (changed: Int, total: Int) {
    var (changed, total) = (0, 0)
    var samples = store.poolSamples(
      bodySHA256: judge.bodySHA256, states: [.pool, .queued, .skipped, .unsure])
    while let chunk = try samples.next() {
      let predictions = chunk.map { sample in
        Self.prediction(
          of: sample.candidateID, sample.features, head: head, criterion: settings.criterion)
      }
      for (sample, prediction) in zip(chunk, predictions) {
        let before = Self.prediction(
          of: sample.candidateID, sample.features, head: self.head, criterion: settings.criterion)
        total += 1
        if before.mean.best != prediction.mean.best { changed += 1 }
      }
      try store.save(predictions, model: id)
    }
    return (changed, total)
  }

  /// Mean and deviation of every feature over all that the store has seen.
  private func featureScaling() throws -> FeatureScaling {
    var measurement = FeatureScaling.Measurement(featureCount: judge.featureCount)
    var samples = store.poolSamples(
      bodySHA256: judge.bodySHA256, states: [.pool, .queued, .skipped, .unsure, .labelled])
    while let chunk = try samples.next() {
      for sample in chunk { measurement.add(sample.features.values.span) }
    }
    return measurement.scaling
  }
}
