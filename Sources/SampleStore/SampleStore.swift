internal import GRDB
internal import Glibc

/// Limits of an open store.
package struct StoreOptions: Hashable, Sendable {
  /// How long to wait for another process that writes.
  package var patience: Duration
  /// Page cache of each of the two connections, in KiB.
  package var cacheKibibytes: Int
  /// Most pages of 4 KiB the database may grow to; `nil` for no limit but the disk's.
  package var maximumPages: Int?

  /// Limits of an open store.
  package init(
    patience: Duration = .seconds(5), cacheKibibytes: Int = 1024, maximumPages: Int? = nil
  ) {
    self.patience = patience
    self.cacheKibibytes = cacheKibibytes
    self.maximumPages = maximumPages
  }
}

/// What a store is opened for.
package enum StorePurpose: Hashable, Sendable {
  /// The device itself: one process at a time; one more start is counted, and photos that the last one left
  /// unfinished are removed.
  case device
  /// A command that writes, beside the device or without it.
  case tool
}

/// All that a device knows: captures, candidates, features, predictions, labels, models, events.
///
/// One folder holds `loam.sqlite` (WAL, synchronous=FULL, foreign keys) and `captures/`. Each call
/// is one transaction; when a call that changes something returns, the change survives a power cut.
/// Calls may come from any thread; writers wait for one another, readers never wait.
package final class SampleStore: Sendable {
  /// The folder that holds the store.
  package let folder: String
  /// Path of the database.
  package let databasePath: String
  /// Photos by hash.
  package let photos: PhotoFolder

  private let reader: any DatabaseReader
  private let writer: (any DatabaseWriter)?
  private let lock: FolderLock?

  private init(
    folder: String, reader: any DatabaseReader, writer: (any DatabaseWriter)?, lock: FolderLock?
  ) {
    self.folder = folder
    databasePath = Self.databasePath(folder)
    photos = PhotoFolder(path: folder + "/captures")
    self.reader = reader
    self.writer = writer
    self.lock = lock
  }

  private static func databasePath(_ folder: String) -> String { folder + "/loam.sqlite" }

  /// Opens the store in `folder`, making it when there is none, and brings its schema up to date.
  ///
  /// `steps` is the schema to bring it to; anything but all steps is for tests.
  package static func open(
    _ folder: String, for purpose: StorePurpose, options: StoreOptions = StoreOptions(),
    steps: [SchemaStep] = SchemaStep.all
  ) throws(StoreError) -> SampleStore {
    try Files.makeFolder(folder)
    let lock = purpose == .device ? try FolderLock(folder: folder) : nil
    let path = databasePath(folder)
    let migrator = SchemaStep.migrator(steps)
    let pool: DatabasePool
    do {
      pool = try DatabasePool(path: path, configuration: configuration(options, readOnly: false))
      try pool.writeWithoutTransaction { database in
        // GRDB has set NORMAL, which may lose the last commits in a power cut.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try check(database, migrator, path: path)
        if let pages = options.maximumPages {
          try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
      }
      try migrator.migrate(pool)
      if purpose == .device {
        try pool.write {
          try $0.execute(sql: "UPDATE meta SET value = value + 1 WHERE key = 'boot'")
        }
      }
    } catch {
      throw StoreError(error, path: path)
    }
    try Files.syncFolder(folder)
    let store = SampleStore(folder: folder, reader: pool, writer: pool, lock: lock)
    if purpose == .device { store.photos.removeUnfinished() }
    return store
  }

  /// Gives back SQLite's cached pages; they are read again when they are needed.
  package func releaseMemory() {
    (writer as? DatabasePool)?.releaseMemory()
  }

  /// Opens the store in `folder` for looking only, also while a device writes to it.
  package static func openReadOnly(
    _ folder: String, options: StoreOptions = StoreOptions(), steps: [SchemaStep] = SchemaStep.all
  ) throws(StoreError) -> SampleStore {
    let path = databasePath(folder)
    guard Files.exists(path) else { throw .missing(folder: folder) }
    let migrator = SchemaStep.migrator(steps)
    do {
      let queue = try DatabaseQueue(
        path: path, configuration: configuration(options, readOnly: true))
      try queue.read { database in
        try check(database, migrator, path: path)
        guard try migrator.hasCompletedMigrations(database) else {
          throw StoreError.outdatedSchema(path: path)
        }
      }
      return SampleStore(folder: folder, reader: queue, writer: nil, lock: nil)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Refuses a database of another program or of a newer Loam; an empty one is welcome.
  private static func check(
    _ database: Database, _ migrator: DatabaseMigrator, path: String
  ) throws {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
    if application != SchemaStep.applicationID {
      let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      guard tables == 0, application == 0 else { throw StoreError.notAStore(path: path) }
    }
    let unknown = try migrator.appliedIdentifiers(database).subtracting(migrator.migrations)
    guard unknown.isEmpty else {
      throw StoreError.newerSchema(path: path, unknown: unknown.sorted())
    }
  }

  private static func configuration(_ options: StoreOptions, readOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.foreignKeysEnabled = true
    configuration.maximumReaderCount = 1
    configuration.label = "Loam"
    let (seconds, attoseconds) = options.patience.components
    let patience = Double(seconds) + Double(attoseconds) / 1e18
    configuration.busyMode = .timeout(patience)
    let cache = max(64, options.cacheKibibytes)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -\(cache)") }
    return configuration
  }
}

/// How SQLite keeps what it is given, read back from an open store.
package struct StorePragmas: Hashable, Sendable {
  /// `wal`.
  package var journalMode: String
  /// 2, which is FULL: a commit returns after the log was synced. 1, NORMAL, would not wait.
  package var synchronous: Int
  package var foreignKeys: Bool
}

extension SampleStore {
  /// The settings of the connection that writes, or that reads in a store opened for looking only.
  package func pragmas() throws(StoreError) -> StorePragmas {
    func read(_ database: Database) throws -> StorePragmas {
      StorePragmas(
        journalMode: try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
        synchronous: try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1,
        foreignKeys: try Bool.fetchOne(database, sql: "PRAGMA foreign_keys") ?? false)
    }
    do {
      return try writer?.writeWithoutTransaction(read) ?? reader.read(read)
    } catch {
      throw StoreError(error, path: databasePath)
    }
  }

  /// Runs `body` on one consistent state of the database.
  func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    do { return try reader.read(body) } catch { throw StoreError(error, path: databasePath) }
  }

  /// Runs `body` in one transaction, which is on the disk when this returns.
  func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    guard let writer else { throw .readOnly(path: databasePath) }
    do { return try writer.write(body) } catch { throw StoreError(error, path: databasePath) }
  }

  /// The next place in the store's order.
  static func nextPlace(_ database: Database) throws -> Place {
    let statement = try database.cachedStatement(
      sql: "UPDATE meta SET value = value + 1 WHERE key = 'sequence' RETURNING value")
    let boot = try database.cachedStatement(sql: "SELECT value FROM meta WHERE key = 'boot'")
    guard let sequence = try Int64.fetchOne(statement), let boot = try Int64.fetchOne(boot) else {
      throw StoreError.damaged("the sequence or the boot counter is missing")
    }
    return Place(sequence: sequence, boot: boot)
  }
}

extension Row {
  /// The value of `column`; throws when it is not one of the expected type.
  func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    try decode(forColumn: column)
  }

  /// The value of `column` as one of the cases of an enumeration.
  func value<Value: RawRepresentable<String>>(case column: String) throws -> Value {
    let text: String = try decode(forColumn: column)
    guard let value = Value(rawValue: text) else {
      throw StoreError.damaged("\(column) is '\(text.prefix(80))'")
    }
    return value
  }

  /// The time in column `time`, with the trust in column `trusted`.
  func stamp(_ time: String, trusted: String = "clockTrusted") throws -> Stamp {
    Stamp(unixMilliseconds: try value(time), clockTrusted: try value(trusted))
  }

  /// The row's place in the store's order.
  func place() throws -> Place { Place(sequence: try value("sequence"), boot: try value("boot")) }
}
