import ActiveLearning
import Board
import Logging
import SampleStore

extension Device {
  /// Seconds on the device's clock that does not go back.
  private var now: Double { Double(clock.monotonicNanoseconds) / 1e9 }

  /// Begins to judge captures as they come, if there is a rate.
  func beginStream() throws {
    guard let rate = settings.rate else { return }
    stream = StreamJudge(
      rate: rate, auditShare: settings.auditShare, seed: settings.seed &+ UInt64(model.id),
      now: now)
    try refreshStream()
  }

  /// Tells the stream what the active model says of the latest captures.
  func refreshStream() throws {
    stream?.replaceScores(try store.latestScores(limit: StreamJudge.scoreCount))
  }

  /// Seconds since the latest questions were asked, newest first; enough of them to hold the rate.
  func questionAges() throws -> [Double] {
    guard let rate = settings.rate else { return [] }
    let boot = try store.counts().boot
    let wall = clock.stamp
    let moments = try store.lastQuestions(limit: rate.questions).map { question in
      DeviceMoment(
        boot: question.place.boot, monotonicNanoseconds: question.monotonicNanoseconds,
        unixMilliseconds: question.at.unixMilliseconds, clockTrusted: question.at.clockTrusted)
    }
    return ages(
      of: moments,
      now: DeviceMoment(
        boot: boot, monotonicNanoseconds: clock.monotonicNanoseconds,
        unixMilliseconds: wall.unixMilliseconds, clockTrusted: wall.clockTrusted),
      started: startNanoseconds)
  }

  /// Questions that the rate still allows; as many as anyone wants without one.
  func allowance() throws -> Int {
    guard let stream else { return .max }
    return stream.allowance(ages: try questionAges())
  }

  /// Questions asked in the rate's period up to now.
  func askedInPeriod() throws -> Int {
    guard let rate = settings.rate else { return 0 }
    return try questionAges().count { $0 < rate.period.seconds }
  }

  /// Asks about a capture at once if it is among the best of the latest and the rate allows it, and
  /// about an audit besides if one is due.
  ///
  /// Audits are not judged: they wait for their draw. While there are too few labels to go by scores,
  /// captures are only counted. One unlike anything labelled is asked about whatever its score, one
  /// nearly the same as another that has a label or waits for one not at all.
  func considerAsking(about id: Int64, _ prediction: Prediction) throws {
    guard stream != nil, try !store.candidate(id).isAudit else { return }
    guard !isFresh, stopReason == nil, try !isStarting(max(1, batchSize())) else {
      stream?.arrive(at: now)
      return
    }
    guard try !isRepeat(id) else { return }
    let decision = stream?.judge(score: prediction.score, ages: try questionAges(), now: now)
    guard let decision, decision.allowance > 0, try questionsLeft() > 0,
      decision.isAsked || isNovel(id)
    else { return }
    let audit = try dueAudits(batch: 1).map { NewQuestion(candidateID: $0, choice: .audit) }
    let own = NewQuestion(candidateID: id, choice: .score)
    // Where the rate leaves one question, an audit that is due goes first.
    let questions = decision.allowance > 1 ? [own] + audit : audit.isEmpty ? [own] : audit
    try ask(questions)
    if currentQuestion == nil { _ = try loadQuestion() }
    guard questions.contains(own) else { return }
    log.info(
      "question", metadata: ["candidate": "\(id)", "score": "\(decimal(prediction.score, 3))"])
    if let rate = settings.rate {
      notice(
        "Photo #\(id) is worth a label: \(try askedInPeriod()) asked in the last \(rate.period), "
          + "\(rate.questions) are allowed.")
    }
  }

  /// Questions that may still be asked before the label budget is used up, those in the queue counted
  /// as answered.
  func questionsLeft() throws -> Int {
    guard let limit = settings.answerLimit else { return .max }
    let counts = try store.counts()
    return max(0, limit - counts.labels - (counts.decisions[.unsure] ?? 0) - counts.queued)
  }

  /// Whether to learn now from the answers that have come in.
  ///
  /// In batches: when all of a batch is answered. With a rate questions come one by one, so that there
  /// may always be one open: when a batch of labels has come in, or the operator has answered
  /// nothing for a while; the first round, chosen by features, is a batch in either case.
  func isLearningDue() throws -> Bool {
    guard hasNewAnswers, clock.monotonicNanoseconds >= learnAgainNanoseconds else { return false }
    let isAwaited = try !awaitedRechecks().isEmpty
    guard stream != nil, !isFresh else {
      return try !isAwaited && currentQuestion == nil && store.counts().queued == 0
    }
    let count = try unlearnedCount ?? store.labelCount(after: lastRoundSequence())
    unlearnedCount = count
    let paused = Double(clock.monotonicNanoseconds - answeredNanoseconds) / 1e9
    return (count >= settings.batch && !isAwaited) || paused >= settings.pause / .seconds(1)
  }

  /// Place in the store's order of the last model that labels were learned for.
  ///
  /// A model that was accepted but never made active, for a power cut came between, did not learn.
  func lastRoundSequence() throws -> Int64 {
    try store.models().last { $0.isActive || !$0.model.accepted }?.place.sequence ?? 0
  }
}
