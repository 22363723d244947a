package import ActiveLearning
package import Imaging
package import Training

/// How a device behaves.
package struct DeviceSettings: Sendable {
  /// Patches of a photo and how they are cut.
  package var patches = PatchSettings()
  /// How questions are chosen; `Docs/selection.md` has the evidence.
  package var choice = LoamSettings()
  /// How the entropy and diversity that are shown with a question are computed.
  package var criterion = CriterionSettings(lambda2: 0.1)
  /// Questions of a round, at least 1.
  package var batch = 12
  /// Questions of the first round, which features alone choose. More of them make a head whose scores
  /// mean something: on solar cells (12 seeds) 24 gave 82.7 % on average over the rounds, 12 gave 81.9.
  package var firstBatch = 24
  /// Captures that must be there before the first question.
  package var askAfter = 24
  /// A batch is chosen from at least this many times as many captures, so that there is a choice; from
  /// fewer when no capture has come for `pause`; 1 takes whatever is there.
  package var chooseFrom = 3
  /// Answers after which no more is asked.
  package var labelBudget = 1000
  /// When a photo counts as unlike anything labelled.
  package var novelty = NoveltyRule()
  /// When a label is asked once more.
  package var doubt = DoubtRule()
  /// Share of the captures that are kept apart, and of the questions that go to them, to measure
  /// accuracy on; 0...0.5.
  package var auditShare = 0.1
  /// How the head is fine-tuned.
  package var training = FineTuneSettings()
  /// Threads that share a photo.
  package var threads = 1
  /// Bytes the process may use at its peak.
  package var memoryBudget = 96 << 20
  /// Whether a device whose store has a model starts although the one given cannot be used.
  package var toleratesOtherModel = false
  /// Bytes that the camera's pictures in flight and a PIN that is checked may take besides.
  package var cameraByteCount = 0
  package var loginByteCount = 0
  /// Most bytes of photos that the store keeps; `nil` for as many as the disk holds.
  package var diskQuota: Int?
  /// Bytes of the disk that stay free.
  package var diskReserve = 64 << 20
  /// What may be spent on one photo.
  package var decoding = DecodeLimits(
    pixelCount: 50_000_000, fileByteCount: 12 << 20, coefficientByteCount: 16 << 20)
  /// Questions that may be asked in a time, judged capture by capture; `nil` asks in batches.
  package var rate: AskRate?
  /// How long after the last capture a batch is chosen from what there is, and, with a rate, how long
  /// after the last answer labels are learned from though no batch is full.
  package var pause = Duration.seconds(600)
  /// Wishes about the stop rules, the later of which win.
  package var stopChanges: [StopChange] = []
  /// Who answers at the console, for the record.
  package var operatorName = "console"
  /// Decides patches, cold start and the order of training samples.
  package var seed: UInt64 = 1

  /// The defaults.
  package init() {}

  /// When asking has done its work.
  package var stopRules: [StopRule] {
    // A few answers in a row say nothing, however small the batch.
    let hard = max(18, 3 * batch)
    let usual: [StopRule] = [
      .labelBudget(labels: labelBudget), .operatorUnsure(share: 0.8, last: max(10, 2 * batch)),
      .alreadyRight(count: hard - max(1, hard / 18), last: hard),
    ]
    return usual.applying(stopChanges)
  }

  /// Answers after which no more is asked; `nil` if that rule is switched off.
  var answerLimit: Int? {
    for case .labelBudget(let labels) in stopRules { return labels }
    return nil
  }
}
