internal import GRDB

/// Why a candidate was put to the operator.
package enum QuestionChoice: String, Hashable, Sendable, Codable, CaseIterable {
  /// By the features alone, while the model knew nothing.
  case features
  /// By the score.
  case score
  /// At random, to measure accuracy on.
  case audit
  /// By the score, because the operator asked for more than the rate or the rules allow.
  case more
}

/// A candidate to be asked about.
package struct NewQuestion: Hashable, Sendable {
  package var candidateID: Int64
  package var choice: QuestionChoice

  /// A question about `candidateID`.
  package init(candidateID: Int64, choice: QuestionChoice) {
    self.candidateID = candidateID
    self.choice = choice
  }
}

/// When a question was put, for counting them over a time.
package struct QuestionTime: Hashable, Sendable {
  package var place: Place
  package var choice: QuestionChoice
  package var at: Stamp
  /// On the device's clock that does not go back; compare it within one boot only.
  package var monotonicNanoseconds: UInt64
}

/// An answer that stands, and what the model had guessed when it was given.
package struct AnswerRecord: Hashable, Sendable {
  package var place: Place
  package var kind: LabelKind
  package var choice: QuestionChoice
  /// Whether the label was what the model had guessed; `nil` if it had guessed nothing.
  package var isAsGuessed: Bool?
}

extension SampleStore {
  /// Puts `questions` at the end of the queue, in their order, all or none; all have to be in the
  /// pool. That they were asked is kept, whatever becomes of them.
  package func ask(
    _ questions: [NewQuestion], at stamp: Stamp, monotonicNanoseconds: UInt64
  ) throws(StoreError) {
    try write { database in
      let last = try Int.fetchOne(
        database, sql: "SELECT max(queueRank) FROM candidates WHERE state = 'queued'")
      for (offset, question) in questions.enumerated() {
        let candidate = try Self.candidate(question.candidateID, in: database)
        guard candidate.state == .pool else {
          throw StoreError.notLabelable(candidate: candidate.id, state: candidate.state)
        }
        try database.cachedStatement(
          sql: "UPDATE candidates SET state = 'queued', queueRank = ? WHERE id = ?"
        ).execute(arguments: [(last ?? -1) + 1 + offset, candidate.id])
        let place = try Self.nextPlace(database)
        try database.cachedStatement(
          sql: """
            INSERT INTO questions (sequence, boot, candidateID, choice, at, clockTrusted,
              monotonic) VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        ).execute(arguments: [
          place.sequence, place.boot, candidate.id, question.choice.rawValue,
          stamp.unixMilliseconds, stamp.clockTrusted, Int64(bitPattern: monotonicNanoseconds),
        ])
      }
    }
  }

  /// When the last `limit` questions were put that the operator did not call for, newest first.
  package func lastQuestions(limit: Int) throws(StoreError) -> [QuestionTime] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM questions WHERE choice <> 'more' ORDER BY id DESC LIMIT ?",
        arguments: [max(0, limit)]
      ).map { row in
        let monotonic: Int64 = try row.value("monotonic")
        return QuestionTime(
          place: try row.place(), choice: try row.value(case: "choice"), at: try row.stamp("at"),
          monotonicNanoseconds: UInt64(bitPattern: monotonic))
      }
    }
  }

  /// The candidates of the queue in the order in which they are asked.
  package func queuedIDs() throws(StoreError) -> [Int64] {
    try read {
      try Int64.fetchAll(
        $0, sql: "SELECT id FROM candidates WHERE state = 'queued' ORDER BY queueRank, id")
    }
  }

  /// Why candidate `id` was last asked about; `nil` if it never was.
  package func choice(of id: Int64) throws(StoreError) -> QuestionChoice? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: "SELECT choice FROM questions WHERE candidateID = ? ORDER BY id DESC LIMIT 1",
        arguments: [id]
      ).map { try $0.value(case: "choice") }
    }
  }

  /// Labels and unsure answers that stand and were given to questions, audits aside; oldest first.
  package func answers() throws(StoreError) -> [AnswerRecord] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT labels.sequence, labels.boot, labels.kind, questions.choice,
            CASE WHEN labels.guessID IS NULL THEN NULL
              ELSE coalesce(labels.guessID = labels.classID, 0) END AS isAsGuessed
          FROM labels JOIN questions ON questions.id = labels.questionID
            JOIN candidates ON candidates.id = labels.candidateID
          WHERE labels.undoneSequence IS NULL AND labels.kind <> 'skip'
            AND candidates.isAudit = 0 ORDER BY labels.id
          """
      ).map { row in
        AnswerRecord(
          place: try row.place(), kind: try row.value(case: "kind"),
          choice: try row.value(case: "choice"), isAsGuessed: try row.value("isAsGuessed"))
      }
    }
  }

  /// Labels to learn from that stand and came after place `sequence` of the store's order; audits are
  /// not among them.
  package func labelCount(after sequence: Int64) throws(StoreError) -> Int {
    try read { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT count(*) FROM labels JOIN candidates ON candidates.id = labels.candidateID
          WHERE labels.kind = 'label' AND labels.undoneSequence IS NULL AND labels.sequence > ?
            AND candidates.isAudit = 0
          """, arguments: [sequence]) ?? 0
    }
  }

  /// What the active model says the latest `limit` captures are worth that scores may choose, oldest
  /// first, whatever became of them.
  package func latestScores(limit: Int) throws(StoreError) -> [Double] {
    try read { database in
      try Double.fetchAll(
        database,
        sql: """
          SELECT predictions.score FROM candidates
          JOIN predictions ON predictions.candidateID = candidates.id
            AND predictions.modelID = (SELECT id FROM models WHERE active = 1)
          WHERE candidates.isAudit = 0 AND candidates.state <> 'failed'
          ORDER BY candidates.id DESC LIMIT ?
          """, arguments: [max(0, limit)]
      ).reversed()
    }
  }
}
