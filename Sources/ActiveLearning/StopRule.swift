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
  /// Questions that the operator could not tell; they count as asked, not as labels.
  package var unsure: Int
  /// Answers to questions the criteria chose, oldest first; not those of a cold start.
  package var answers: [Answer]
  /// Share of the unlabelled pool whose predicted class changed in each round, oldest first.
  package var changedShares: [Double]
  /// What each round added to the expected accuracy of the pool: the mean over the candidates of the
  /// greatest probability, by the new model less by the old one on the same pool; oldest first.
  package var expectedGains: [Double]
  /// One less the expected accuracy of the pool by the present model; `nil` if not known.
  package var expectedError: Double?

  /// A history; nothing has happened unless told.
  package init(
    labels: Int = 0, unsure: Int = 0, answers: [Answer] = [], changedShares: [Double] = [],
    expectedGains: [Double] = [], expectedError: Double? = nil
  ) {
    self.labels = labels
    self.unsure = unsure
    self.answers = answers
    self.changedShares = changedShares
    self.expectedGains = expectedGains
    self.expectedError = expectedError
  }

  /// What the next batch is likely to add to the accuracy of the pool, from the last `rounds` rounds;
  /// `nil` if there were fewer.
  ///
  /// The mean of how far the expected accuracy moved in each, up or down, but no more than is
  /// left to gain. Rounds gain less and less, so that this is rather too much than too little; a
  /// fall counts like a rise, because a model that has just met what it did not know has much to gain.
  /// Expected accuracy believes the model's probabilities, which is why this says when to stop and
  /// never how good the model is.
  package func estimatedGain(rounds: Int) -> Double? {
    let gains = expectedGains.suffix(rounds)
    guard rounds > 0, gains.count == rounds else { return nil }
    let mean = gains.reduce(0) { $0 + abs($1) } / Double(rounds)
    return min(mean, expectedError ?? mean)
  }
}

/// When asking has done its work.
package enum StopRule: Hashable, Sendable, Codable {
  /// `labels` questions have been answered, be it by a label or by "unsure".
  case labelBudget(labels: Int)
  /// Of the last `last` candidates chosen as hard, at least `count` were already classified right.
  case alreadyRight(count: Int, last: Int)
  /// Of the last `last` questions, at least `share` (0...1) were answered "unsure".
  case operatorUnsure(share: Double, last: Int)
  /// In each of the last `rounds` rounds at most `share` (0...1) of the pool changed its class.
  case poolStable(share: Double, rounds: Int)
  /// By the last `rounds` rounds, the next batch adds less than `gain` (0...1) to the accuracy of the
  /// pool.
  case smallGain(gain: Double, rounds: Int)

  /// Why to stop now, in a sentence for the operator, or `nil` to go on.
  package func reasonToStop(_ history: LearningHistory) -> String? {
    switch self {
    case .labelBudget(let labels):
      let answered = history.labels + history.unsure
      guard answered >= labels else { return nil }
      return "the label budget is used up: \(answered) of \(labels) questions answered "
        + "(\(history.labels) labels, \(history.unsure) unsure)"
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
    case .smallGain(let gain, let rounds):
      guard let estimate = history.estimatedGain(rounds: rounds), estimate < gain else {
        return nil
      }
      return "the next batch would change little: by the last \(rounds) rounds it adds about "
        + "\(percent(estimate)) to the expected accuracy of the pool (the limit is \(percent(gain)))"
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
