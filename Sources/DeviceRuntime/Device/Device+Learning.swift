import ActiveLearning
import Board
import Graph
import Inference
import Logging
import SampleStore
import Training

extension Device {
  /// Learns if it is time to, and some of the new answers are labels; see `isLearningDue`.
  ///
  /// `begin` is called first if so. Returns whether a round was run.
  @discardableResult
  package func learnIfDue(begin: () -> Void = {}) throws -> Bool {
    guard try isLearningDue() else { return false }
    begin()
    hasNewAnswers = false
    unlearnedCount = nil
    insight = nil
    postponed = []
    hasNews = true
    do {
      let hasLearned = try learnFromNewLabels()
      if stream != nil, currentQuestion == nil { _ = try requeueSkipped() }
      return hasLearned
    } catch TrainingError.interrupted {
      hasNewAnswers = true
      return false
    } catch {
      hasNewAnswers = true
      learnAgainNanoseconds = clock.monotonicNanoseconds + 60_000_000_000
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

  /// Adds all labelled candidates in the order of their labels; new are those that came after the
  /// last round.
  private func addLabels(to round: inout LearningRound) throws {
    let lastRound = try lastRoundSequence()
    let positions = Dictionary(uniqueKeysWithValues: classes.map { ($0.id, $0.position) })
    var samples = store.labelledSamples(bodySHA256: judge.bodySHA256)
    while let chunk = try samples.next() {
      madeProgress()
      for sample in chunk {
        guard let position = positions[sample.classID] else { continue }
        round.add(
          TrainingSample(
            candidate: sample.candidateID, label: position, features: sample.features.values,
            patches: sample.features.patches), isNew: sample.labelSequence > lastRound,
          isHeldOut: sample.isAudit)
      }
    }
  }

  private func learn(_ round: LearningRound) throws {
    let trained = round.count - round.heldOutCount
    notice(
      "Learning from \(trained) labels, \(round.newCount) of them new; \(round.heldOutCount) audit "
        + "labels judge what comes of it.")
    let seed = settings.seed &+ UInt64(round.count)
    let outcome = try round.run(scaling: try featureScaling(), seed: seed) {
      madeProgress()
      return shouldStop()
    }
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

  /// Gives back what a resting device does not need: the weights' pages, the store's cache, free heap, code
  /// that only starting and working use. All of it comes back by itself.
  func releaseIdleMemory() {
    network.releasePages()
    store.releaseMemory()
    ProcessMemory.releaseIdle()
  }

  /// Scores the pool with the new head, then makes it the active one: first the slot, then the store.
  func activate(_ record: ModelRecord, file: LoamFile, head: Head) throws {
    let change = try rescore(model: record.id, head: head)
    try slots.activate(file.path)
    try store.activateModel(record.id, change: change)
    network = try file.network()
    network.releasePages()
    self.head = head
    model = try store.activeModel() ?? record
    try refreshStream()
    if currentQuestion != nil { _ = try loadQuestion() }
  }

  /// What `head` says of every candidate, from stored features; no photo is decoded.
  ///
  /// Labelled ones are scored too: audits measure the model, and the latest captures the stream. They
  /// are no part of the change that is returned, `nil` without a candidate that waits for a label.
  private func rescore(model id: Int64, head: Head) throws -> PoolChange? {
    let start = clock.monotonicNanoseconds
    var tally = PoolTally()
    var count = 0
    var samples = store.poolSamples(
      bodySHA256: judge.bodySHA256, states: [.pool, .queued, .skipped, .unsure, .labelled])
    while let chunk = try samples.next() {
      let predictions = chunk.map { sample in
        Self.prediction(
          of: sample.candidateID, sample.features, head: head, settings: settings)
      }
      for (sample, prediction) in zip(chunk, predictions) where sample.state != .labelled {
        let before = self.head.probabilities(
          sample.features.values.span, count: sample.features.patches)
        tally.add(
          before: Prediction.meanOfPatches(before, classCount: self.head.classes.count),
          after: prediction.mean)
      }
      try store.save(predictions, model: id)
      count += chunk.count
      madeProgress()
    }
    let milliseconds = (clock.monotonicNanoseconds - start) / 1_000_000
    log.info("rescored", metadata: ["candidates": "\(count)", "milliseconds": "\(milliseconds)"])
    return tally.change
  }

  /// Mean and deviation of every feature over all that the store has seen.
  private func featureScaling() throws -> FeatureScaling {
    var measurement = FeatureScaling.Measurement(featureCount: judge.featureCount)
    var samples = store.poolSamples(
      bodySHA256: judge.bodySHA256, states: [.pool, .queued, .skipped, .unsure, .labelled])
    while let chunk = try samples.next() {
      madeProgress()
      for sample in chunk { measurement.add(sample.features.values.span) }
    }
    return measurement.scaling
  }
}

/// Adds up what a new head changes in what is said of the pool.
private struct PoolTally {
  private var count = 0
  private var changed = 0
  private var before = 0.0
  private var after = 0.0

  mutating func add(before: Prediction.Mean, after: Prediction.Mean) {
    count += 1
    if before.best != after.best { changed += 1 }
    self.before += Double(before.probabilities[before.best])
    self.after += Double(after.probabilities[after.best])
  }

  var change: PoolChange? {
    guard count > 0 else { return nil }
    let total = Double(count)
    return PoolChange(
      changedShare: Double(changed) / total, expectedBefore: before / total,
      expectedAfter: after / total)
  }
}
