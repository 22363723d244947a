import ActiveLearning
import Logging
import SampleStore

extension Device {
  /// What stop rules look at, read from the store: so it survives a restart, and what is taken back
  /// does not count. Answers and rounds before the operator last had asking resumed stop nothing.
  func learningHistory() throws -> LearningHistory {
    let counts = try store.counts()
    let resumed = try store.resumedSequence()
    var history = LearningHistory(labels: counts.labels, unsure: counts.decisions[.unsure] ?? 0)
    for answer in try store.answers() where answer.place.sequence > resumed {
      guard answer.choice == .score || answer.choice == .more, let isRight = answer.isAsGuessed
      else { continue }
      history.answers.append(
        answer.kind == .unsure ? .unsure : isRight ? .asGuessed : .otherwise)
    }
    for model in try store.models() {
      guard let change = model.change else { continue }
      history.expectedError = 1 - change.expectedAfter
      guard model.place.sequence > resumed else { continue }
      history.changedShares.append(change.changedShare)
      history.expectedGains.append(change.expectedAfter - change.expectedBefore)
    }
    return history
  }

  /// Ends the asking if a rule says so.
  func applyStopRules() {
    guard stopReason == nil else { return }
    do {
      let decision = stopDecision(settings.stopRules, history: try learningHistory())
      if let decision { stop(decision.reason) }
    } catch {
      log.error("stop rules not applied", metadata: ["error": "\(error)"])
    }
  }

  /// Finds out at the start whether asking is over, by the rules as they are now.
  func restoreStop() throws {
    let decision = stopDecision(settings.stopRules, history: try learningHistory())
    stopReason = decision?.reason
    if let reason = stopReason {
      if try store.stopReason() != reason { try store.recordStop(reason, at: clock.stamp) }
    } else {
      try store.clearStop()
    }
  }

  /// Ends the asking, durably noted; labels may still be undone.
  func stop(_ reason: String) {
    guard stopReason == nil else { return }
    stopReason = reason
    notice("No more questions: \(reason). Type more for the next best ten.")
    log.info("asking stopped", metadata: ["reason": "\(reason)"])
    do {
      try store.recordStop(reason, at: clock.stamp)
    } catch {
      log.error("stop not kept", metadata: ["error": "\(error)"])
    }
  }

  /// How many questions `more` adds.
  private static let moreCount = 10

  /// Puts the next best of the backlog to the operator, who has time: whatever the rate, the label
  /// budget and the stop rules say. Asking goes on if it was stopped.
  ///
  /// - Returns: what was done, in a sentence.
  package func more() throws -> String {
    let questions = try chooseMore()
    var count = questions.count
    var said = " to label, the best of the backlog"
    if questions.isEmpty {
      count = try store.requeueSkipped(by: operatorName, at: clock.stamp)
      said = " to label, which were skipped before"
    }
    guard count > 0 else { return "nothing is left to ask: every photo has its answer" }
    try ask(questions)
    said = (count == 1 ? "1 more photo" : "\(count) more photos") + said
    if let rate = settings.rate {
      said += ", beyond the \(rate) (\(try askedInPeriod()) asked in the last \(rate.period))"
    }
    if let reason = stopReason {
      stopReason = nil
      try store.recordResumption("after the stop: \(reason)", at: clock.stamp)
      said += "; asking goes on"
    }
    hasSaidEmpty = false
    if currentQuestion == nil { _ = try loadQuestion() }
    return said
  }

  private func chooseMore() throws -> [NewQuestion] {
    // Called for by the operator, they take nothing from the rate, the audits among them included.
    try withAudits(size: Self.moreCount, choice: .more) {
      try chooseNext($0, byFeatures: isStarting($0))
    }
    .map { NewQuestion(candidateID: $0.candidateID, choice: .more) }
  }
}
