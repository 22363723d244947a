internal import GRDB

extension SampleStore {
  /// Enters a model, and makes it the active one if `activate` says so, in one transaction.
  @discardableResult
  package func recordModel(
    _ model: NewModel, at stamp: Stamp, activate: Bool = false
  ) throws(StoreError) -> ModelRecord {
    try PhotoFolder.check(model.sha256)
    try PhotoFolder.check(model.bodySHA256)
    return try write { database in
      if let parent = model.parentID { _ = try Self.modelRecord(parent, in: database) }
      let place = try Self.nextPlace(database)
      try database.execute(
        sql: """
          INSERT INTO models (sequence, boot, createdAt, clockTrusted, sha256, path, parentID,
            bodySHA256, labels, seed, accuracyBefore, accuracyAfter, accepted, why)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          place.sequence, place.boot, stamp.unixMilliseconds, stamp.clockTrusted, model.sha256,
          model.path, model.parentID, model.bodySHA256, model.labelCount,
          Int64(bitPattern: model.seed), model.accuracyBefore, model.accuracyAfter,
          model.accepted, Self.bounded(model.why),
        ])
      let id = database.lastInsertedRowID
      if activate { try Self.activate(id, in: database) }
      return try Self.modelRecord(id, in: database)
    }
  }

  /// Makes model `id` the only active one and drops what the others said of the candidates.
  ///
  /// `change` is kept with it. Throws `StoreError.modelRejected` for a model that the gate did not
  /// accept.
  package func activateModel(_ id: Int64, change: PoolChange? = nil) throws(StoreError) {
    try write { database in
      try Self.activate(id, in: database)
      if let change {
        try database.execute(
          sql: """
            UPDATE models SET changedShare = ?, expectedBefore = ?, expectedAfter = ? WHERE id = ?
            """,
          arguments: [change.changedShare, change.expectedBefore, change.expectedAfter, id])
      }
    }
  }

  /// The model in use; `nil` before the first one.
  package func activeModel() throws(StoreError) -> ModelRecord? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM models WHERE active = 1")
        .map(ModelRecord.init)
    }
  }

  /// All models, oldest first.
  package func models() throws(StoreError) -> [ModelRecord] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM models ORDER BY id").map(ModelRecord.init)
    }
  }

  static func modelRecord(_ id: Int64, in database: Database) throws -> ModelRecord {
    let row = try Row.fetchOne(
      database, sql: "SELECT * FROM models WHERE id = ?", arguments: [id])
    guard let row else { throw StoreError.noModel(id) }
    return try ModelRecord(row)
  }

  private static func activate(_ id: Int64, in database: Database) throws {
    guard try modelRecord(id, in: database).model.accepted else {
      throw StoreError.modelRejected(id)
    }
    try database.execute(sql: "UPDATE models SET active = 0 WHERE active = 1")
    try database.execute(sql: "UPDATE models SET active = 1 WHERE id = ?", arguments: [id])
    try database.execute(sql: "DELETE FROM predictions WHERE modelID <> ?", arguments: [id])
  }
}

extension ModelRecord {
  init(_ row: Row) throws {
    let seed: Int64 = try row.value("seed")
    var change: PoolChange?
    if let share: Double = try row.value("changedShare"),
      let before: Double = try row.value("expectedBefore"),
      let after: Double = try row.value("expectedAfter")
    {
      change = PoolChange(changedShare: share, expectedBefore: before, expectedAfter: after)
    }
    self.init(
      id: try row.value("id"), place: try row.place(),
      model: NewModel(
        sha256: try row.value("sha256"), path: try row.value("path"),
        parentID: try row.value("parentID"), bodySHA256: try row.value("bodySHA256"),
        labelCount: try row.value("labels"), seed: UInt64(bitPattern: seed),
        accuracyBefore: try row.value("accuracyBefore"),
        accuracyAfter: try row.value("accuracyAfter"), accepted: try row.value("accepted"),
        why: try row.value("why")),
      createdAt: try row.stamp("createdAt"), isActive: try row.value("active"),
      change: change)
  }
}
