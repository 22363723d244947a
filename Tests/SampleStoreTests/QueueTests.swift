import SampleStore
import Testing

@Suite struct QueueTests {
  let folder: TemporaryFolder
  let store: SampleStore
  let ids: [Int64]
  let model: ModelRecord

  init() throws {
    folder = try TemporaryFolder()
    store = try folder.open()
    ids = try store.insert((1...5).map { newCandidate($0) })
    model = try store.recordModel(newModel(1), at: noon, activate: true)
    try store.save(
      zip(ids, [1.0, 3, 2, -1]).map { newPrediction($0, score: $1) }, model: model.id)
  }

  @Test("ranks by score, with photos and prediction, those without one last")
  func ranking() throws {
    let ranking = try store.ranking(limit: 10)
    #expect(ranking.map(\.candidate.id) == [ids[1], ids[2], ids[0], ids[3], ids[4]])
    #expect(ranking[0].prediction == newPrediction(ids[1], score: 3))
    #expect(ranking[0].captures.map(\.sha256) == [hash(2)])
    #expect(ranking[4].prediction == nil)
    #expect(try store.ranking(limit: 2).count == 2)
    #expect(try store.ranking(limit: -1).isEmpty)
    #expect(try store.entry(ids[1]) == ranking[0])
  }

  @Test("queues questions behind those that wait, in their own order or by score, all or none")
  func queue() throws {
    #expect(try store.queue(limit: 10).isEmpty)
    try store.ask([ids[0], ids[1]])
    try store.ask([ids[4]])
    #expect(try store.queue(limit: 10).map(\.candidate.id) == [ids[1], ids[0], ids[4]])
    #expect(
      try store.queue(limit: 10, order: .chosen).map(\.candidate.id) == [ids[0], ids[1], ids[4]])
    let name = try Name("Anna")
    _ = try store.label(candidate: ids[1], kind: .skip, class: nil, operator: name, at: noon)
    #expect(throws: StoreError.notLabelable(candidate: ids[1], state: .skipped)) {
      try store.ask([ids[2], ids[1]])
    }
    #expect(throws: StoreError.notLabelable(candidate: ids[4], state: .queued)) {
      try store.ask([ids[4]])
    }
    #expect(try store.queue(limit: 9, order: .chosen).map(\.candidate.id) == [ids[0], ids[4]])
    #expect(try store.candidate(ids[2]).state == .pool)
  }

  @Test("walks the pool by score in chunks, without audits and those that wait already")
  func ranked() throws {
    let audit = try store.insert(newCandidate(9, isAudit: true))
    try store.save(
      [newPrediction(ids[4], score: 2), newPrediction(audit, score: 9)], model: model.id)
    try store.ask([ids[0]])
    var cursor = store.rankedSamples(bodySHA256: body, chunk: 2)
    var seen: [[Int64]] = []
    while let chunk = try cursor.next() {
      seen.append(chunk.map(\.prediction.candidateID))
      let first = try #require(chunk.first)
      #expect(
        try store.features(of: first.prediction.candidateID, bodySHA256: body) == first.features)
    }
    #expect(
      seen == [[ids[1], ids[2]], [ids[4], ids[3]]], "of equal scores the older comes first")
    var other = store.rankedSamples(bodySHA256: hash(77))
    #expect(try other.next() == nil)
  }

  @Test("walks the pool in chunks while it is written")
  func pool() throws {
    try store.ask([ids[3]])
    try store.markFailed(candidate: ids[1])
    var cursor = store.poolSamples(bodySHA256: body, chunk: 2)
    var seen: [Int64] = []
    while let chunk = try cursor.next() {
      #expect(chunk.count <= 2)
      seen += chunk.map(\.candidateID)
      try store.save(chunk.map { newPrediction($0.candidateID, score: 9) }, model: model.id)
    }
    #expect(seen == [ids[0], ids[2], ids[3], ids[4]])
    var queued = store.poolSamples(bodySHA256: body, states: [.queued])
    #expect(try queued.next()?.map(\.candidateID) == [ids[3]])
    #expect(try queued.next() == nil)
    #expect(try store.prediction(of: ids[4])?.score == 9)
  }

  @Test("moves to a new model's predictions at the moment it becomes active")
  func activation() throws {
    let next = try store.recordModel(newModel(2, parent: model.id), at: noon)
    #expect(!next.isActive && next.model == newModel(2, parent: model.id))
    try store.save([newPrediction(ids[4], score: 8)], model: next.id)
    #expect(try store.ranking(limit: 1)[0].candidate.id == ids[1])
    try store.activateModel(next.id)
    #expect(try store.activeModel()?.id == next.id)
    #expect(try store.models().map(\.isActive) == [false, true])
    #expect(try store.ranking(limit: 1)[0].candidate.id == ids[4])
    #expect(try store.prediction(of: ids[1]) == nil)
    // Back to the one before; what it said is gone.
    try store.activateModel(model.id)
    #expect(try store.prediction(of: ids[4]) == nil)
  }

  @Test("never activates a model that the gate refused")
  func rejected() throws {
    let refused = try store.recordModel(newModel(3, accepted: false), at: noon)
    try store.save([newPrediction(ids[0], score: 8)], model: refused.id)
    #expect(throws: StoreError.modelRejected(refused.id)) { try store.activateModel(refused.id) }
    #expect(throws: StoreError.modelRejected(3)) {
      try store.recordModel(newModel(4, accepted: false), at: noon, activate: true)
    }
    #expect(try store.models().count == 2)
    #expect(try store.activeModel()?.id == model.id)
    try store.discardPredictions(model: refused.id)
    #expect(try store.prediction(of: ids[0])?.score == 1)
    #expect(throws: StoreError.noModel(99)) { try store.activateModel(99) }
  }

  @Test("refuses predictions that are not numbers or do not fit")
  func refuses() throws {
    var bad = newPrediction(ids[0], score: .nan)
    #expect(throws: StoreError.notFinite("the prediction for candidate \(ids[0])")) {
      try store.save([newPrediction(ids[1], score: 7), bad], model: model.id)
    }
    bad.score = 1
    bad.kept = [2]
    #expect(throws: StoreError.self) { try store.save([bad], model: model.id) }
    bad.kept = []
    bad.classCount = 3
    #expect(throws: StoreError.self) { try store.save([bad], model: model.id) }
    #expect(throws: StoreError.noCandidate(99)) {
      try store.save([newPrediction(99, score: 1)], model: model.id)
    }
    #expect(throws: StoreError.noModel(99)) {
      try store.save([newPrediction(ids[1], score: 1)], model: 99)
    }
    #expect(try store.prediction(of: ids[1])?.score == 3)
  }
}
