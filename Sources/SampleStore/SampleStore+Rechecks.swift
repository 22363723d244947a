internal import GRDB

/// A label that is asked once more, or was.
package struct RecheckRecord: Hashable, Sendable {
  package var id: Int64
  package var place: Place
  package var candidateID: Int64
  /// The label in doubt, and the class it gave.
  package var labelID: Int64
  package var className: String
  /// What speaks against the label.
  package var reason: String
  package var at: Stamp
  /// The decision that came second; `nil` while it is awaited.
  package var answerID: Int64?
}

extension SampleStore {
  /// Labels in doubt that have not been asked again, oldest first; a label that was taken back
  /// meanwhile is not among them.
  package func openRechecks() throws(StoreError) -> [RecheckRecord] {
    try rechecks(where: "rechecks.answerID IS NULL AND labels.undoneSequence IS NULL")
  }

  /// All labels that were ever in doubt, oldest first.
  package func rechecks() throws(StoreError) -> [RecheckRecord] { try rechecks(where: "1") }

  /// Whether a label of candidate `id` has been in doubt before: none is asked a third time.
  package func wasInDoubt(candidate id: Int64) throws(StoreError) -> Bool {
    try read { database in
      try Int.fetchOne(
        database, sql: "SELECT count(*) FROM rechecks WHERE candidateID = ?", arguments: [id]) ?? 0
        > 0
    }
  }

  private func rechecks(where condition: String) throws(StoreError) -> [RecheckRecord] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT rechecks.*, coalesce(classes.name, '?') AS className FROM rechecks
          JOIN labels ON labels.id = rechecks.labelID
          LEFT JOIN classes ON classes.id = labels.classID
          WHERE \(condition) ORDER BY rechecks.id
          """
      ).map(RecheckRecord.init)
    }
  }
}

// MARK: - Inside a transaction

extension SampleStore {
  /// Notes that label `labelID` of a candidate is in doubt, unless one of it has been before; returns
  /// whether it was noted.
  static func insertRecheck(
    of labelID: Int64, candidate: Int64, reason: String, at stamp: Stamp, into database: Database
  ) throws -> Bool {
    let place = try nextPlace(database)
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO rechecks (sequence, boot, candidateID, labelID, reason, at,
          clockTrusted) VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        place.sequence, place.boot, candidate, labelID, bounded(reason), stamp.unixMilliseconds,
        stamp.clockTrusted,
      ])
    return database.changesCount > 0
  }

  /// Whether label `labelID` waits for a second answer.
  static func isInDoubt(_ labelID: Int64, in database: Database) throws -> Bool {
    try Int.fetchOne(
      database, sql: "SELECT count(*) FROM rechecks WHERE labelID = ? AND answerID IS NULL",
      arguments: [labelID]) ?? 0 > 0
  }

  /// Decision `answerID` is the second of its candidate, if a label of it was in doubt.
  static func closeRecheck(
    of candidate: Int64, with answerID: Int64, in database: Database
  ) throws {
    try database.cachedStatement(
      sql: "UPDATE rechecks SET answerID = ? WHERE candidateID = ? AND answerID IS NULL"
    ).execute(arguments: [answerID, candidate])
  }
}

extension RecheckRecord {
  init(_ row: Row) throws {
    self.init(
      id: try row.value("id"), place: try row.place(), candidateID: try row.value("candidateID"),
      labelID: try row.value("labelID"), className: try row.value("className"),
      reason: try row.value("reason"), at: try row.stamp("at"),
      answerID: try row.value("answerID"))
  }
}
