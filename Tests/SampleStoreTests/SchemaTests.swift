import FoundationEssentials
import GRDB
import Glibc
import SampleStore
import Testing

@Suite struct SchemaTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs plain SQL on the database of `folder`.
  func run(_ sql: String) throws {
    try DatabaseQueue(path: folder.database).write { try $0.execute(sql: sql) }
  }

  func schema() throws -> [String] {
    try DatabaseQueue(path: folder.database).read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master
          WHERE name NOT LIKE 'grdb%' AND name NOT LIKE 'sqlite%' ORDER BY name
          """)
    }
  }

  @Test("writes ahead, syncs each commit, and holds to foreign keys")
  func pragmas() throws {
    let store = try folder.open(.device)
    let pragmas = try store.pragmas()
    #expect(pragmas.journalMode == "wal" && pragmas.synchronous == 2 && pragmas.foreignKeys)
    #expect(try SampleStore.openReadOnly(folder.path).pragmas().journalMode == "wal")
  }

  @Test("still makes the first version's tables as devices in the field have them")
  func v1IsFrozen() throws {
    try run(fixtureV1)
    let frozen = try schema()
    try FileManager.default.removeItem(atPath: folder.database)
    _ = try folder.open(steps: [SchemaStep.all[0]])
    #expect(try schema() == frozen)
    #expect(frozen.count > 15)
  }

  @Test("opens a database of the first version after later steps were added, with all it held")
  func v1StillOpens() throws {
    try run(fixtureV1)
    let later = SchemaStep(
      identifier: "later", sql: "ALTER TABLE candidates ADD COLUMN note TEXT DEFAULT 'none';")
    let steps = SchemaStep.all + [later]
    #expect(throws: StoreError.outdatedSchema(path: folder.database)) {
      try SampleStore.openReadOnly(folder.path, steps: steps)
    }
    let store = try folder.open(.device, steps: steps)
    let counts = try store.counts()
    #expect(counts.captures == 3 && counts.failedCaptures == 1 && counts.boot == 4)
    #expect(counts.candidates == [.labelled: 1, .queued: 1, .pool: 1])
    let features = try #require(try store.features(of: 1, bodySHA256: body))
    #expect(features.patches == 2 && features.values == [1, 0.5, -2, 65_504])
    let entry = try #require(try store.queue(limit: 5).first)
    #expect(entry.candidate.group == "g" && entry.prediction?.probabilities == [0.25, 0.75])
    #expect(entry.prediction?.kept == [0] && entry.captures[0].size == nil)
    #expect(try store.activeModel()?.model.seed == .max)
    let label = try #require(try store.activeLabels().first)
    #expect(label.className == "Cat" && label.operatorName == "Ben")
    #expect(try store.labelHistory()[0].undone?.by == "Ben")
    #expect(try store.events(limit: 1)[0].severity == .warning)
    let receipt = try store.label(
      candidate: 2, kind: .label, class: 1, operator: Name("Anna"), at: noon)
    #expect(receipt.sequence == 21 && receipt.labelID == 3)
    _ = try SampleStore.openReadOnly(folder.path, steps: steps)
  }

  @Test("refuses a database of a newer Loam, and leaves it as it is")
  func newer() throws {
    let steps = SchemaStep.all + [SchemaStep(identifier: "v99", sql: "CREATE TABLE x (y);")]
    try folder.open(steps: steps).insert(newCandidate(1))
    let expected = StoreError.newerSchema(path: folder.database, unknown: ["v99"])
    #expect(throws: expected) { try folder.open(.device) }
    #expect(throws: expected) { try SampleStore.openReadOnly(folder.path) }
    #expect(expected.description.contains("newer Loam"))
    #expect(try folder.open(steps: steps).counts().captures == 1)
  }

  @Test("leaves no half of a step that fails")
  func failingStep() throws {
    let broken = SchemaStep(identifier: "broken", sql: "CREATE TABLE half (x); SELECT nonsense;")
    #expect(throws: StoreError.self) { try folder.open(steps: SchemaStep.all + [broken]) }
    #expect(try folder.open().counts().captures == 0)
    #expect(try !schema().contains { $0.contains("half") })
  }

  @Test("tells another program's database, no database, and none at all apart")
  func strangers() throws {
    #expect(throws: StoreError.missing(folder: folder.path)) {
      try SampleStore.openReadOnly(folder.path)
    }
    try run("CREATE TABLE bookmarks (url TEXT);")
    #expect(throws: StoreError.notAStore(path: folder.database)) { try folder.open() }
    #expect(throws: StoreError.notAStore(path: folder.database)) {
      try SampleStore.openReadOnly(folder.path)
    }
    #expect(try schema().count == 1)
    try Data("a text that is no database, long enough to be looked at".utf8)
      .write(to: URL(filePath: folder.database))
    guard
      case .corrupt(folder.database, _) = #expect(
        throws: StoreError.self, performing: { try folder.open() })
    else {
      Issue.record("a text file was taken for something else than a damaged database")
      return
    }
    let nowhere = folder.path + "/no/where"
    guard
      case .cannotOpen(nowhere, _) = #expect(
        throws: StoreError.self, performing: { try SampleStore.open(nowhere, for: .tool) })
    else {
      Issue.record("a folder without a parent was taken for something else")
      return
    }
  }

  @Test("takes an empty file for a store that was never finished")
  func emptyFile() throws {
    try Data().write(to: URL(filePath: folder.database))
    #expect(try folder.open().counts().captures == 0)
  }

  @Test("says that a damaged page is damage")
  func damage() throws {
    var store: SampleStore? = try folder.open()
    try store?.insert((0..<50).map { newCandidate($0, patches: 8, length: 200) })
    store = nil
    var bytes = try Data(contentsOf: URL(filePath: folder.database))
    for index in 4096..<bytes.count where index % 4096 < 64 { bytes[index] = 0xa5 }
    try bytes.write(to: URL(filePath: folder.database))
    let error = #expect(throws: StoreError.self) {
      let store = try folder.open()
      var cursor = store.poolSamples(bodySHA256: body)
      while try cursor.next() != nil {}
    }
    guard case .corrupt = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("says that the disk is full, keeps what was acknowledged, and goes on when there is room")
  func full() throws {
    var store: SampleStore? = try folder.open(options: StoreOptions(maximumPages: 120))
    var stored = 0
    let error = #expect(throws: StoreError.self) {
      while stored < 100 {
        try store?.insert(newCandidate(stored, patches: 8, length: 1000))
        stored += 1
      }
    }
    #expect(error == .diskFull(path: folder.database))
    #expect(stored > 0 && stored < 100)
    #expect(try store?.counts().captures == stored)
    store = nil
    store = try folder.open()
    try store?.insert(newCandidate(stored, patches: 8, length: 1000))
    #expect(try store?.counts().captures == stored + 1)
  }

  @Test("says that another process holds the lock, once its patience is over")
  func locked() throws {
    let store = try folder.open(options: StoreOptions(patience: .milliseconds(50)))
    let other = try DatabaseQueue(path: folder.database)
    try other.inDatabase { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      let started = ContinuousClock.now
      #expect(throws: StoreError.locked(path: folder.database)) {
        try store.insert(newCandidate(1))
      }
      #expect(ContinuousClock.now - started >= .milliseconds(40))
      // Readers never wait.
      #expect(try store.counts().captures == 0)
      try database.execute(sql: "ROLLBACK")
    }
    try store.insert(newCandidate(1))
    #expect(try store.counts().captures == 1)
  }

  @Test("reads and refuses to write when opened for looking only, also after the device has gone")
  func readOnly() throws {
    var device: SampleStore? = try folder.open(.device)
    let id = try #require(try device?.insert(newCandidate(1)))
    let while_ = try SampleStore.openReadOnly(folder.path)
    #expect(try while_.candidate(id).state == .pool)
    try device?.insert(newCandidate(2))
    #expect(try while_.counts().captures == 2)
    device = nil
    let after = try SampleStore.openReadOnly(folder.path)
    #expect(try after.counts().captures == 2)
    #expect(throws: StoreError.readOnly(path: folder.database)) {
      try after.insert(newCandidate(3))
    }
  }

  @Test("names the thing and the next step in every message")
  func messages() {
    let path = "/x/loam.sqlite"
    for error: StoreError in [
      .diskFull(path: path), .locked(path: path), .readOnly(path: path),
      .corrupt(path: path, detail: "d"), .notAStore(path: path),
      .newerSchema(path: path, unknown: ["v9"]), .outdatedSchema(path: path),
      .cannotOpen(path: path, reason: "r"), .inputOutput(path: path, detail: "d"),
    ] {
      #expect(error.description.contains(path))
      #expect(error.description.contains(";") || error.description.contains("check"))
    }
  }
}
