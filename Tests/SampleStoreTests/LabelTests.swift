import SampleStore
import Testing

@Suite struct LabelTests {
  let folder: TemporaryFolder
  let store: SampleStore
  let ids: [Int64]
  let cat: ClassRecord
  let dog: ClassRecord
  let anna: Name
  let ben: Name

  init() throws {
    folder = try TemporaryFolder()
    store = try folder.open()
    ids = try store.insert((1...4).map { newCandidate($0) })
    cat = try store.addClass(Name("cat"), at: noon)
    dog = try store.addClass(Name("dog"), at: noon)
    (anna, ben) = (try Name("Anna"), try Name("Ben"))
  }

  func label(
    _ index: Int, _ kind: LabelKind, _ class_: ClassRecord? = nil, by name: Name? = nil
  ) throws -> LabelReceipt {
    try store.label(
      candidate: ids[index], kind: kind, class: class_?.id, operator: name ?? anna, at: noon)
  }

  @Test("enters a decision with who, when and what, and moves its candidate")
  func labels() throws {
    let first = try label(0, .label, cat)
    #expect(first.className == "cat" && first.labelCount == 1 && first.candidateID == ids[0])
    #expect(try label(1, .skip).labelCount == 1)
    #expect(try label(2, .unsure).className == nil)
    let last = try label(3, .label, dog, by: ben)
    #expect(last.labelCount == 2 && last.sequence > first.sequence)
    #expect(
      try ids.map { try store.candidate($0).state } == [.labelled, .skipped, .unsure, .labelled])
    let active = try store.activeLabels()
    #expect(active.map(\.candidateID) == [ids[0], ids[3]])
    #expect(active.map(\.operatorName) == ["Anna", "Ben"])
    #expect(active.map(\.className) == ["cat", "dog"])
    #expect(active[0].at == noon && active[0].undone == nil)
    #expect(active[0].place.sequence == first.sequence)
    #expect(try store.labelHistory().map(\.kind) == [.label, .skip, .unsure, .label])
  }

  @Test("takes back the last decisions of one operator in turn, and keeps them in the history")
  func undoes() throws {
    try store.ask([ids[1]])
    _ = try label(0, .label, cat)
    _ = try label(1, .label, dog)
    _ = try label(2, .label, dog, by: ben)
    let later = Stamp(unixMilliseconds: 7, clockTrusted: false)
    let undone = try #require(try store.undoLast(operator: anna, at: later))
    #expect(undone.candidateID == ids[1] && undone.className == "dog")
    #expect(undone.undone?.by == "Anna" && undone.undone?.at == later)
    #expect(undone.undone?.sequence ?? 0 > undone.place.sequence)
    // Back to where each waited.
    #expect(try store.candidate(ids[1]).state == .queued)
    #expect(try store.undoLast(operator: anna, at: later)?.candidateID == ids[0])
    #expect(try store.candidate(ids[0]).state == .pool)
    #expect(try store.undoLast(operator: anna, at: later) == nil)
    #expect(try store.activeLabels().map(\.candidateID) == [ids[2]])
    #expect(try store.labelHistory().map { $0.undone != nil } == [true, true, false])
    // And may be labelled again.
    #expect(try label(1, .label, cat).labelCount == 2)
    #expect(try store.undo(candidate: ids[2], operator: anna, at: later)?.undone?.by == "Anna")
    #expect(try store.undo(candidate: ids[2], operator: anna, at: later) == nil)
  }

  @Test("gives way from a skip to a label, not from a label to another")
  func relabels() throws {
    _ = try label(0, .skip)
    _ = try label(0, .unsure, by: ben)
    #expect(try label(0, .label, cat).labelCount == 1)
    #expect(throws: StoreError.alreadyLabelled(candidate: ids[0], as: "cat", by: "Anna")) {
      try label(0, .label, dog, by: ben)
    }
    #expect(throws: StoreError.alreadyLabelled(candidate: ids[0], as: "cat", by: "Anna")) {
      try label(0, .skip)
    }
    let history = try store.labelHistory()
    #expect(history.map(\.kind) == [.skip, .unsure, .label])
    #expect(history.map { $0.undone?.by } == ["Ben", "Anna", nil])
    _ = try store.undoLast(operator: anna, at: noon)
    #expect(try store.candidate(ids[0]).state == .pool)
  }

  @Test("refuses what makes no sense, and changes nothing")
  func refuses() throws {
    #expect(throws: StoreError.classMismatch(.label, class: nil)) { try label(0, .label) }
    #expect(throws: StoreError.classMismatch(.skip, class: cat.id)) { try label(0, .skip, cat) }
    #expect(throws: StoreError.noClass(99)) {
      try store.label(candidate: ids[0], kind: .label, class: 99, operator: anna, at: noon)
    }
    #expect(throws: StoreError.noCandidate(99)) {
      try store.label(candidate: 99, kind: .skip, class: nil, operator: anna, at: noon)
    }
    try store.markFailed(candidate: ids[3])
    #expect(throws: StoreError.notLabelable(candidate: ids[3], state: .failed)) {
      try label(3, .skip)
    }
    #expect(try store.labelHistory().isEmpty)
    #expect(try store.candidate(ids[0]).state == .pool)
  }

  @Test("gives training the labels that stand, with features and names, a chunk at a time")
  func samples() throws {
    for (index, kind) in [dog, cat, dog].enumerated() { _ = try label(index, .label, kind) }
    _ = try store.undo(candidate: ids[1], operator: anna, at: noon)
    _ = try label(3, .skip)
    _ = try label(1, .label, dog)
    try store.renameClass(dog.id, to: Name("hound"))
    var cursor = store.labelledSamples(bodySHA256: body, chunk: 2)
    let first = try #require(try cursor.next())
    #expect(first.map(\.candidateID) == [ids[0], ids[2]])
    #expect(first.map(\.className) == ["hound", "hound"])
    #expect(first[0].features == newCandidate(1).features)
    // Between two chunks the store may be written.
    _ = try store.undo(candidate: ids[0], operator: anna, at: noon)
    let second = try #require(try cursor.next())
    #expect(second.map(\.candidateID) == [ids[1]])
    #expect(second[0].features == newCandidate(2).features)
    #expect(try cursor.next() == nil)
    var other = store.labelledSamples(bodySHA256: hash(1))
    #expect(try other.next() == nil)
  }

  @Test("counts what there is")
  func counts() throws {
    _ = try label(0, .label, cat)
    _ = try label(1, .skip)
    _ = try store.undoLast(operator: anna, at: noon)
    try store.ask([ids[2]])
    try store.insertFailed(newCapture(9), failure: "truncated")
    try store.recordEvent(.error, kind: "capture.failed", message: "truncated", at: noon)
    let counts = try store.counts()
    #expect(counts.captures == 5 && counts.failedCaptures == 1)
    #expect(counts.candidates == [.labelled: 1, .pool: 2, .queued: 1])
    #expect(counts.decisions == [.label: 1] && counts.undone == 1 && counts.labels == 1)
    #expect(counts.queued == 1 && counts.classes == 2 && counts.models == 0)
    #expect(counts.events == [.error: 1] && counts.boot == 0)
  }
}

@Suite struct ClassTests {
  @Test("keeps classes in the order they came, and names apart by more than capitals and spaces")
  func classes() throws {
    let folder = try TemporaryFolder()
    let store = try folder.open()
    let first = try store.addClass(Name("  Café   au lait "), at: noon)
    let second = try store.addClass(Name("tea"), at: noon)
    #expect(first.name == "Café au lait")
    #expect([first.position, second.position] == [0, 1])
    for taken in ["café au LAIT", "cafe\u{301} au lait", "CAFÉ\u{a0}au lait"] {
      #expect(throws: StoreError.classExists("Café au lait")) {
        try store.addClass(Name(taken), at: noon)
      }
    }
    #expect(throws: StoreError.classExists("Café au lait")) {
      try store.renameClass(second.id, to: Name("CAFÉ AU LAIT"))
    }
    try store.renameClass(second.id, to: Name("TEA"))
    #expect(try store.classes().map(\.name) == ["Café au lait", "TEA"])
    #expect(try store.findClass(Name("tea"))?.id == second.id)
    #expect(try store.findClass(Name("coffee")) == nil)
    #expect(throws: StoreError.noClass(77)) { try store.renameClass(77, to: Name("x")) }
  }

  @Test(
    "refuses names that cannot be seen, are too long, or steer a terminal",
    arguments: [
      ("", NameProblem.empty), ("   \u{3000}", .empty),
      (String(repeating: "é", count: 65), .tooLong(characters: 65)),
      ("\u{1b}[31mred", .forbidden(codePoint: 0x1b)), ("a\tb", .forbidden(codePoint: 9)),
      ("a\nb", .forbidden(codePoint: 10)), ("a\0b", .forbidden(codePoint: 0)),
      ("\u{9b}2J", .forbidden(codePoint: 0x9b)), ("a\u{7f}", .forbidden(codePoint: 0x7f)),
      ("a\u{202e}b", .forbidden(codePoint: 0x202e)), ("a\u{200b}b", .forbidden(codePoint: 0x200b)),
      ("a\u{2028}b", .forbidden(codePoint: 0x2028)), ("\u{e000}", .forbidden(codePoint: 0xe000)),
      ("a" + String(repeating: "\u{301}", count: 400), .tooManyBytes(801)),
      (String(repeating: "x", count: 100_000), .tooManyBytes(100_000)),
    ])
  func refuses(text: String, problem: NameProblem) {
    #expect(throws: StoreError.badName(problem)) { try Name(text) }
  }

  @Test("takes names of 1 and of 64 characters in any script")
  func accepts() throws {
    for text in ["x", String(repeating: "犬", count: 64), "día 2", "🐕", "naïve-α_7/8"] {
      #expect(try Name(text).text == text)
    }
    #expect(StoreError.badName(.forbidden(codePoint: 0x1b)).description.contains("U+001B"))
  }
}
