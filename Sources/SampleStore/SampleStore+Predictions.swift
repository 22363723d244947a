internal import FoundationEssentials
internal import GRDB

extension SampleStore {
  /// How a list of candidates is sorted.
  package enum QueueOrder: Hashable, Sendable {
    /// The greatest score of the active model first; candidates without one last.
    case score
    /// As they were given to `ask`.
    case chosen
  }

  /// Stores what model `modelID` says, all of it or nothing; what it said before is replaced.
  ///
  /// A model's predictions may be stored before it is active; `activateModel` then drops those of
  /// the others in the same moment, so that the queue never stands on two models.
  package func save(
    _ predictions: [Prediction], model modelID: Int64
  ) throws(StoreError) {
    for prediction in predictions { try Self.check(prediction) }
    try write { database in
      _ = try Self.modelRecord(modelID, in: database)
      let statement = try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      for prediction in predictions {
        _ = try Self.candidate(prediction.candidateID, in: database)
        try statement.execute(arguments: [
          prediction.candidateID, modelID, prediction.classCount,
          Packing.singles(prediction.probabilities), prediction.entropy, prediction.diversity,
          prediction.score, "[" + prediction.kept.map(String.init).joined(separator: ",") + "]",
        ])
      }
    }
  }

  /// Forgets what a model that will not be used says.
  package func discardPredictions(model modelID: Int64) throws(StoreError) {
    try write {
      try $0.execute(sql: "DELETE FROM predictions WHERE modelID = ?", arguments: [modelID])
    }
  }

  /// What the active model says of candidate `id`; `nil` when it has not been asked.
  package func prediction(of id: Int64) throws(StoreError) -> Prediction? {
    try read { try Self.prediction(of: id, in: $0) }
  }

  /// The first `limit` candidates that wait for an answer.
  package func queue(
    limit: Int, order: QueueOrder = .score
  ) throws(StoreError) -> [QueueEntry] {
    try entries(states: [.queued], limit: limit, order: order, audits: true)
  }

  /// The first `limit` candidates of the pool and the queue by score: what would be asked next. Those
  /// kept for audits are among them only if `audits` says so.
  package func ranking(limit: Int, audits: Bool = false) throws(StoreError) -> [QueueEntry] {
    try entries(states: [.pool, .queued], limit: limit, order: .score, audits: audits)
  }

  /// One candidate as the queue shows it, whatever its state.
  package func entry(_ id: Int64) throws(StoreError) -> QueueEntry {
    try read { try Self.entry(try Self.candidate(id, in: $0), in: $0) }
  }

  private func entries(
    states: [CandidateState], limit: Int, order: QueueOrder, audits: Bool
  ) throws(StoreError) -> [QueueEntry] {
    let names = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let sorting =
      switch order {
      case .score: "predictions.score DESC NULLS LAST, candidates.id"
      case .chosen: "candidates.queueRank NULLS LAST, candidates.id"
      }
    return try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT candidates.* FROM candidates
          LEFT JOIN predictions ON predictions.candidateID = candidates.id
            AND predictions.modelID = (SELECT id FROM models WHERE active = 1)
          WHERE candidates.state IN (\(names)) \(audits ? "" : "AND candidates.isAudit = 0")
          ORDER BY \(sorting) LIMIT ?
          """, arguments: [max(0, limit)])
      return try rows.map { try Self.entry(try CandidateRecord($0), in: database) }
    }
  }
}

// MARK: - Inside a transaction

extension SampleStore {
  private static func entry(
    _ candidate: CandidateRecord, in database: Database
  ) throws -> QueueEntry {
    QueueEntry(
      candidate: candidate, captures: try captures(of: candidate.id, in: database),
      prediction: try prediction(of: candidate.id, in: database))
  }

  private static func prediction(of id: Int64, in database: Database) throws -> Prediction? {
    let statement = try database.cachedStatement(
      sql: """
        SELECT * FROM predictions
        WHERE candidateID = ? AND modelID = (SELECT id FROM models WHERE active = 1)
        """)
    return try Row.fetchOne(statement, arguments: [id]).map(Prediction.init)
  }

  private static func check(_ prediction: Prediction) throws(StoreError) {
    let (count, classes) = (prediction.probabilities.count, prediction.classCount)
    guard classes > 0, count > 0, count.isMultiple(of: classes) else {
      throw .badShape(
        "\(count) probabilities do not make rows of \(classes) classes; give one row a patch")
    }
    guard prediction.probabilities.allSatisfy(\.isFinite), prediction.entropy.isFinite,
      prediction.diversity.isFinite, prediction.score.isFinite
    else { throw .notFinite("the prediction for candidate \(prediction.candidateID)") }
    guard prediction.kept.allSatisfy({ $0 >= 0 && $0 < count / classes }) else {
      throw .badShape(
        "the patches kept of candidate \(prediction.candidateID) are \(prediction.kept), "
          + "it has \(count / classes)")
    }
  }
}

extension Prediction {
  init(_ row: Row) throws {
    let kept: String = try row.value("kept")
    self.init(
      candidateID: try row.value("candidateID"), classCount: try row.value("classes"),
      probabilities: try row.withUnsafeData(named: "probabilities") {
        $0.map(Packing.floats(singles:)) ?? []
      },
      entropy: try row.value("entropy"), diversity: try row.value("diversity"),
      score: try row.value("score"),
      kept: try kept.dropFirst().dropLast().split(separator: ",").map { text in
        guard let index = Int(text) else {
          throw StoreError.damaged("kept is '\(kept.prefix(80))'")
        }
        return index
      })
  }
}
