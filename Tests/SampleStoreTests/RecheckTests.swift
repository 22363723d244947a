import SampleStore
import Testing

@Suite struct RecheckTests {
  let folder: TemporaryFolder
  let store: SampleStore
  let (cat, dog): (Int64, Int64)
  let anna: Name

  init() throws {
    folder = try TemporaryFolder()
    store = try folder.open()
    cat = try store.addClass(.of("cat"), at: noon).id
    dog = try store.addClass(.of("dog"), at: noon).id
    anna = try Name("Anna")
    try store.insert((1...4).map { newCandidate($0) })
    try store.ask([1, 2, 3])
  }

  @discardableResult
  private func label(
    _ candidate: Int64, _ known: Int64, doubt: String? = nil
  ) throws -> LabelReceipt {
    try store.label(
      candidate: candidate, kind: .label, class: known, operator: anna, at: noon, doubt: doubt)
  }

  @Test("keeps a label in doubt as it is, and says what speaks against it")
  func kept() throws {
    let receipt = try label(1, cat, doubt: "the model says dog")
    #expect(receipt.isInDoubt)
    #expect(try store.activeLabels().map(\.className) == ["cat"])
    let open = try store.openRechecks()
    #expect(open.map(\.candidateID) == [1] && open[0].className == "cat")
    #expect(open[0].reason == "the model says dog" && open[0].labelID == receipt.labelID)
    #expect(try store.wasInDoubt(candidate: 1) && !store.wasInDoubt(candidate: 2))
    #expect(try !label(2, cat).isInDoubt)
    #expect(throws: StoreError.self) { try label(2, dog) }
  }

  @Test("lets the second answer stand, whatever it is, and keeps both", arguments: 0...3)
  func second(answer: Int) throws {
    let first = try label(1, cat, doubt: "so")
    let receipt =
      switch answer {
      case 0: try label(1, cat, doubt: "still so")
      case 1: try label(1, dog, doubt: "still so")
      case 2:
        try store.label(candidate: 1, kind: .unsure, class: nil, operator: anna, at: noon)
      default:
        try store.label(candidate: 1, kind: .skip, class: nil, operator: anna, at: noon)
      }
    #expect(!receipt.isInDoubt, "never a third time")
    #expect(try store.openRechecks().isEmpty)
    #expect(try store.rechecks().map(\.answerID) == [receipt.labelID])
    let history = try store.labelHistory()
    #expect(history.map(\.id) == [first.labelID, receipt.labelID])
    #expect(history[0].undone?.by == "Anna" && history[0].className == "cat")
    #expect(history[1].undone == nil)
    if answer < 2 {
      #expect(throws: StoreError.self) { try label(1, cat) }
    }
  }

  @Test("stays open over a restart")
  func restart() throws {
    try label(2, dog, doubt: "so")
    let again = try SampleStore.openReadOnly(folder.path)
    #expect(try again.openRechecks().map(\.candidateID) == [2])
  }

  @Test("is over when the label was taken back and given anew, and an undone second answer waits")
  func undo() throws {
    try label(1, cat, doubt: "so")
    _ = try store.undoLast(operator: anna, at: noon)
    #expect(try store.openRechecks().isEmpty, "nothing stands that could be doubted")
    let second = try label(1, dog, doubt: "so")
    #expect(!second.isInDoubt)
    #expect(try store.rechecks()[0].answerID == second.labelID)
    _ = try store.undoLast(operator: anna, at: noon)
    #expect(try store.candidate(1).state == .queued)
    #expect(try !label(1, cat, doubt: "so").isInDoubt)
    #expect(try store.labelHistory().count == 3)
  }

  @Test("ranks the waiting by score, of equals the earlier first")
  func rank() throws {
    let model = try store.recordModel(newModel(1), at: noon, activate: true)
    try store.save(
      [newPrediction(1, score: 2), newPrediction(2, score: 3), newPrediction(3, score: 2)],
      model: model.id)
    let second = try #require(try store.rank(of: 3))
    #expect(second.place == 3 && second.of == 3)
    #expect(try #require(try store.rank(of: 2)).place == 1)
    #expect(try store.rank(of: 4) == nil, "not scored")
    try label(2, cat)
    #expect(try store.rank(of: 2) == nil, "no longer waiting")
    #expect(try #require(try store.rank(of: 1)) == (1, 2))
  }
}
