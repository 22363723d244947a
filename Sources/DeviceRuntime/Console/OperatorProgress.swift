package import ActiveLearning

/// How learning has gone, as the console shows it.
package struct OperatorProgress: Hashable, Sendable {
  /// One fine-tune.
  package struct Round: Hashable, Sendable {
    /// Number of the model that came of it.
    package var model: Int64
    /// Labels that it knew.
    package var labels: Int
    /// Shares of the audit labels that the gate measured before and after; `nil` where there were none.
    package var before: Double?
    package var after: Double?
    /// Whether the gate took it.
    package var isAccepted: Bool

    /// A round.
    package init(
      model: Int64, labels: Int, before: Double? = nil, after: Double? = nil, isAccepted: Bool
    ) {
      self.model = model
      self.labels = labels
      self.before = before
      self.after = after
      self.isAccepted = isAccepted
    }
  }

  /// Labels that stand.
  package var labels: Int
  /// All rounds, oldest first.
  package var rounds: [Round]
  /// What the model of the time had guessed right of the latest audits.
  package var audit: AccuracyEstimate

  /// Progress.
  package init(labels: Int, rounds: [Round], audit: AccuracyEstimate) {
    self.labels = labels
    self.rounds = rounds
    self.audit = audit
  }
}

/// A model in the list that the console shows.
package struct OperatorModel: Hashable, Sendable {
  /// The store's number of it, which only grows.
  package var number: Int64
  /// When it was made, as in `2026-11-23 14:30`, with a `?` behind it if the clock was not trusted.
  package var made: String
  /// Labels that it learned from.
  package var labels: Int
  /// What the gate measured; `nil` if nothing.
  package var accuracy: Double?
  /// Whether it is in use.
  package var isActive: Bool
  /// Whether its file lies in one of the two slots, so that it can be made active.
  package var isAtHand: Bool
  /// Whether the gate took it.
  package var isAccepted: Bool
  /// What the gate said.
  package var why: String

  /// A model.
  package init(
    number: Int64, made: String, labels: Int, accuracy: Double?, isActive: Bool, isAtHand: Bool,
    isAccepted: Bool, why: String
  ) {
    self.number = number
    self.made = made
    self.labels = labels
    self.accuracy = accuracy
    self.isActive = isActive
    self.isAtHand = isAtHand
    self.isAccepted = isAccepted
    self.why = why
  }
}
