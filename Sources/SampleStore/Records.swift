/// A time of day that says whether its clock was right. Order never comes from it.
package struct Stamp: Hashable, Sendable, Codable {
  /// Milliseconds since 1970-01-01 UTC.
  package var unixMilliseconds: Int64
  /// Whether the clock was trusted when it was read.
  package var clockTrusted: Bool

  /// A reading of the clock.
  package init(unixMilliseconds: Int64, clockTrusted: Bool) {
    self.unixMilliseconds = unixMilliseconds
    self.clockTrusted = clockTrusted
  }
}

/// Where an entry stands among all entries of the store, whatever the clock said.
package struct Place: Hashable, Sendable, Codable, Comparable {
  /// Unique in the store, and greater than that of all entries before.
  package var sequence: Int64
  /// How often the device had started.
  package var boot: Int64

  package static func < (a: Place, b: Place) -> Bool { a.sequence < b.sequence }
}

/// A photo to be stored.
package struct NewCapture: Hashable, Sendable {
  /// SHA-256 of the photo's bytes, lower-case hexadecimal; `nil` when it could not be read.
  package var sha256: String?
  /// Where it came from, for people.
  package var originalName: String
  package var byteCount: Int
  /// Extent in pixels after orientation; `nil` when the header could not be read.
  package var size: PixelSize?
  package var takenAt: Stamp

  /// A photo that came from `originalName`.
  package init(
    sha256: String?, originalName: String, byteCount: Int, size: PixelSize?, takenAt: Stamp
  ) {
    self.sha256 = sha256
    self.originalName = originalName
    self.byteCount = byteCount
    self.size = size
    self.takenAt = takenAt
  }
}

/// Extent of a photo.
package struct PixelSize: Hashable, Sendable, Codable {
  package var width: Int
  package var height: Int

  /// `width × height` pixels.
  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// A stored photo.
package struct CaptureRecord: Hashable, Sendable {
  package var id: Int64
  package var place: Place
  /// The subject it shows; `nil` for a photo that could not be used.
  package var candidateID: Int64?
  package var sha256: String?
  package var originalName: String
  package var byteCount: Int
  package var size: PixelSize?
  package var takenAt: Stamp
  /// Why it could not be used.
  package var failure: String?
}

/// What has become of a candidate.
package enum CandidateState: String, Hashable, Sendable, Codable, CaseIterable {
  /// Waits, and is scored again after each round.
  case pool
  /// Chosen to be asked.
  case queued
  case labelled, skipped, unsure
  /// Cannot be used.
  case failed
}

/// A subject that gets one label, with one or more captures.
package struct CandidateRecord: Hashable, Sendable {
  package var id: Int64
  package var place: Place
  package var state: CandidateState
  /// What captures taken together share, such as the name of a burst.
  package var group: String?
  /// Whether it is kept apart to measure accuracy on: never chosen by score, never learned from.
  package var isAudit: Bool
}

/// Features of the patches of one candidate.
package struct FeatureBlock: Hashable, Sendable {
  package var patches: Int
  /// Features of one patch.
  package var length: Int
  /// `[patches, length]`, row-major.
  package var values: [Float]

  /// `patches` rows of equal length; the store refuses a block whose count does not fit.
  package init(patches: Int, values: [Float]) {
    self.patches = patches
    length = patches > 0 ? values.count / patches : 0
    self.values = values
  }
}

/// A candidate to be stored with all that is known of it.
package struct NewCandidate: Hashable, Sendable {
  package var captures: [NewCapture]
  package var features: FeatureBlock
  /// Names the body that made the features.
  package var bodySHA256: String
  package var group: String?
  /// Whether it is kept apart to measure accuracy on.
  package var isAudit: Bool

  /// A candidate shown by `captures`, at least one.
  package init(
    captures: [NewCapture], features: FeatureBlock, bodySHA256: String, group: String? = nil,
    isAudit: Bool = false
  ) {
    self.captures = captures
    self.features = features
    self.bodySHA256 = bodySHA256
    self.group = group
    self.isAudit = isAudit
  }
}

/// What a model says of a candidate, and what that makes the candidate worth.
package struct Prediction: Hashable, Sendable {
  package var candidateID: Int64
  package var classCount: Int
  /// `[patches, classes]`, row-major.
  package var probabilities: [Float]
  package var entropy: Double
  package var diversity: Double
  package var score: Double
  /// Patches that majority selection kept.
  package var kept: [Int]

  /// A prediction; the store refuses one that is not finite.
  package init(
    candidateID: Int64, classCount: Int, probabilities: [Float], entropy: Double,
    diversity: Double, score: Double, kept: [Int]
  ) {
    self.candidateID = candidateID
    self.classCount = classCount
    self.probabilities = probabilities
    self.entropy = entropy
    self.diversity = diversity
    self.score = score
    self.kept = kept
  }
}

/// A candidate that waits for an answer.
package struct QueueEntry: Hashable, Sendable {
  package var candidate: CandidateRecord
  /// Its photos, in the order they were taken.
  package var captures: [CaptureRecord]
  /// What the active model says; `nil` when it has not been asked yet.
  package var prediction: Prediction?
}

/// A class that labels are given in.
package struct ClassRecord: Hashable, Sendable {
  package var id: Int64
  package var name: String
  /// Index among the classes, from 0; never changes.
  package var position: Int
  package var addedAt: Stamp
}

/// What an operator decided.
package enum LabelKind: String, Hashable, Sendable, Codable, CaseIterable {
  case label, skip, unsure
}

/// An operator's decision. Decisions are only ever added; one that was taken back is marked so.
package struct LabelRecord: Hashable, Sendable {
  package var id: Int64
  package var place: Place
  package var candidateID: Int64
  package var kind: LabelKind
  package var classID: Int64?
  package var className: String?
  package var operatorName: String
  package var at: Stamp
  /// When and by whom it was taken back; `nil` while it stands.
  package var undone: Undoing?

  /// The end of a decision.
  package struct Undoing: Hashable, Sendable {
    package var sequence: Int64
    package var by: String
    package var at: Stamp
  }
}

/// Proof that a decision is on the disk.
package struct LabelReceipt: Hashable, Sendable {
  package var labelID: Int64
  package var sequence: Int64
  package var candidateID: Int64
  package var kind: LabelKind
  package var className: String?
  /// Labels that stand, this one included; skips and unsure ones do not count.
  package var labelCount: Int
  /// Whether it was noted that this label is to be asked once more.
  package var isInDoubt: Bool
}

/// A labelled candidate, as training takes it.
package struct LabelledSample: Hashable, Sendable {
  package var labelID: Int64
  package var labelSequence: Int64
  package var candidateID: Int64
  package var classID: Int64
  package var className: String
  /// Whether its candidate is kept apart to measure accuracy on, so that nothing is learned from it.
  package var isAudit: Bool
  package var features: FeatureBlock
}

/// A candidate without a label, as scoring takes it.
package struct PoolSample: Hashable, Sendable {
  package var candidateID: Int64
  package var state: CandidateState
  /// Whether it is kept apart to measure accuracy on.
  package var isAudit: Bool
  package var features: FeatureBlock
}

/// A candidate of the pool, with what the active model says of it.
package struct RankedSample: Hashable, Sendable {
  package var prediction: Prediction
  package var features: FeatureBlock
}

/// A model to be entered.
package struct NewModel: Hashable, Sendable {
  package var sha256: String
  package var path: String
  package var parentID: Int64?
  package var bodySHA256: String
  /// Labels it learned from.
  package var labelCount: Int
  package var seed: UInt64
  package var accuracyBefore: Double?
  package var accuracyAfter: Double?
  /// What the gate decided, and why.
  package var accepted: Bool
  package var why: String

  /// A model in the file at `path`.
  package init(
    sha256: String, path: String, parentID: Int64? = nil, bodySHA256: String, labelCount: Int = 0,
    seed: UInt64 = 0, accuracyBefore: Double? = nil, accuracyAfter: Double? = nil,
    accepted: Bool, why: String
  ) {
    self.sha256 = sha256
    self.path = path
    self.parentID = parentID
    self.bodySHA256 = bodySHA256
    self.labelCount = labelCount
    self.seed = seed
    self.accuracyBefore = accuracyBefore
    self.accuracyAfter = accuracyAfter
    self.accepted = accepted
    self.why = why
  }
}

/// A model that was made or brought here.
package struct ModelRecord: Hashable, Sendable {
  package var id: Int64
  package var place: Place
  package var model: NewModel
  package var createdAt: Stamp
  package var isActive: Bool
  /// What making it active changed; `nil` if that is not known.
  package var change: PoolChange?
}

/// What a round changed in what is said of the candidates without a label.
package struct PoolChange: Hashable, Sendable {
  /// Share whose most probable class is another one.
  package var changedShare: Double
  /// Mean of the greatest probability, by the model before and by the new one.
  package var expectedBefore: Double
  package var expectedAfter: Double

  /// A change.
  package init(changedShare: Double, expectedBefore: Double, expectedAfter: Double) {
    self.changedShare = changedShare
    self.expectedBefore = expectedBefore
    self.expectedAfter = expectedAfter
  }
}

/// How much an event matters.
package enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
  case info, warning, error
}

/// Something that happened, kept for whoever looks after the device.
package struct EventRecord: Hashable, Sendable {
  package var id: Int64
  package var place: Place
  package var at: Stamp
  package var severity: Severity
  /// A word that programs can look for, such as `capture.failed`.
  package var kind: String
  package var message: String
}

/// How much of everything there is.
package struct StoreCounts: Hashable, Sendable {
  package var captures: Int
  /// Captures that could not be used.
  package var failedCaptures: Int
  package var candidates: [CandidateState: Int]
  /// Decisions that stand.
  package var decisions: [LabelKind: Int]
  /// Decisions that were taken back.
  package var undone: Int
  package var classes: Int
  package var models: Int
  package var events: [Severity: Int]
  package var boot: Int64

  /// Labels that stand.
  package var labels: Int { decisions[.label] ?? 0 }
  /// Candidates that wait for an answer.
  package var queued: Int { candidates[.queued] ?? 0 }
}
