internal import GRDB

extension SampleStore {
  /// Events that are kept; older ones make room.
  package static let mostEvents = 10_000

  /// Notes that something happened. `message` is cut to 2,000 characters, control characters
  /// become spaces.
  package func recordEvent(
    _ severity: Severity, kind: String, message: String, at stamp: Stamp
  ) throws(StoreError) {
    try write {
      _ = try Self.insertEvent(severity, kind: kind, message: message, at: stamp, into: $0)
    }
  }

  /// Adds an event within a transaction; returns its place.
  @discardableResult
  static func insertEvent(
    _ severity: Severity, kind: String, message: String, at stamp: Stamp, into database: Database
  ) throws -> Place {
    let place = try nextPlace(database)
    try database.cachedStatement(
      sql: """
        INSERT INTO events (sequence, boot, at, clockTrusted, severity, kind, message)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      place.sequence, place.boot, stamp.unixMilliseconds, stamp.clockTrusted,
      severity.rawValue, bounded(kind), bounded(message),
    ])
    try database.cachedStatement(sql: "DELETE FROM events WHERE id <= ?")
      .execute(arguments: [database.lastInsertedRowID - Int64(mostEvents)])
    return place
  }

  /// The last `limit` events, newest first.
  package func events(limit: Int) throws(StoreError) -> [EventRecord] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM events ORDER BY id DESC LIMIT ?", arguments: [max(0, limit)]
      ).map(EventRecord.init)
    }
  }

  /// How much of everything there is, all counted at one moment.
  package func counts() throws(StoreError) -> StoreCounts {
    try read { database in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      func counts<Key: RawRepresentable<String> & Hashable>(_ sql: String) throws -> [Key: Int] {
        var result: [Key: Int] = [:]
        for row in try Row.fetchAll(database, sql: sql) {
          result[try row.value(case: "key")] = try row.value("count")
        }
        return result
      }
      return StoreCounts(
        captures: try count("SELECT count(*) FROM captures"),
        failedCaptures: try count("SELECT count(*) FROM captures WHERE failure IS NOT NULL"),
        candidates: try counts(
          "SELECT state AS key, count(*) AS count FROM candidates GROUP BY state"),
        decisions: try counts(
          """
          SELECT kind AS key, count(*) AS count FROM labels WHERE undoneSequence IS NULL
          GROUP BY kind
          """),
        undone: try count("SELECT count(*) FROM labels WHERE undoneSequence IS NOT NULL"),
        classes: try count("SELECT count(*) FROM classes"),
        models: try count("SELECT count(*) FROM models"),
        events: try counts(
          "SELECT severity AS key, count(*) AS count FROM events GROUP BY severity"),
        boot: try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'boot'") ?? 0)
    }
  }
}

extension EventRecord {
  init(_ row: Row) throws {
    self.init(
      id: try row.value("id"), place: try row.place(), at: try row.stamp("at"),
      severity: try row.value(case: "severity"), kind: try row.value("kind"),
      message: try row.value("message"))
  }
}
