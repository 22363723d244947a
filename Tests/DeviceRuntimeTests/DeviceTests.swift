import DeviceRuntime
import Foundation
import Graph
import Inference
import SampleStore
import Testing

@Suite("An answer given anew")
struct AskAgainTests {
  @Test("asks about a photo by its number, learns from the new answer, keeps both")
  func byNumber() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<16 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 2)
    let first = try #require(try device.store.activeLabels().first)
    let before = try device.store.counts().labels
    let said = try device.askAgain(candidate: first.candidateID)
    #expect(said.contains("#\(first.candidateID) is no longer labelled"))
    #expect(device.question?.candidate == first.candidateID)
    #expect(try device.store.counts().labels == before - 1)
    let other = first.className == "dark" ? "bright" : "dark"
    _ = try device.answer(candidate: first.candidateID, .label(other))
    let history = try device.store.labelHistory().filter { $0.candidateID == first.candidateID }
    #expect(history.map(\.className) == [first.className, other])
    #expect(history.map { $0.undone == nil } == [false, true])
    while try World.answer(device) {}
    #expect(try device.learnIfDue())
    for candidate in [999, 0] as [Int64] {
      #expect(throws: StoreError.self) { _ = try device.askAgain(candidate: candidate) }
    }
    let waiting = try #require(try device.store.ranking(limit: 1).first).candidate.id
    #expect(throws: DeviceError.self) { _ = try device.askAgain(candidate: waiting) }
  }
}

@Suite("A device")
struct DeviceTests {
  @Test("learns from answers what it could not know before")
  func learns() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<24 { try device.capture(path: try world.photo(index)) }
    #expect(device.model.id == 1)
    try World.live(device, rounds: 3)
    let counts = try device.store.counts()
    #expect(counts.labels == 12)
    #expect(device.model.id > 1)
    var right = 0
    for entry in try device.store.ranking(limit: 100, audits: true) {
      let prediction = try #require(entry.prediction)
      let name = try #require(entry.captures.first).originalName
      if device.head.classes[prediction.mean.best] == World.truth(name) { right += 1 }
    }
    #expect(right == 12, "12 photos nobody labelled, of two kinds that differ in brightness")
  }

  @Test("keeps the active slot, the store's record and the file's lineage in step")
  func slotsAgree() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    let slots = try ModelSlots(folder: world.store + "/models")
    let file = try LoamFile.open(try #require(slots.active))
    let record = try #require(try device.store.activeModel())
    #expect(file.sha256 == record.model.sha256)
    #expect(try file.network().lineage.labels == 4)
    #expect(try Head(network: file.network()) == device.head)
  }

  @Test("records photos it cannot use and goes on")
  func badPhotos() throws {
    let world = try World()
    let device = try world.device()
    var notices: [String] = []
    device.notice = { notices.append($0) }
    let good = try world.photo(0)
    let bytes = try Data(contentsOf: URL(filePath: good))
    let bad: [(String, Data)] = [
      ("empty.jpg", Data()), ("text.jpg", Data("hello".utf8)),
      ("half.jpg", bytes.prefix(bytes.count / 2)),
    ]
    for (name, content) in bad {
      let path = "\(world.camera)/\(name)"
      try content.write(to: URL(filePath: path))
      #expect(try device.capture(path: path) == nil)
    }
    #expect(try device.capture(path: world.camera + "/nowhere.jpg") == nil)
    #expect(try device.capture(path: world.camera) == nil)
    #expect(try device.capture(path: good) != nil)
    let counts = try device.store.counts()
    #expect(counts.failedCaptures == 5)
    #expect(counts.candidates[.pool] == 1)
    #expect(notices.count == 5)
  }

  @Test("takes the same photo once")
  func noDuplicates() throws {
    let world = try World()
    let device = try world.device()
    let path = try world.photo(0)
    let first = try device.capture(path: path)
    #expect(try device.capture(path: path) == first)
    #expect(try device.store.counts().captures == 1)
  }

  @Test("asks again about a photo whose label was taken back after the round")
  func undo() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    #expect(try device.store.counts().labels == 4)
    let text = try device.undo()
    #expect(text.contains("no longer labelled"))
    #expect(try device.store.counts().labels == 3)
    #expect(try device.askIfDue())
    #expect(throws: DeviceError.self) { for _ in 0..<4 { _ = try device.undo() } }
  }

  @Test("gives a class named in the field an output of its own")
  func newClass() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try device.addClass("grey")
    try device.askIfDue()
    let question = try #require(device.question)
    _ = try device.answer(candidate: question.candidate, .label("grey"))
    while try World.answer(device) {}
    try device.learnIfDue()
    #expect(device.head.classes == ["bright", "dark", "grey"])
    #expect(device.head.weights.count == 3 * device.head.featureCount)
    #expect(throws: (any Error).self) { try device.addClass("GREY") }
  }

  @Test("stops asking when the label budget is used up, and says so")
  func budget() throws {
    let world = try World()
    var settings = world.settings
    settings.labelBudget = 8
    let device = try world.device(settings)
    for index in 0..<24 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 10)
    #expect(try device.store.counts().labels == 8)
    #expect(try #require(device.stopReason).contains("8 of 8"))
    #expect(try device.store.events(limit: 3).contains { $0.kind == "asking.stopped" })
  }

  @Test("counts unsure answers as questions, and never learns from them")
  func unsure() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try device.askIfDue()
    while let question = device.question {
      _ = try device.answer(candidate: question.candidate, .unsure)
    }
    #expect(try device.learnIfDue() == false)
    #expect(device.model.id == 1)
    #expect(try device.store.counts().decisions[.unsure] == 4)
  }

  @Test("learns labels that were corrected, though their number stays")
  func corrected() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    let rounds = try device.store.models().count
    let undone = try (0..<4).map { _ in try device.undo() }
    try device.askIfDue()
    let question = try #require(device.question)
    #expect(try #require(undone.last).hasPrefix("#\(question.candidate) "), "taken back last")
    while let question = device.question {
      _ = try device.answer(candidate: question.candidate, .label("bright"))
    }
    #expect(try device.learnIfDue())
    #expect(try device.store.models().count == rounds + 1)
  }

  @Test("asks about photos that come after all others were answered, and skipped ones once more")
  func goesOn() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<8 { try device.capture(path: try world.photo(index)) }
    try device.askIfDue()
    let skipped = try #require(device.question).candidate
    _ = try device.answer(candidate: skipped, .skip)
    try World.live(device, rounds: 3)
    #expect(try device.store.counts().labels == 8, "the skipped one was asked again")
    #expect(try device.askIfDue() == false)
    #expect(device.stopReason == nil)
    for index in 8..<12 { try device.capture(path: try world.photo(index)) }
    #expect(try device.askIfDue())
  }
}
