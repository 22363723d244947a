internal import GRDB
internal import Glibc

/// A candidate whose photos may go: nobody has answered for it, nobody is asked.
package struct Evictable: Hashable, Sendable {
  package var candidateID: Int64
  /// Of its photos that are there.
  package var sha256: [String]
  package var byteCount: Int
}

extension SampleStore {
  /// Bytes of the photos whose files are there.
  package func photoByteCount() throws(StoreError) -> Int {
    try read {
      try Int.fetchOne(
        $0,
        sql: """
          SELECT total(byteCount) FROM (
            SELECT DISTINCT sha256, byteCount FROM captures
            WHERE candidateID IS NOT NULL AND sha256 IS NOT NULL AND evicted = 0)
          """) ?? 0
    }
  }

  /// Bytes of the database: what is used, without pages that wait to be used again.
  package func databaseByteCount() throws(StoreError) -> Int {
    try read { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
      let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
      return (pages - free) * size
    }
  }

  /// How many candidates are in the queue.
  package func queuedCount() throws(StoreError) -> Int {
    try read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM candidates WHERE state = 'queued'") ?? 0
    }
  }

  /// Up to `limit` candidates of the pool whose photos are there, those that the active model is surest of
  /// first: they would be asked last. Audits, questions and everything answered stay.
  package func evictable(limit: Int) throws(StoreError) -> [Evictable] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT candidates.id AS id, group_concat(captures.sha256) AS hashes,
            sum(captures.byteCount) AS bytes
          FROM candidates
          JOIN captures ON captures.candidateID = candidates.id
            AND captures.evicted = 0 AND captures.sha256 IS NOT NULL
          LEFT JOIN predictions ON predictions.candidateID = candidates.id
            AND predictions.modelID = (SELECT id FROM models WHERE active = 1)
          WHERE candidates.state = 'pool' AND candidates.isAudit = 0
          GROUP BY candidates.id
          ORDER BY predictions.score IS NULL, predictions.score, candidates.id LIMIT ?
          """, arguments: [max(0, limit)]
      ).map { row in
        let hashes: String = try row.value("hashes")
        return Evictable(
          candidateID: try row.value("id"), sha256: hashes.split(separator: ",").map(String.init),
          byteCount: try row.value("bytes"))
      }
    }
  }

  /// Notes that the photos of these candidates go, with what was computed of them, then removes the files.
  /// The candidates can no longer be asked about; that they were there, and when, stays.
  ///
  /// A power cut in between leaves files that nothing names any more; the next start removes them.
  package func evict(_ candidates: [Evictable]) throws(StoreError) {
    try write { database in
      for candidate in candidates {
        let arguments: StatementArguments = [candidate.candidateID]
        for sql in [
          "UPDATE captures SET evicted = 1 WHERE candidateID = ?",
          "UPDATE candidates SET state = 'failed', queueRank = NULL WHERE id = ?",
          "DELETE FROM features WHERE candidateID = ?",
          "DELETE FROM predictions WHERE candidateID = ?",
        ] {
          try database.execute(sql: sql, arguments: arguments)
        }
      }
      try Self.count(
        .evictedPhotos, candidates.reduce(0) { $0 + $1.sha256.count }, in: database)
    }
    for candidate in candidates {
      for sha256 in candidate.sha256 { try photos.remove(sha256) }
    }
  }
}
