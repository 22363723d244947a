internal import GRDB

extension SampleStore {
  /// Notes that no more is asked and why, also as an event.
  package func recordStop(_ reason: String, at stamp: Stamp) throws(StoreError) {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO meta VALUES ('stopReason', ?)",
        arguments: [Self.bounded(reason)])
      try Self.insertEvent(
        .info, kind: "asking.stopped", message: reason, at: stamp, into: database)
    }
  }

  /// Notes that asking goes on after a stop, also as an event; what was answered until now stops it
  /// no more.
  package func recordResumption(_ message: String, at stamp: Stamp) throws(StoreError) {
    try write { database in
      try database.execute(sql: "DELETE FROM meta WHERE key = 'stopReason'")
      let place = try Self.insertEvent(
        .info, kind: "asking.resumed", message: message, at: stamp, into: database)
      try database.execute(
        sql: "INSERT OR REPLACE INTO meta VALUES ('resumed', ?)", arguments: [place.sequence])
    }
  }

  /// Forgets that asking was stopped, as when the rules have changed.
  package func clearStop() throws(StoreError) {
    try write { try $0.execute(sql: "DELETE FROM meta WHERE key = 'stopReason'") }
  }

  /// Why no more is asked; `nil` while asking goes on.
  package func stopReason() throws(StoreError) -> String? {
    try read {
      try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'stopReason'")
    }
  }

  /// Place in the store's order after which answers and rounds count for stop rules: 0, or where
  /// the operator last had asking resumed.
  package func resumedSequence() throws(StoreError) -> Int64 {
    try read {
      try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'resumed'") ?? 0
    }
  }
}
