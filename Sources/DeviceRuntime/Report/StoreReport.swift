/// What a store tells of its labels: how many, how good, which ones are doubtful.
package struct StoreReport: Codable, Sendable {
  /// How much of everything there is.
  package struct Counts: Codable, Sendable {
    package var captures: Int
    package var failed_captures: Int
    package var pool: Int
    package var queue: Int
    package var labels: Int
    package var unsure: Int
    package var skipped: Int
    package var undone: Int
  }

  /// A class and the labels that stand for it.
  package struct ClassCount: Codable, Sendable {
    package var name: String
    package var labels: Int

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case labels
    }
  }

  /// Right answers of a random sample, with the ends of the interval that holds the share at 95 %.
  package struct Audit: Codable, Sendable {
    package var right: Int
    package var labels: Int
    package var low: Double
    package var high: Double
  }

  /// Shares of right answers, each with what it was measured on.
  package struct Accuracy: Codable, Sendable {
    /// Of the active model, on photos drawn at random: what it is worth on what the camera sees.
    package var audit: Audit?
    /// Of the active model when its gate let it through, on the audit labels that there were then.
    package var gate: Double?
    /// Of heads that had not seen the labels, over all labels. Those were chosen as hard ones, so that
    /// the share over all photos is likely higher.
    package var cross_fitted: Double?
  }

  /// A labelled candidate.
  package struct Labelled: Codable, Sendable {
    package var candidate: Int64
    package var photo: String
    package var name: String

    private enum CodingKeys: String, CodingKey {
      case candidate, photo
      case name = "class"
    }
  }

  /// A label that is likely wrong.
  package struct Suspect: Codable, Sendable {
    package var candidate: Int64
    package var photo: String
    package var given: String
    package var suggested: String
    /// Out of sample: of the given class, and less that of the most probable other one.
    package var probability: Double
    package var margin: Double
  }

  /// The estimate of label noise, and how it was made.
  package struct Noise: Codable, Sendable {
    /// Estimated share of the labels that are wrong.
    package var share: Double
    package var labels: Int
    package var folds: Int
    /// Patches of each photo that were used; the memory allowed decides.
    package var patches: Int
    package var seconds: Double
    package var confident_joint: [[Int]]
    package var suspects: [Suspect]
  }

  /// Two photos that look nearly the same and are labelled differently.
  package struct Contradiction: Codable, Sendable {
    package var cosine: Double
    package var first: Labelled
    package var second: Labelled
  }

  /// A label that was asked once more.
  package struct Recheck: Codable, Sendable {
    package var candidate: Int64
    package var first: String
    package var reason: String
    /// The second answer: a class, `unsure` or `skip`; `nil` while it is awaited.
    package var second: String?
  }

  /// A waiting photo that is unlike anything labelled.
  package struct Unknown: Codable, Sendable {
    package var candidate: Int64
    package var photo: String
    package var distance: Double
    package var limit: Double?
  }

  /// A decision, whether it stands or not.
  package struct Decision: Codable, Sendable {
    package var candidate: Int64
    package var photo: String
    package var kind: String
    package var name: String?
    package var by: String
    /// ISO 8601, UTC; only as right as the clock was.
    package var at: String
    package var clock_trusted: Bool
    package var undone_by: String?
    package var undone_at: String?

    private enum CodingKeys: String, CodingKey {
      case candidate, photo, kind, by, at, clock_trusted, undone_by, undone_at
      case name = "class"
    }
  }

  package var counts: Counts
  package var labels_per_class: [ClassCount]
  package var model: Int64?
  package var accuracy: Accuracy
  /// `nil` with too few labels, as `noise_missing` says.
  package var noise: Noise?
  package var noise_missing: String?
  package var contradictions: [Contradiction]
  package var asked_again: [Recheck]
  package var unlike_anything_labelled: [Unknown]
  /// Every decision ever made, oldest first, if it was asked for.
  package var history: [Decision]?
}
