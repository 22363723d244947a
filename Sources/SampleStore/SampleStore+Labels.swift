internal import GRDB

extension SampleStore {
  /// Enters an operator's decision and returns once it is on the disk.
  ///
  /// `classID` goes with the kind `label` and with no other. A skip or an unsure decision that
  /// stands gives way to the new one, and is marked as taken back; a label has to be undone first,
  /// unless it is in doubt: then this is the second answer, and stands whatever it is. `doubt` says
  /// what speaks against this label; it is asked once more, but no candidate a third time. `guessID` is
  /// the class that the model held most probable.
  package func label(
    candidate candidateID: Int64, kind: LabelKind, class classID: Int64?, operator name: Name,
    at stamp: Stamp, guess guessID: Int64? = nil, doubt: String? = nil
  ) throws(StoreError) -> LabelReceipt {
    guard (kind == .label) == (classID != nil) else {
      throw .classMismatch(kind, class: classID)
    }
    return try write { database in
      let className = try classID.map { try Self.classRecord($0, in: database).name }
      let candidate = try Self.candidate(candidateID, in: database)
      let before = try Self.makeWay(for: candidate, by: name, at: stamp, in: database)
      let place = try Self.nextPlace(database)
      try database.cachedStatement(
        sql: """
          INSERT INTO labels (sequence, boot, candidateID, kind, classID, operator, at,
            clockTrusted, stateBefore, guessID, questionID) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
              (SELECT max(id) FROM questions WHERE candidateID = ?))
          """
      ).execute(arguments: [
        place.sequence, place.boot, candidateID, kind.rawValue, classID, name.text,
        stamp.unixMilliseconds, stamp.clockTrusted, before.rawValue, guessID, candidateID,
      ])
      let id = database.lastInsertedRowID
      try Self.setState(kind.state, of: candidateID, in: database)
      try Self.closeRecheck(of: candidateID, with: id, in: database)
      let isInDoubt =
        try doubt.map {
          try Self.insertRecheck(
            of: id, candidate: candidateID, reason: $0, at: stamp, into: database)
        } ?? false
      let count = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM labels WHERE kind = 'label' AND undoneSequence IS NULL"
      )
      return LabelReceipt(
        labelID: id, sequence: place.sequence, candidateID: candidateID, kind: kind,
        className: className, labelCount: count ?? 0, isInDoubt: isInDoubt)
    }
  }

  /// Takes back the last decision of `name` that stands, and returns it; `nil` when there is none.
  ///
  /// Its candidate waits again where it waited before. Calling again takes back the one before.
  package func undoLast(operator name: Name, at stamp: Stamp) throws(StoreError) -> LabelRecord? {
    try write { database in
      let last = try Int64.fetchOne(
        database,
        sql: """
          SELECT id FROM labels WHERE operator = ? AND undoneSequence IS NULL
          ORDER BY id DESC LIMIT 1
          """, arguments: [name.text])
      return try last.map { try Self.undo($0, by: name, at: stamp, in: database) }
    }
  }

  /// Takes back the decision that stands for a candidate; `nil` when there is none.
  package func undo(
    candidate candidateID: Int64, operator name: Name, at stamp: Stamp
  ) throws(StoreError) -> LabelRecord? {
    try write { database in
      _ = try Self.candidate(candidateID, in: database)
      let standing = try Int64.fetchOne(
        database, sql: "SELECT id FROM labels WHERE candidateID = ? AND undoneSequence IS NULL",
        arguments: [candidateID])
      return try standing.map { try Self.undo($0, by: name, at: stamp, in: database) }
    }
  }

  /// Takes back every skip that stands, so that those candidates wait again; returns how many.
  @discardableResult
  package func requeueSkipped(by name: Name, at stamp: Stamp) throws(StoreError) -> Int {
    try write { database in
      let skips = try Int64.fetchAll(
        database, sql: "SELECT id FROM labels WHERE kind = 'skip' AND undoneSequence IS NULL")
      for id in skips { _ = try Self.undo(id, by: name, at: stamp, in: database) }
      return skips.count
    }
  }

  /// Labels that stand, oldest first; skips and unsure decisions are not among them.
  package func activeLabels() throws(StoreError) -> [LabelRecord] {
    try labels(where: "labels.kind = 'label' AND labels.undoneSequence IS NULL")
  }

  /// Every decision ever made, oldest first, with those that were taken back.
  package func labelHistory() throws(StoreError) -> [LabelRecord] { try labels(where: "1") }

  private func labels(where condition: String) throws(StoreError) -> [LabelRecord] {
    try read { database in
      let rows = try Row.fetchCursor(
        database, sql: Self.selectLabels + " WHERE \(condition) ORDER BY labels.id")
      var labels: [LabelRecord] = []
      while let row = try rows.next() { labels.append(try LabelRecord(row)) }
      return labels
    }
  }
}

// MARK: - Inside a transaction

extension SampleStore {
  private static let selectLabels = """
    SELECT labels.*, classes.name AS className
    FROM labels LEFT JOIN classes ON classes.id = labels.classID
    """

  /// Takes back the skip or unsure decision that stands for `candidate`; returns where it waited.
  private static func makeWay(
    for candidate: CandidateRecord, by name: Name, at stamp: Stamp, in database: Database
  ) throws -> CandidateState {
    switch candidate.state {
    case .pool, .queued: return candidate.state
    case .failed: throw StoreError.notLabelable(candidate: candidate.id, state: candidate.state)
    case .labelled, .skipped, .unsure: break
    }
    let row = try Row.fetchOne(
      database,
      sql: selectLabels + " WHERE labels.candidateID = ? AND labels.undoneSequence IS NULL",
      arguments: [candidate.id])
    guard let row else {
      throw StoreError.damaged("candidate \(candidate.id) is decided, but no decision stands")
    }
    let standing = try LabelRecord(row)
    if standing.kind == .label, try !isInDoubt(standing.id, in: database) {
      throw StoreError.alreadyLabelled(
        candidate: candidate.id, as: standing.className ?? "?", by: standing.operatorName)
    }
    _ = try undo(standing.id, by: name, at: stamp, in: database)
    return try row.value(case: "stateBefore")
  }

  private static func undo(
    _ id: Int64, by name: Name, at stamp: Stamp, in database: Database
  ) throws -> LabelRecord {
    let place = try nextPlace(database)
    try database.execute(
      sql: """
        UPDATE labels SET undoneSequence = ?, undoneBy = ?, undoneAt = ?, undoneClockTrusted = ?
        WHERE id = ?
        """,
      arguments: [place.sequence, name.text, stamp.unixMilliseconds, stamp.clockTrusted, id])
    let row = try Row.fetchOne(
      database, sql: selectLabels + " WHERE labels.id = ?", arguments: [id])
    guard let row else { throw StoreError.damaged("label \(id) is gone") }
    let label = try LabelRecord(row)
    try setState(row.value(case: "stateBefore"), of: label.candidateID, in: database)
    // Asked next: whoever takes an answer back wants to give another.
    try database.execute(
      sql: """
        UPDATE candidates SET queueRank = coalesce(
          (SELECT min(queueRank) FROM candidates WHERE state = 'queued'), 1) - 1
        WHERE id = ? AND state = 'queued'
        """, arguments: [label.candidateID])
    return label
  }
}

extension LabelKind {
  /// What a candidate becomes by a decision of this kind.
  var state: CandidateState {
    switch self {
    case .label: .labelled
    case .skip: .skipped
    case .unsure: .unsure
    }
  }
}

extension LabelRecord {
  init(_ row: Row) throws {
    var undone: Undoing?
    if let sequence: Int64 = try row.value("undoneSequence") {
      undone = Undoing(
        sequence: sequence, by: try row.value("undoneBy"),
        at: try row.stamp("undoneAt", trusted: "undoneClockTrusted"))
    }
    self.init(
      id: try row.value("id"), place: try row.place(), candidateID: try row.value("candidateID"),
      kind: try row.value(case: "kind"), classID: try row.value("classID"),
      className: try row.value("className"), operatorName: try row.value("operator"),
      at: try row.stamp("at"), undone: undone)
  }
}
