internal import GRDB

/// Things that are counted for as long as the store lives.
package enum StoreCounter: String, Hashable, Sendable, CaseIterable {
  /// Bursts that were thrown away because captures came faster than they could be judged.
  case droppedBursts
  /// Photos whose files made room when the disk's quota was reached.
  case evictedPhotos
  /// Triggers that gave no photo.
  case failedTriggers
}

extension SampleStore {
  /// Counts `amount` more, durably.
  package func count(_ counter: StoreCounter, _ amount: Int = 1) throws(StoreError) {
    try write { try Self.count(counter, amount, in: $0) }
  }

  /// Counts within a transaction.
  static func count(_ counter: StoreCounter, _ amount: Int, in database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO meta VALUES (?, ?)
        ON CONFLICT (key) DO UPDATE SET value = value + excluded.value
        """
    ).execute(arguments: ["count." + counter.rawValue, amount])
  }

  /// How much was counted.
  package func counted(_ counter: StoreCounter) throws(StoreError) -> Int {
    try read {
      try Int.fetchOne(
        $0, sql: "SELECT value FROM meta WHERE key = ?", arguments: ["count." + counter.rawValue])
        ?? 0
    }
  }

  /// Labels that stand and were given at or after `unixMilliseconds` by the clock of then.
  package func labels(since unixMilliseconds: Int64) throws(StoreError) -> Int {
    try read {
      try Int.fetchOne(
        $0,
        sql: """
          SELECT count(*) FROM labels WHERE undoneSequence IS NULL AND kind = 'label' AND at >= ?
          """, arguments: [unixMilliseconds]) ?? 0
    }
  }
}
