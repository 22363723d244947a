package import ActiveLearning
import Board
package import SampleStore
import Tensors

extension Device {
  /// Which captures are kept apart to measure accuracy on.
  var auditRule: AuditRule { AuditRule(share: settings.auditShare, seed: settings.seed) }

  /// `chosen`, and among them as many audits as are due; the batch has at most `size` questions.
  ///
  /// When fewer are left to choose than the batch holds, the audits that wait fill it: they measure
  /// all the better.
  func withAudits(
    size: Int, choice: QuestionChoice, _ choose: (_ count: Int) throws -> [Int64]
  ) throws -> [NewQuestion] {
    guard size > 0 else { return [] }
    var audits = try dueAudits(batch: size)
    let chosen = try choose(size - audits.count)
    let asked = try askedCount()
    if chosen.count + audits.count < size {
      let waiting = try store.waitingAudits()
      audits = auditRule.draw(size - chosen.count, of: waiting, answered: asked)
    }
    var questions = chosen.map { NewQuestion(candidateID: $0, choice: choice) }
    var random = SeededRandom(seed: settings.seed, stream: UInt64(asked))
    for candidate in audits {
      questions.insert(
        NewQuestion(candidateID: candidate, choice: .audit), at: random.below(questions.count + 1))
    }
    return questions
  }

  /// The audits that are due among the next `batch` questions, drawn from those that wait.
  func dueAudits(batch: Int) throws -> [Int64] {
    let asked = try askedCount()
    let due = auditRule.questions(
      answered: asked, audited: try store.auditCounts().asked, batch: batch)
    return due > 0 ? auditRule.draw(due, of: try store.waitingAudits(), answered: asked) : []
  }

  /// Questions that were answered, are skipped at present or wait in the queue.
  private func askedCount() throws -> Int {
    let counts = try store.counts()
    return counts.labels + (counts.decisions[.unsure] ?? 0) + (counts.decisions[.skip] ?? 0)
      + counts.queued
  }

  /// Puts `questions` into the queue, durably.
  func ask(_ questions: [NewQuestion]) throws {
    try store.ask(
      questions, at: clock.stamp, monotonicNanoseconds: clock.monotonicNanoseconds)
    latestTimes?.asked = clock.monotonicNanoseconds
  }
}

extension AuditCounts {
  /// The accuracy on what the camera sees, with its interval.
  package var estimate: AccuracyEstimate { AccuracyEstimate(right: right, of: judged) }

  /// As in `accuracy 84 % (71–92 %) on the latest 24 audit labels`.
  package var sentence: String {
    var beside = unsure > 0 ? ", \(unsure) more could not be told" : ""
    if skipped > 0 { beside += ", \(skipped) skipped" }
    guard labels > 0 else { return "accuracy unknown: no audit label yet\(beside)" }
    guard judged > 0 else {
      return "accuracy unknown: no audit label since the model has learned something\(beside)"
    }
    let labels = judged == 1 ? "the one audit label" : "the latest \(judged) audit labels"
    return "accuracy \(estimate.text) on \(labels)\(beside)"
  }
}

extension AskingReason {
  /// The reason that goes with how `candidate` was chosen; `nil` where the figures say it.
  package init?(_ choice: QuestionChoice?, of candidate: CandidateRecord) {
    switch choice {
    case _ where candidate.isAudit: self = .audit
    case .audit: self = .audit
    case .features: self = .coldStart
    case .more: self = .byOperator
    case .score, nil: return nil
    }
  }
}
