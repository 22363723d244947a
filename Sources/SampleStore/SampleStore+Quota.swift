internal import GRDB

/// A photo whose file may go: nobody has answered for it, nobody is asked.
package struct Evictable: Hashable, Sendable {
  package var sha256: String
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

  /// Up to `limit` photos of candidates in the pool whose files are there, those that the active model
  /// is surest of first: they would be asked last. Audits, questions and everything answered stay.
  package func evictable(limit: Int) throws(StoreError) -> [Evictable] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT captures.sha256 AS sha256, captures.byteCount AS byteCount
          FROM candidates
          JOIN captures ON captures.candidateID = candidates.id
          LEFT JOIN predictions ON predictions.candidateID = candidates.id
            AND predictions.modelID = (SELECT id FROM models WHERE active = 1)
          WHERE candidates.state = 'pool' AND candidates.isAudit = 0
            AND captures.evicted = 0 AND captures.sha256 IS NOT NULL
          ORDER BY predictions.score IS NULL, predictions.score, captures.id LIMIT ?
          """, arguments: [max(0, limit)]
      ).map { Evictable(sha256: try $0.value("sha256"), byteCount: try $0.value("byteCount")) }
    }
  }

  /// Notes that the files of these photos go, then removes them. Their candidates can no longer be
  /// asked about and leave the pool; features and figures stay.
  ///
  /// A power cut in between leaves files that nothing names any more; the next call removes none of
  /// them twice and harms nothing.
  package func evict(_ photos: [Evictable]) throws(StoreError) {
    try write { database in
      for photo in photos {
        try database.execute(
          sql: "UPDATE captures SET evicted = 1 WHERE sha256 = ?", arguments: [photo.sha256])
        try database.execute(
          sql: """
            UPDATE candidates SET state = 'failed', queueRank = NULL
            WHERE state = 'pool' AND id IN (SELECT candidateID FROM captures WHERE sha256 = ?)
              AND NOT EXISTS (SELECT 1 FROM captures
                WHERE captures.candidateID = candidates.id AND captures.evicted = 0)
            """, arguments: [photo.sha256])
      }
      try Self.count(.evictedPhotos, photos.count, in: database)
    }
    for photo in photos { try self.photos.remove(photo.sha256) }
  }
}
