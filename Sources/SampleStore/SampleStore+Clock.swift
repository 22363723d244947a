internal import GRDB

extension SampleStore {
  /// Keeps what has to be added to the system's clock, in the caller's form.
  package func keepClockCorrection(_ text: String) throws(StoreError) {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO meta VALUES ('clockCorrection', ?)",
        arguments: [Self.bounded(text)])
    }
  }

  /// What `keepClockCorrection` kept last; `nil` if nothing.
  package func clockCorrection() throws(StoreError) -> String? {
    try read {
      try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'clockCorrection'")
    }
  }
}
