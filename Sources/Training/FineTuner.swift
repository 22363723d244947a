package import Inference
package import Kernels

/// A trained head and how it came about.
package struct FineTuneResult: Equatable, Sendable {
  package var head: Head
  /// New samples trained on.
  package var newSamples: Int
  /// Old samples trained on again.
  package var replayed: Int
  /// Old samples the head was already sure of and right about.
  package var easy: Int
  /// Old samples that were hard but did not fit the budget.
  package var crowdedOut: Int
  package var epochs: Int
  package var steps: Int
  /// Mean loss over the first and the last epoch, while its weights changed.
  package var firstLoss: Float
  package var lastLoss: Float
  /// Bytes the fine-tune took by `memoryNeeded`.
  package var byteCount: Int
}

/// Trains a head further: from its current weights, on the new labels and the hard old ones.
///
/// Softmax regression on stored features by momentum gradient descent, in fp32 and in one order of
/// summation: the same bytes on every CPU.
///
/// - Source: ACFT(HQ) in Zhou et al., Medical Image Analysis 71, 2021.
package struct FineTuner: Sendable {
  package var settings: FineTuneSettings
  private let kernels: KernelSet

  /// A fine-tuner; `kernels` is for tests that compare variants.
  package init(_ settings: FineTuneSettings = .init(), kernels: KernelSet = .chosen) {
    self.settings = settings
    self.kernels = kernels
  }

  /// Trains `head` to the end.
  ///
  /// `isInterrupted` is asked after each epoch.
  ///
  /// - Throws: `TrainingError` if a sample does not fit the head, the new labels alone exceed the
  ///   byte budget, the weights diverge or `isInterrupted` says so; `head` is unchanged in any case.
  /// - Complexity: O(epochs × patches × classes × features).
  package func fineTune(
    head: Head, new: [TrainingSample], old: [TrainingSample], scaling: FeatureScaling,
    isInterrupted: () -> Bool = { false }
  ) throws(TrainingError) -> FineTuneResult {
    let plan = try plan(head: head, new: new, old: old, scaling: scaling)
    var run = plan.run
    while !run.isFinished {
      try run.runEpoch()
      if isInterrupted() { throw .interrupted(epoch: run.epoch) }
    }
    return result(of: run, plan)
  }

  /// A fine-tune ready to run an epoch at a time, and what it was made of.
  package struct Plan: Sendable {
    package var run: FineTuneRun
    package var newSamples: Int
    package var replayed: Int
    package var easy: Int
    package var crowdedOut: Int
    package var byteCount: Int
  }

  /// Checks everything and chooses the replay; nothing is trained yet.
  ///
  /// The plan depends on the arguments and settings alone, so that after a power cut the same
  /// arguments give the plan whose `run` resumes the checkpoint.
  package func plan(
    head: Head, new: [TrainingSample], old: [TrainingSample], scaling: FeatureScaling
  ) throws(TrainingError) -> Plan {
    if let problem = settings.problem { throw .settings(problem: problem) }
    if new.isEmpty { throw .nothingNew }
    guard scaling.featureCount == head.featureCount else {
      throw .scaling(found: scaling.featureCount, expected: head.featureCount)
    }
    for sample in new { try check(sample, head) }
    for sample in old { try check(sample, head) }
    let needed = new.reduce(
      fixedBytes(
        featureCount: head.featureCount, classes: head.classes.count, settings: settings)
    ) { $0 + byteCount(of: $1) }
    guard needed <= settings.byteBudget else {
      throw .overBudget(needed: needed, available: settings.byteBudget, samples: new.count)
    }
    var replay = Replay(
      head: head, confidence: settings.replayConfidence,
      byteBudget: settings.byteBudget - needed, seed: settings.seed)
    for sample in old { replay.offer(sample) }
    let replayed = replay.samples
    return Plan(
      run: FineTuneRun(
        head: head, samples: replayed + new, scaling: scaling, settings: settings,
        kernels: kernels),
      newSamples: new.count, replayed: replayed.count, easy: replay.easy,
      crowdedOut: replay.crowdedOut,
      byteCount: replayed.reduce(needed) { $0 + byteCount(of: $1) })
  }

  /// The result of a finished `run` that began as `plan`.
  package func result(of run: FineTuneRun, _ plan: Plan) -> FineTuneResult {
    let progress = run.progress
    return FineTuneResult(
      head: run.head, newSamples: plan.newSamples, replayed: plan.replayed, easy: plan.easy,
      crowdedOut: plan.crowdedOut, epochs: run.epoch, steps: progress.steps,
      firstLoss: progress.firstLoss, lastLoss: progress.lastLoss, byteCount: plan.byteCount)
  }

  /// Whether `sample` fits `head`.
  private func check(_ sample: TrainingSample, _ head: Head) throws(TrainingError) {
    guard head.classes.indices.contains(sample.label) else {
      throw .unknownLabel(
        candidate: sample.candidate, label: sample.label, classes: head.classes.count)
    }
    guard sample.patches >= 1, sample.features.count == sample.patches * head.featureCount else {
      throw .featureCount(
        candidate: sample.candidate, found: sample.features.count, patches: sample.patches,
        featureCount: head.featureCount)
    }
    guard sample.features.allSatisfy(\.isFinite), sample.weight > 0, sample.weight.isFinite else {
      throw .notFinite(candidate: sample.candidate)
    }
  }
}
