internal import GRDB

/// How the labels of audit candidates compare with what the active model says.
package struct AuditCounts: Hashable, Sendable {
  /// Labels that the model gets right, of `labels`.
  package var right: Int
  package var labels: Int
  /// Audit questions that the operator could not tell; they count neither way.
  package var unsure: Int
  /// Audit candidates that wait, those in the queue included.
  package var waiting: Int
  /// Audit candidates in the queue.
  package var queued: Int

  /// Answers that audit questions got, skips aside.
  package var answered: Int { labels + unsure }
}

extension SampleStore {
  /// Audit candidates in the pool, in the order they came.
  package func waitingAudits() throws(StoreError) -> [Int64] {
    try read { database in
      try Int64.fetchAll(
        database, sql: "SELECT id FROM candidates WHERE isAudit = 1 AND state = 'pool' ORDER BY id")
    }
  }

  /// How audit candidates stand, all counted at one moment; `isRight` says whether a prediction is of
  /// the class at a position.
  ///
  /// A label whose candidate the active model has not judged counts as wrong.
  package func auditCounts(
    isRight: (Prediction, _ position: Int) -> Bool
  ) throws(StoreError) -> AuditCounts {
    try read { database in
      func count(_ condition: String) throws -> Int {
        try Int.fetchOne(
          database, sql: "SELECT count(*) FROM candidates WHERE isAudit = 1 AND \(condition)") ?? 0
      }
      var counts = AuditCounts(
        right: 0, labels: try count("state = 'labelled'"), unsure: try count("state = 'unsure'"),
        waiting: try count("state IN ('pool', 'queued', 'skipped')"),
        queued: try count("state = 'queued'"))
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT predictions.*, classes.position FROM candidates
          JOIN labels ON labels.candidateID = candidates.id AND labels.undoneSequence IS NULL
          JOIN classes ON classes.id = labels.classID
          JOIN predictions ON predictions.candidateID = candidates.id
            AND predictions.modelID = (SELECT id FROM models WHERE active = 1)
          WHERE candidates.isAudit = 1 AND candidates.state = 'labelled'
          """)
      while let row = try rows.next() {
        if isRight(try Prediction(row), try row.value("position")) { counts.right += 1 }
      }
      return counts
    }
  }
}
