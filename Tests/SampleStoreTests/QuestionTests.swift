import SampleStore
import Testing

@Suite struct QuestionTests {
  let folder: TemporaryFolder
  let store: SampleStore
  let ids: [Int64]
  let model: ModelRecord
  let cat: Int64
  let dog: Int64
  let anna: Name

  init() throws {
    folder = try TemporaryFolder()
    store = try folder.open(.device)
    // The third and the sixth are audits.
    ids = try store.insert((1...6).map { newCandidate($0, isAudit: $0.isMultiple(of: 3)) })
    model = try store.recordModel(newModel(1), at: noon, activate: true)
    try store.save(
      zip(ids, [1.0, 3, 9, 2, 5, 8]).map { newPrediction($0, score: $1) }, model: model.id)
    cat = try store.addClass(Name("cat"), at: noon).id
    dog = try store.addClass(Name("dog"), at: noon).id
    anna = try Name("Anna")
  }

  @discardableResult
  private func label(
    _ id: Int64, _ kind: LabelKind, _ classID: Int64? = nil, guess: Int64? = nil
  ) throws -> LabelReceipt {
    try store.label(
      candidate: id, kind: kind, class: classID, operator: anna, at: noon, guess: guess)
  }

  @Test("never ranks audits among what scores choose, unless told to")
  func ranking() throws {
    #expect(try store.ranking(limit: 9).map(\.candidate.id) == [ids[4], ids[1], ids[3], ids[0]])
    #expect(try store.ranking(limit: 2, audits: true).map(\.candidate.id) == [ids[2], ids[5]])
    #expect(try store.waitingAudits() == [ids[2], ids[5]])
    #expect(try store.candidate(ids[2]).isAudit && !store.candidate(ids[1]).isAudit)
    #expect(try store.latestScores(limit: 3) == [3, 2, 5])
  }

  @Test("keeps when each question was put, those that the operator called for aside")
  func times() throws {
    try store.ask([ids[0], ids[1]])
    try store.ask([ids[3]], choice: .more)
    try store.ask(
      [NewQuestion(candidateID: ids[2], choice: .audit)],
      at: Stamp(unixMilliseconds: 7, clockTrusted: false), monotonicNanoseconds: .max)
    _ = try label(ids[0], .label, cat)
    let times = try store.lastQuestions(limit: 2)
    #expect(times.map(\.choice) == [.audit, .score])
    #expect(times[0].monotonicNanoseconds == .max && !times[0].at.clockTrusted)
    #expect(times[0].place > times[1].place && times[0].place.boot == 1)
    #expect(try store.lastQuestions(limit: 99).count == 3)
    #expect(try store.choice(of: ids[3]) == .more && store.choice(of: ids[4]) == nil)
  }

  @Test("tells of each answer how it was chosen and whether the model had guessed it")
  func answers() throws {
    try store.ask([ids[0], ids[1], ids[3]])
    try store.ask([ids[2]], choice: .audit)
    try store.ask([ids[4]], choice: .features)
    try label(ids[0], .label, cat, guess: cat)
    try label(ids[1], .label, cat, guess: dog)
    try label(ids[3], .unsure, guess: dog)
    try label(ids[2], .label, dog, guess: dog)
    try label(ids[4], .label, dog)
    var answers = try store.answers()
    #expect(answers.map(\.choice) == [.score, .score, .score, .features], "audits aside")
    #expect(answers.map(\.isAsGuessed) == [true, false, false, nil])
    #expect(answers.map(\.kind) == [.label, .label, .unsure, .label])
    // What is taken back does not count; what is given instead does.
    #expect(try store.undo(candidate: ids[1], operator: anna, at: noon) != nil)
    try label(ids[1], .label, dog, guess: dog)
    answers = try store.answers()
    #expect(answers.map(\.isAsGuessed) == [true, false, nil, true])
    try label(ids[5], .skip)
    #expect(try store.answers() == answers)
    #expect(try store.labelCount(after: 0) == 3, "audits aside")
    #expect(try store.labelCount(after: answers[2].place.sequence) == 1)
  }

  @Test("judges audits by the guess before the label, and counts apart what nobody could tell")
  func audits() throws {
    #expect(try store.auditCounts().waiting == 2)
    try store.ask([ids[2]], choice: .audit)
    #expect(try store.auditCounts().queued == 1)
    try label(ids[0], .label, dog, guess: cat)
    try label(ids[2], .label, dog, guess: dog)
    try label(ids[5], .unsure, guess: dog)
    var counts = try store.auditCounts()
    #expect(counts.right == 1 && counts.judged == 1 && counts.labels == 1 && counts.unsure == 1)
    #expect(counts.waiting == 0 && counts.queued == 0 && counts.asked == 2)
    // Another model says what it likes: the guess was made before.
    let next = try store.recordModel(newModel(2, parent: model.id), at: noon, activate: true)
    try store.save([newPrediction(ids[2], score: 1)], model: next.id)
    #expect(try store.auditCounts() == counts)
    #expect(try store.undo(candidate: ids[2], operator: anna, at: noon) != nil)
    try label(ids[2], .label, cat, guess: dog)
    counts = try store.auditCounts()
    #expect(counts.right == 0 && counts.judged == 1)
    #expect(try store.undo(candidate: ids[5], operator: anna, at: noon) != nil)
    try label(ids[5], .label, dog)
    counts = try store.auditCounts()
    #expect(counts.judged == 1 && counts.labels == 2, "guessed by a model that knew nothing")
    #expect(try store.auditCounts(latest: 0).judged == 0)
    var labelled = store.labelledSamples(bodySHA256: body)
    #expect(try labelled.next()?.map(\.isAudit) == [false, true, true])
  }

  @Test("keeps what a round changed, and why asking stopped, until it goes on")
  func stopping() throws {
    let change = PoolChange(changedShare: 0.25, expectedBefore: 0.5, expectedAfter: 0.75)
    let next = try store.recordModel(newModel(2, parent: model.id), at: noon)
    try store.activateModel(next.id, change: change)
    #expect(try store.models().map(\.change) == [nil, change])
    #expect(try store.stopReason() == nil && store.resumedSequence() == 0)
    try store.recordStop("enough", at: noon)
    #expect(try store.stopReason() == "enough")
    #expect(try store.events(limit: 1)[0].kind == "asking.stopped")
    try store.recordResumption("more", at: noon)
    #expect(try store.stopReason() == nil)
    #expect(try store.resumedSequence() > next.place.sequence)
    #expect(try store.events(limit: 1)[0].kind == "asking.resumed")
    try store.recordStop("again", at: noon)
    try store.clearStop()
    #expect(try store.stopReason() == nil)
  }
}
