internal import GRDB

/// How the labels of audit candidates compare with what the model of their time had said.
package struct AuditCounts: Hashable, Sendable {
  /// Of `judged`, those that the model had guessed right before the label was known.
  package var right: Int
  /// The latest labels given after the model had learned something.
  package var judged: Int
  /// All labels of audit candidates.
  package var labels: Int
  /// Audit questions that the operator could not tell; they count neither way.
  package var unsure: Int
  /// Audit questions that are skipped at present.
  package var skipped: Int
  /// Audit candidates that wait, those in the queue and skipped ones included.
  package var waiting: Int
  /// Audit candidates in the queue.
  package var queued: Int

  /// Audit questions that have been put and were not taken back.
  package var asked: Int { labels + unsure + skipped + queued }
}

extension SampleStore {
  /// Audit candidates in the pool, in the order they came.
  package func waitingAudits() throws(StoreError) -> [Int64] {
    try read { database in
      try Int64.fetchAll(
        database, sql: "SELECT id FROM candidates WHERE isAudit = 1 AND state = 'pool' ORDER BY id")
    }
  }

  /// How audit candidates stand, all counted at one moment; the `latest` labels are judged.
  ///
  /// A guess is older than its label, so the label cannot have helped the model to it, nor the gate to
  /// keep the model: what is right is as right as on photos that nobody has labelled. It is the
  /// accuracy of the models of the time, behind that of one that has just become better.
  package func auditCounts(latest: Int = 50) throws(StoreError) -> AuditCounts {
    try read { database in
      func count(_ condition: String) throws -> Int {
        try Int.fetchOne(
          database, sql: "SELECT count(*) FROM candidates WHERE isAudit = 1 AND \(condition)") ?? 0
      }
      let judged = try Bool.fetchAll(
        database,
        sql: """
          SELECT coalesce(labels.guessID = labels.classID, 0) FROM labels
          JOIN candidates ON candidates.id = labels.candidateID
          WHERE candidates.isAudit = 1 AND labels.kind = 'label' AND labels.undoneSequence IS NULL
            AND labels.guessID IS NOT NULL
          ORDER BY labels.id DESC LIMIT ?
          """, arguments: [max(0, latest)])
      return AuditCounts(
        right: judged.count { $0 }, judged: judged.count, labels: try count("state = 'labelled'"),
        unsure: try count("state = 'unsure'"), skipped: try count("state = 'skipped'"),
        waiting: try count("state IN ('pool', 'queued', 'skipped')"),
        queued: try count("state = 'queued'"))
    }
  }
}
