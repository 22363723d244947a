internal import GRDB

extension SampleStore {
  /// Where candidate `id` stands among those of the pool and the queue by the active model's score,
  /// from 1, and how many have one; `nil` when it has none.
  package func rank(of id: Int64) throws(StoreError) -> (place: Int, of: Int)? {
    try read { database in
      let scored = """
        FROM predictions JOIN candidates ON candidates.id = predictions.candidateID
        WHERE predictions.modelID = (SELECT id FROM models WHERE active = 1)
          AND candidates.state IN ('pool', 'queued')
        """
      let own = try Double.fetchOne(
        database, sql: "SELECT predictions.score \(scored) AND candidates.id = ?", arguments: [id])
      guard let own else { return nil }
      let before = try Int.fetchOne(
        database,
        sql: """
          SELECT count(*) \(scored)
            AND (predictions.score > ? OR (predictions.score = ? AND candidates.id < ?))
          """, arguments: [own, own, id])
      let all = try Int.fetchOne(database, sql: "SELECT count(*) \(scored)")
      return ((before ?? 0) + 1, all ?? 0)
    }
  }
}
