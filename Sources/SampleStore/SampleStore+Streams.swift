internal import GRDB

/// A walk over many rows that holds one chunk at a time.
///
/// Each chunk is a read of its own: between two of them the store may be written, by this thread
/// too, and no lock is held however long the work on a chunk takes.
package struct StoreCursor<Element: Sendable> {
  private let fetch: (_ after: Int64) throws(StoreError) -> [(key: Int64, element: Element)]
  private var last = Int64.min

  init(_ fetch: @escaping (Int64) throws(StoreError) -> [(key: Int64, element: Element)]) {
    self.fetch = fetch
  }

  /// The next elements, at most a chunk; `nil` after the last.
  package mutating func next() throws(StoreError) -> [Element]? {
    let rows = try fetch(last)
    guard let key = rows.last?.key else { return nil }
    last = key
    return rows.map(\.element)
  }
}

extension SampleStore {
  /// Labelled candidates with their features under a body, in the order of their labels.
  ///
  /// Candidates whose features were made by another body are left out.
  package func labelledSamples(
    bodySHA256: String, chunk: Int = 64
  ) -> StoreCursor<LabelledSample> {
    StoreCursor { after throws(StoreError) in
      try self.read { database in
        try Self.fetch(
          database,
          sql: """
            SELECT labels.id AS key, labels.sequence, labels.candidateID, labels.classID,
              classes.name, candidates.isAudit, features.patches, features.elements, features.data
            FROM labels
            JOIN classes ON classes.id = labels.classID
            JOIN candidates ON candidates.id = labels.candidateID
            JOIN features ON features.candidateID = labels.candidateID
              AND features.bodySHA256 = :body
            WHERE labels.kind = 'label' AND labels.undoneSequence IS NULL AND labels.id > :after
            ORDER BY labels.id LIMIT :chunk
            """, arguments: ["body": bodySHA256, "after": after, "chunk": max(1, chunk)]
        ) { key, row in
          LabelledSample(
            labelID: key, labelSequence: try row.value("sequence"),
            candidateID: try row.value("candidateID"), classID: try row.value("classID"),
            className: try row.value("name"), isAudit: try row.value("isAudit"),
            features: try FeatureBlock(row))
        }
      }
    }
  }

  /// Candidates without a label, with their features under a body, in the order they came.
  package func poolSamples(
    bodySHA256: String, states: Set<CandidateState> = [.pool, .queued], chunk: Int = 64
  ) -> StoreCursor<PoolSample> {
    // The + keeps SQLite from the index of states, by which it would sort all the rest for each chunk.
    let names = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
    return StoreCursor { after throws(StoreError) in
      try self.read { database in
        try Self.fetch(
          database,
          sql: """
            SELECT candidates.id AS key, candidates.state, candidates.isAudit, features.patches,
              features.elements, features.data
            FROM candidates
            JOIN features ON features.candidateID = candidates.id AND features.bodySHA256 = :body
            WHERE +candidates.state IN (\(names)) AND candidates.id > :after
            ORDER BY candidates.id LIMIT :chunk
            """, arguments: ["body": bodySHA256, "after": after, "chunk": max(1, chunk)]
        ) { key, row in
          PoolSample(
            candidateID: key, state: try row.value(case: "state"),
            isAudit: try row.value("isAudit"), features: try FeatureBlock(row))
        }
      }
    }
  }

  /// Candidates of the pool, audits aside, with their features under a body, the greatest score of
  /// the active model first. The pool and its scores must not change while it walks.
  package func rankedSamples(bodySHA256: String, chunk: Int = 64) -> StoreCursor<RankedSample> {
    StoreCursor { after throws(StoreError) in
      let offset = after == .min ? 0 : after + 1
      return try self.read { database in
        let samples = try Self.fetch(
          database,
          sql: """
            SELECT best.*, 0 AS key, features.patches, features.elements, features.data
            FROM (
              SELECT predictions.* FROM candidates
              JOIN predictions ON predictions.candidateID = candidates.id
                AND predictions.modelID = (SELECT id FROM models WHERE active = 1)
              WHERE candidates.state = 'pool' AND candidates.isAudit = 0
              ORDER BY predictions.score DESC, candidates.id LIMIT :chunk OFFSET :offset) AS best
            JOIN features ON features.candidateID = best.candidateID
              AND features.bodySHA256 = :body
            ORDER BY best.score DESC, best.candidateID
            """, arguments: ["body": bodySHA256, "chunk": max(1, chunk), "offset": offset]
        ) { _, row in
          RankedSample(prediction: try Prediction(row), features: try FeatureBlock(row))
        }
        return samples.enumerated().map { (key: offset + Int64($0), element: $1.element) }
      }
    }
  }

  /// Captures of candidates that have no features under a body: what has to be decoded again.
  package func capturesWithoutFeatures(
    bodySHA256: String, chunk: Int = 64
  ) -> StoreCursor<CaptureRecord> {
    StoreCursor { after throws(StoreError) in
      try self.read { database in
        try Self.fetch(
          database,
          sql: """
            SELECT captures.id AS key, captures.* FROM captures
            WHERE captures.candidateID IS NOT NULL AND captures.id > :after AND NOT EXISTS (
              SELECT 1 FROM features WHERE features.candidateID = captures.candidateID
                AND features.bodySHA256 = :body)
            ORDER BY captures.id LIMIT :chunk
            """, arguments: ["body": bodySHA256, "after": after, "chunk": max(1, chunk)]
        ) { _, row in try CaptureRecord(row) }
      }
    }
  }

  private static func fetch<Element>(
    _ database: Database, sql: String, arguments: StatementArguments,
    _ element: (Int64, Row) throws -> Element
  ) throws -> [(key: Int64, element: Element)] {
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: sql), arguments: arguments)
    var result: [(key: Int64, element: Element)] = []
    while let row = try rows.next() {
      let key: Int64 = try row.value("key")
      result.append((key, try element(key, row)))
    }
    return result
  }
}
