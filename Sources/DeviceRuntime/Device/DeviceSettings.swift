package import ActiveLearning
package import Imaging
package import Training

/// How a device behaves.
package struct DeviceSettings: Sendable {
  /// Patches of a photo and how they are cut.
  package var patches = PatchSettings()
  /// What makes a candidate worth a label.
  package var criterion = CriterionSettings()
  /// How a batch is taken from the scored candidates.
  package var batching = BatchSettings()
  /// Questions of a round, at least 1.
  package var batch = 12
  /// Captures that must be there before the first question.
  package var askAfter = 24
  /// Answers after which no more is asked.
  package var labelBudget = 1000
  /// How the head is fine-tuned.
  package var training = FineTuneSettings()
  /// Bytes the process may use at its peak.
  package var memoryBudget = 96 << 20
  /// What may be spent on one photo.
  package var decoding = DecodeLimits(
    pixelCount: 50_000_000, fileByteCount: 32 << 20, coefficientByteCount: 16 << 20)
  /// Who answers at the console, for the record.
  package var operatorName = "console"
  /// Decides patches, cold start and the order of training samples.
  package var seed: UInt64 = 1

  /// The defaults.
  package init() {}

  /// When asking has done its work, besides the label budget.
  package var stopRules: [StopRule] {
    [
      .labelBudget(labels: labelBudget), .operatorUnsure(share: 0.8, last: 2 * batch),
      .alreadyRight(count: 3 * batch - max(1, batch / 6), last: 3 * batch),
    ]
  }
}
