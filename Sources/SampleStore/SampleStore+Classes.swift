internal import GRDB

extension SampleStore {
  /// Adds a class after those there are; throws `StoreError.classExists` when the name is taken.
  @discardableResult
  package func addClass(_ name: Name, at stamp: Stamp) throws(StoreError) -> ClassRecord {
    try write { database in
      let classes = try Self.classes(in: database)
      try Self.check(name, isFreeAmong: classes)
      let place = try Self.nextPlace(database)
      let position = (classes.last?.position ?? -1) + 1
      try database.execute(
        sql: """
          INSERT INTO classes (sequence, boot, name, folded, position, addedAt, clockTrusted)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          place.sequence, place.boot, name.text, name.folded, position, stamp.unixMilliseconds,
          stamp.clockTrusted,
        ])
      return ClassRecord(
        id: database.lastInsertedRowID, name: name.text, position: position, addedAt: stamp)
    }
  }

  /// Gives class `id` another name; its labels stay.
  package func renameClass(_ id: Int64, to name: Name) throws(StoreError) {
    try write { database in
      _ = try Self.classRecord(id, in: database)
      try Self.check(name, isFreeAmong: Self.classes(in: database).filter { $0.id != id })
      try database.execute(
        sql: "UPDATE classes SET name = ?, folded = ? WHERE id = ?",
        arguments: [name.text, name.folded, id])
    }
  }

  /// All classes, by position.
  package func classes() throws(StoreError) -> [ClassRecord] {
    try read { try Self.classes(in: $0) }
  }

  /// The class that `name` means, whatever its capitals and spaces.
  package func findClass(_ name: Name) throws(StoreError) -> ClassRecord? {
    try classes().first { $0.name.lowercased() == name.folded }
  }

  static func classRecord(_ id: Int64, in database: Database) throws -> ClassRecord {
    let statement = try database.cachedStatement(sql: "SELECT * FROM classes WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw StoreError.noClass(id)
    }
    return try ClassRecord(row)
  }

  private static func classes(in database: Database) throws -> [ClassRecord] {
    try Row.fetchAll(database, sql: "SELECT * FROM classes ORDER BY position")
      .map(ClassRecord.init)
  }

  /// Swift's strings compare by canonical equivalence, which the index on `folded` cannot.
  private static func check(_ name: Name, isFreeAmong classes: [ClassRecord]) throws {
    if let taken = classes.first(where: { $0.name.lowercased() == name.folded }) {
      throw StoreError.classExists(taken.name)
    }
  }
}

extension ClassRecord {
  init(_ row: Row) throws {
    self.init(
      id: try row.value("id"), name: try row.value("name"), position: try row.value("position"),
      addedAt: try row.stamp("addedAt"))
  }
}
