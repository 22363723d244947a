internal import GRDB

/// A photo with the answer that stands for its candidate, as it goes home.
package struct StandingAnswer: Hashable, Sendable {
  /// `nil` for a photo whose bytes were never hashed.
  package var sha256: String?
  package var originalName: String
  package var candidateID: Int64
  package var kind: LabelKind
  /// `nil` for a skip and for what the operator could not tell.
  package var className: String?
  package var operatorName: String
  package var at: Stamp
  package var isAudit: Bool
  /// The class that the model held most probable when the answer was given; `nil` if none was kept.
  package var guess: String?
  /// The answer's place in the store's order.
  package var sequence: Int64
}

extension SampleStore {
  /// Every photo of a candidate with an answer that stands, in the order of the answers, then of the photos.
  /// - Complexity: O(photos with an answer), all in memory: some 300 B each.
  package func standingAnswers() throws(StoreError) -> [StandingAnswer] {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT labels.*, captures.sha256 AS photo, captures.originalName, candidates.isAudit,
            classes.name AS className, guesses.name AS guessName
          FROM labels
          JOIN candidates ON candidates.id = labels.candidateID
          JOIN captures ON captures.candidateID = labels.candidateID
          LEFT JOIN classes ON classes.id = labels.classID
          LEFT JOIN classes AS guesses ON guesses.id = labels.guessID
          WHERE labels.undoneSequence IS NULL
          ORDER BY labels.id, captures.id
          """)
      var answers: [StandingAnswer] = []
      while let row = try rows.next() {
        answers.append(
          StandingAnswer(
            sha256: try row.value("photo"), originalName: try row.value("originalName"),
            candidateID: try row.value("candidateID"), kind: try row.value(case: "kind"),
            className: try row.value("className"), operatorName: try row.value("operator"),
            at: try row.stamp("at"), isAudit: try row.value("isAudit"),
            guess: try row.value("guessName"), sequence: try row.value("sequence")))
      }
      return answers
    }
  }

  /// The greatest sequence number so far; it grows with every entry of the store.
  package func sequence() throws(StoreError) -> Int64 {
    try read { database in
      guard
        let value = try Int64.fetchOne(
          database, sql: "SELECT value FROM meta WHERE key = 'sequence'")
      else { throw StoreError.damaged("the sequence is missing") }
      return value
    }
  }
}
