package import Inference
package import Training

/// One round of learning on labels: fine-tune, then let the gate compare.
///
/// Labels are added one after the other, so that no more of the old ones is held than the budget
/// allows. The device and the random baseline of the demo go through this same code.
package struct LearningRound: Sendable {
  /// What a round gave.
  package struct Outcome: Sendable {
    package var verdict: Verdict
    /// The head that the gate accepted, or the one that it refused.
    package var head: Head
  }

  private let settings: FineTuneSettings
  private let current: Head
  private var replay: Replay
  private var new: [TrainingSample] = []
  private var heldOut: [TrainingSample] = []
  private var heldOutBytes = 0
  /// Labels added so far.
  package private(set) var count = 0
  /// Labels added so far that have not been trained on before, those held out aside.
  package var newCount: Int { new.count }
  /// Labels added so far that are held out for the gate.
  package private(set) var heldOutCount = 0

  /// A round that starts from `head`.
  package init(head: Head, settings: FineTuneSettings) {
    self.settings = settings
    current = head
    replay = Replay(
      head: head, confidence: settings.replayConfidence, byteBudget: settings.byteBudget / 2,
      seed: settings.seed)
  }

  /// Adds a label; call in the order in which labels were given, with all that stand.
  ///
  /// One that `isHeldOut`, an audit label, is what the gate compares by and is never trained on.
  package mutating func add(_ sample: TrainingSample, isNew: Bool, isHeldOut: Bool) {
    if isHeldOut {
      heldOut.append(sample)
      heldOutCount += 1
      heldOutBytes += byteCount(of: sample)
      // The latest judge; an eighth of the budget holds 200 of 8 patches and 1,280 features.
      while heldOutBytes > settings.byteBudget / 8, heldOut.count > 1 {
        heldOutBytes -= byteCount(of: heldOut.removeFirst())
      }
    } else if isNew {
      new.append(sample)
    } else {
      replay.offer(sample)
    }
    count += 1
  }

  /// Whether there is a new label to train on.
  package var hasNews: Bool { !new.isEmpty }

  /// Fine-tunes on the new labels and the hard old ones, and compares on those held out.
  ///
  /// `isInterrupted` is asked after each epoch; then `TrainingError.interrupted` is thrown.
  package func run(
    scaling: FeatureScaling, seed: UInt64, isInterrupted: () -> Bool = { false }
  ) throws(TrainingError) -> Outcome {
    var settings = settings
    settings.seed = seed
    let result = try FineTuner(settings).fineTune(
      head: current, new: new, old: replay.samples, scaling: scaling, isInterrupted: isInterrupted)
    let (head, verdict) = Gate.choose(current: current, proposed: result.head, heldOut: heldOut)
    return Outcome(verdict: verdict, head: verdict.accepted ? head : result.head)
  }
}

extension Head {
  /// The head with outputs for classes it does not know yet, which start at zero.
  package func extended(to classes: [String]) -> Head {
    let added = classes.count - self.classes.count
    guard added > 0 else { return self }
    return Head(
      classes: classes, featureCount: featureCount,
      weights: weights + [Float](repeating: 0, count: added * featureCount),
      bias: bias + [Float](repeating: 0, count: added))
  }
}
