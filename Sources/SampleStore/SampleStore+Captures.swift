internal import FoundationEssentials
internal import GRDB

extension SampleStore {
  /// Stores candidates with their captures and features, all of them or none; returns their ids.
  ///
  /// Every candidate starts in the pool. The photos themselves go to `photos` beforehand.
  @discardableResult
  package func insert(_ candidates: [NewCandidate]) throws(StoreError) -> [Int64] {
    for candidate in candidates { try Self.check(candidate) }
    return try write { database in
      try candidates.map { candidate in
        let place = try Self.nextPlace(database)
        try database.cachedStatement(
          sql: """
            INSERT INTO candidates (sequence, boot, state, groupKey, isAudit)
            VALUES (?, ?, 'pool', ?, ?)
            """
        ).execute(arguments: [place.sequence, place.boot, candidate.group, candidate.isAudit])
        let id = database.lastInsertedRowID
        for capture in candidate.captures {
          try Self.insert(capture, candidateID: id, failure: nil, into: database)
        }
        try Self.insert(
          candidate.features, candidateID: id, bodySHA256: candidate.bodySHA256, into: database)
        return id
      }
    }
  }

  /// Stores one candidate with its captures and features; returns its id.
  @discardableResult
  package func insert(_ candidate: NewCandidate) throws(StoreError) -> Int64 {
    let ids = try insert([candidate])
    guard let id = ids.first else { throw .damaged("no candidate was made") }
    return id
  }

  /// Notes a photo that could not be used and why; returns the capture's id.
  @discardableResult
  package func insertFailed(_ capture: NewCapture, failure: String) throws(StoreError) -> Int64 {
    try Self.check(capture)
    return try write { database in
      try Self.insert(
        capture, candidateID: nil, failure: Self.bounded(failure), into: database)
    }
  }

  /// Adds a capture to a candidate that is there, such as the next photo of a burst.
  ///
  /// `features` replace those of the candidate, which now has more patches.
  package func add(
    _ capture: NewCapture, to candidateID: Int64, features: FeatureBlock, bodySHA256: String
  ) throws(StoreError) {
    try Self.check(capture)
    try Self.check(features, bodySHA256: bodySHA256)
    try write { database in
      _ = try Self.candidate(candidateID, in: database)
      try Self.insert(capture, candidateID: candidateID, failure: nil, into: database)
      try Self.insert(
        features, candidateID: candidateID, bodySHA256: bodySHA256, into: database)
      try database.execute(
        sql: "DELETE FROM predictions WHERE candidateID = ?", arguments: [candidateID])
    }
  }

  /// Stores features of candidates under a new body, all of them or none.
  package func saveFeatures(
    _ features: [Int64: FeatureBlock], bodySHA256: String
  ) throws(StoreError) {
    for block in features.values { try Self.check(block, bodySHA256: bodySHA256) }
    try write { database in
      for (id, block) in features.sorted(by: { $0.key < $1.key }) {
        _ = try Self.candidate(id, in: database)
        try Self.insert(block, candidateID: id, bodySHA256: bodySHA256, into: database)
      }
    }
  }

  /// The first capture with these bytes, usable or not; `nil` when the photo is new.
  package func capture(sha256: String) throws(StoreError) -> CaptureRecord? {
    try PhotoFolder.check(sha256)
    return try read { database in
      try Row.fetchOne(
        database, sql: "SELECT * FROM captures WHERE sha256 = ? ORDER BY id LIMIT 1",
        arguments: [sha256]
      ).map(CaptureRecord.init)
    }
  }

  /// The candidate `id`; throws `StoreError.noCandidate` when there is none.
  package func candidate(_ id: Int64) throws(StoreError) -> CandidateRecord {
    try read { try Self.candidate(id, in: $0) }
  }

  /// The captures of candidate `id`, oldest first.
  package func captures(of id: Int64) throws(StoreError) -> [CaptureRecord] {
    try read { try Self.captures(of: id, in: $0) }
  }

  /// The features of candidate `id` under a body; `nil` when they were not made.
  package func features(of id: Int64, bodySHA256: String) throws(StoreError) -> FeatureBlock? {
    try read { database in
      try Row.fetchOne(
        database,
        sql:
          "SELECT patches, elements, data FROM features WHERE candidateID = ? AND bodySHA256 = ?",
        arguments: [id, bodySHA256]
      ).map(FeatureBlock.init)
    }
  }

  /// Takes a candidate out of the game: it is not scored or asked again.
  package func markFailed(candidate id: Int64) throws(StoreError) {
    try write { database in
      let candidate = try Self.candidate(id, in: database)
      guard candidate.state == .pool || candidate.state == .queued else {
        throw StoreError.notLabelable(candidate: id, state: candidate.state)
      }
      try Self.setState(.failed, of: id, in: database)
    }
  }
}

// MARK: - Inside a transaction

extension SampleStore {
  static func candidate(_ id: Int64, in database: Database) throws -> CandidateRecord {
    let statement = try database.cachedStatement(sql: "SELECT * FROM candidates WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw StoreError.noCandidate(id)
    }
    return try CandidateRecord(row)
  }

  static func captures(of id: Int64, in database: Database) throws -> [CaptureRecord] {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM captures WHERE candidateID = ? ORDER BY id")
    return try Row.fetchAll(statement, arguments: [id]).map(CaptureRecord.init)
  }

  /// Sets the state, and takes the candidate out of the queue's order.
  static func setState(_ state: CandidateState, of id: Int64, in database: Database) throws {
    try database.cachedStatement(
      sql: "UPDATE candidates SET state = ?, queueRank = NULL WHERE id = ?"
    ).execute(arguments: [state.rawValue, id])
  }

  @discardableResult
  private static func insert(
    _ capture: NewCapture, candidateID: Int64?, failure: String?, into database: Database
  ) throws -> Int64 {
    let place = try nextPlace(database)
    try database.cachedStatement(
      sql: """
        INSERT INTO captures (sequence, boot, candidateID, sha256, originalName, byteCount,
          width, height, takenAt, clockTrusted, failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      place.sequence, place.boot, candidateID, capture.sha256, capture.originalName,
      capture.byteCount, capture.size?.width, capture.size?.height,
      capture.takenAt.unixMilliseconds, capture.takenAt.clockTrusted, failure,
    ])
    return database.lastInsertedRowID
  }

  private static func insert(
    _ features: FeatureBlock, candidateID: Int64, bodySHA256: String, into database: Database
  ) throws {
    guard let data = Packing.halves(features.values) else {
      throw StoreError.notFinite("a feature of candidate \(candidateID)")
    }
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [candidateID, bodySHA256, features.patches, features.length, data])
  }

  private static func check(_ candidate: NewCandidate) throws(StoreError) {
    guard !candidate.captures.isEmpty else {
      throw .badShape("a candidate needs at least one capture, none was given")
    }
    for capture in candidate.captures { try check(capture) }
    try check(candidate.features, bodySHA256: candidate.bodySHA256)
  }

  private static func check(_ capture: NewCapture) throws(StoreError) {
    if let hash = capture.sha256 { try PhotoFolder.check(hash) }
    guard capture.byteCount >= 0 else {
      throw .badShape("a photo of \(capture.byteCount) B was given; a size is 0 or more")
    }
  }

  private static func check(_ block: FeatureBlock, bodySHA256: String) throws(StoreError) {
    try PhotoFolder.check(bodySHA256)
    guard block.patches > 0, block.length > 0, block.values.count == block.patches * block.length
    else {
      throw .badShape(
        "\(block.values.count) features do not make \(block.patches) patches of \(block.length); "
          + "give the same number, at least one, for each patch")
    }
  }

  /// `text` in at most 2,000 characters, without control characters.
  static func bounded(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(2000).map {
          $0.properties.generalCategory == .control ? " " : $0
        }
      ))
  }
}

// MARK: - Rows

extension CandidateRecord {
  init(_ row: Row) throws {
    self.init(
      id: try row.value("id"), place: try row.place(), state: try row.value(case: "state"),
      group: try row.value("groupKey"), isAudit: try row.value("isAudit"))
  }
}

extension CaptureRecord {
  init(_ row: Row) throws {
    let (width, height): (Int?, Int?) = (try row.value("width"), try row.value("height"))
    var size: PixelSize?
    if let width, let height { size = PixelSize(width: width, height: height) }
    self.init(
      id: try row.value("id"), place: try row.place(), candidateID: try row.value("candidateID"),
      sha256: try row.value("sha256"), originalName: try row.value("originalName"),
      byteCount: try row.value("byteCount"), size: size, takenAt: try row.stamp("takenAt"),
      failure: try row.value("failure"))
  }
}

extension FeatureBlock {
  init(_ row: Row) throws {
    patches = try row.value("patches")
    length = try row.value("elements")
    values = try row.withUnsafeData(named: "data") { $0.map(Packing.floats(halves:)) ?? [] }
    guard patches > 0, length > 0,
      patches.multipliedReportingOverflow(by: length) == (values.count, false)
    else { throw StoreError.damaged("features do not fit their shape") }
  }
}
