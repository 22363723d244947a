/// Why a fine-tune cannot begin, go on or be resumed.
package enum TrainingError: Error, Hashable, Sendable {
  /// There is no new label.
  case nothingNew
  /// A sample's features do not fill its patches.
  case featureCount(candidate: Int64, found: Int, patches: Int, featureCount: Int)
  /// A sample's label is no class of the head.
  case unknownLabel(candidate: Int64, label: Int, classes: Int)
  /// A feature is infinite or not a number, or the weight is not above 0.
  case notFinite(candidate: Int64)
  /// The scaling was made for features of another length.
  case scaling(found: Int, expected: Int)
  /// The new labels alone need more memory than there is.
  case overBudget(needed: Int, available: Int, samples: Int)
  /// The weights grew beyond all bounds.
  case diverged(epoch: Int, learningRate: Float)
  /// The caller wanted it to end early.
  case interrupted(epoch: Int)
  /// Settings with which nothing can be trained.
  case settings(problem: String)
  /// A checkpoint's bytes are torn or not one.
  case checkpointBytes(problem: String)
  /// A checkpoint belongs to another head, other samples or other settings.
  case checkpointOfAnother
}

extension TrainingError: CustomStringConvertible {
  /// What was found, what was expected, and what to do.
  package var description: String {
    switch self {
    case .nothingNew:
      "a fine-tune needs at least one new label that is not held out, found none; label more photos"
    case .featureCount(let candidate, let found, let patches, let featureCount):
      "candidate \(candidate) has \(found) features, its \(patches) patches of \(featureCount) need "
        + "\(patches * featureCount); compute its features again with this model"
    case .unknownLabel(let candidate, let label, let classes):
      "candidate \(candidate) has label \(label), the head has classes 0 to \(classes - 1); "
        + "add the class to the head or undo the label"
    case .notFinite(let candidate):
      "candidate \(candidate) has a feature or weight that is not a usable number; compute its "
        + "features again"
    case .scaling(let found, let expected):
      "the feature scaling has \(found) numbers, the head reads \(expected); measure it again on the "
        + "pool with this model"
    case .overBudget(let needed, let available, let samples):
      "training on \(samples) new labels needs \(needed) B, \(available) B are allowed; set the "
        + "training budget to at least \(needed) or train in smaller rounds"
    case .diverged(let epoch, let learningRate):
      "the weights left all bounds in epoch \(epoch) at learning rate \(learningRate); the head is "
        + "unchanged: halve the learning rate"
    case .interrupted(let epoch):
      "the fine-tune was ended after \(epoch) epochs; the head is unchanged, and the same labels are "
        + "learned from at the next start"
    case .settings(let problem):
      problem
    case .checkpointBytes(let problem):
      "the fine-tune's checkpoint cannot be read: \(problem); start the fine-tune anew"
    case .checkpointOfAnother:
      "the checkpoint was made with another head, other labels or other settings; start the "
        + "fine-tune anew"
    }
  }
}
