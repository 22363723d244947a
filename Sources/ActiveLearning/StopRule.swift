/// What has been asked and answered so far: all that a stop rule looks at.
package struct LearningHistory: Hashable, Sendable, Codable {
  /// What became of one question.
  package enum Answer: String, Hashable, Sendable, Codable {
    /// The label was what the model had guessed.
    case asGuessed
    /// The label was another one.
    case otherwise
    /// The operator could not tell.
    case unsure
  }

  /// Labels given and not undone.
  package var labels: Int
  /// Answers to questions the criteria chose, oldest first; not those of a cold start.
  package var answers: [Answer]
  /// Share of the unlabelled pool whose predicted class changed in each round, oldest first.
  package var changedShares: [Double]

  /// A history; nothing has happened unless told.
  package init(labels: Int = 0, answers: [Answer] = [], changedShares: [Double] = []) {
    self.labels = labels
    self.answers = answers
    self.changedShares = changedShares
  }
}

/// When asking has done its work.
package enum StopRule: Hashable, Sendable, Codable {
  /// `labels` labels have been given.
  case labelBudget(labels: Int)
  /// Of the last `last` candidates chosen as hard, at least `count` were already classified right.
  case alreadyRight(count: Int, last: Int)
  /// Of the last `last` questions, at least `share` (0...1) were answered "unsure".
  case operatorUnsure(share: Double, last: Int)
  /// In each of the last `rounds` rounds at most `share` (0...1) of the pool changed its class.
  case poolStable(share: Double, rounds: Int)

  /// Why to stop now, in a sentence for the operator, or `nil` to go on.
  package func reasonToStop(_ history: LearningHistory) -> String? {
    switch self {
    case .labelBudget(let labels):
      guard history.labels >= labels else { return nil }
      return "the label budget is used up: \(history.labels) of \(labels) labels given"
    case .alreadyRight(let count, let last):
      let answers = history.answers.suffix(last)
      let right = answers.count { $0 == .asGuessed }
      guard last > 0, answers.count == last, right >= count else { return nil }
      return "of the last \(last) photos chosen as hard, \(right) were already classified right "
        + "(\(count) are enough)"
    case .operatorUnsure(let share, let last):
      let answers = history.answers.suffix(last)
      let unsure = answers.count { $0 == .unsure }
      guard last > 0, answers.count == last, Double(unsure) >= share * Double(last) else {
        return nil
      }
      return "the operator cannot tell either: \(unsure) of the last \(last) answers were unsure "
        + "(the limit is \(percent(share)))"
    case .poolStable(let share, let rounds):
      let changes = history.changedShares.suffix(rounds)
      guard rounds > 0, changes.count == rounds, changes.allSatisfy({ $0 <= share }) else {
        return nil
      }
      let most = changes.max() ?? 0
      return "predictions no longer change: at most \(percent(most)) of the pool in each of the "
        + "last \(rounds) rounds (the limit is \(percent(share)))"
    }
  }
}

/// Whether to stop, by which rule, and why.
package struct StopDecision: Hashable, Sendable, Codable {
  package var rule: StopRule
  /// A sentence without a full stop, for the console and the report.
  package var reason: String
}

/// The first of `rules` that says stop, or `nil` to go on.
package func stopDecision(_ rules: [StopRule], history: LearningHistory) -> StopDecision? {
  for rule in rules {
    if let reason = rule.reasonToStop(history) { return StopDecision(rule: rule, reason: reason) }
  }
  return nil
}

/// `share` in tenths of a percent, as in "2.5 %".
private func percent(_ share: Double) -> String {
  let tenths = Int((share * 1000).rounded())
  return tenths.isMultiple(of: 10) ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
}
