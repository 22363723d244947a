import ActiveLearning
import DeviceRuntime
import Foundation
import SampleStore
import Testing

@Suite("A device that looks twice")
struct SanityTests {
  /// Settings in which a model may cast doubt after a few labels, and no two photos are twins.
  private func settings(_ world: World) -> DeviceSettings {
    var settings = world.settings
    settings.auditShare = 0
    settings.doubt = DoubtRule(leastLabels: 4, leastAccuracy: 0, twinCosine: 2)
    return settings
  }

  /// A device whose head is sure of the two kinds of photos, with a question open and photos to spare.
  private func sureDevice(
    _ world: World, _ settings: DeviceSettings, photos: Int = 24
  ) throws -> Device {
    let device = try world.device(settings)
    for index in 0..<photos { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 3)
    _ = try device.askIfDue()
    return device
  }

  /// Rules by which whatever the model favours contradicts every other label.
  private func easilyDoubted(_ settings: DeviceSettings) -> DeviceSettings {
    var settings = settings
    settings.doubt.givenBelow = 0.5
    settings.doubt.otherAtLeast = 0.5
    return settings
  }

  private func wrong(_ name: String) -> String {
    World.truth(name) == "dark" ? "bright" : "dark"
  }

  @Test("asks once more about a label that contradicts the model, keeps both answers, and goes on")
  func recheck() throws {
    let world = try World()
    let device = try sureDevice(world, easilyDoubted(settings(world)))
    var notices: [String] = []
    device.notice = { notices.append($0) }
    let question = try #require(device.question)
    let mistaken = wrong(question.photoName)
    _ = try device.answer(candidate: question.candidate, .label(mistaken))
    let notice = try #require(notices.first)
    #expect(notice.contains("#\(question.candidate) is kept as \(mistaken)"))
    #expect(notice.contains("sure of \(World.truth(question.photoName))"))
    #expect(
      try device.store.activeLabels().last?.className == mistaken, "never changed silently")
    var asked: [Int64] = []
    while let next = device.question, next.candidate != question.candidate {
      asked.append(next.candidate)
      try World.answer(device)
    }
    #expect(asked.count == 3, "the rest of the batch comes first")
    let again = try #require(device.question)
    #expect(try #require(again.reason.note).contains("labelled \(mistaken), but"))
    #expect(try device.learnIfDue() == false, "not before the second answer")
    #expect(try device.why(candidate: again.candidate).reason == .again)
    let labels = try device.store.counts().labels
    _ = try device.answer(candidate: again.candidate, .label(mistaken))
    #expect(device.question == nil, "the second answer stands")
    #expect(try device.store.counts().labels == labels)
    let history = try device.store.labelHistory().filter { $0.candidateID == again.candidate }
    #expect(history.map(\.className) == [mistaken, mistaken])
    #expect(history.map { $0.undone == nil } == [false, true])
    #expect(try device.learnIfDue())
  }

  @Test("does not forget the doubt when it starts again, and an undo comes first")
  func restart() throws {
    let world = try World()
    let rules = easilyDoubted(settings(world))
    var doubted: Int64 = 0
    do {
      let device = try sureDevice(world, rules)
      let question = try #require(device.question)
      doubted = question.candidate
      _ = try device.answer(candidate: doubted, .label(wrong(question.photoName)))
      while let next = device.question, next.candidate != doubted { try World.answer(device) }
    }
    let again = try world.device(rules)
    #expect(try again.learnIfDue() == false)
    #expect(try again.askIfDue())
    #expect(again.question?.candidate == doubted)
    let photo = try #require(again.question).photoName
    _ = try again.answer(candidate: doubted, .label(World.truth(photo)))
    #expect(try again.undo().contains("#\(doubted)"))
    #expect(again.question?.candidate == doubted, "taken back, so asked next")
    _ = try again.answer(candidate: doubted, .label(wrong(photo)))
    #expect(again.question == nil, "in doubt a third time, but not asked")
    #expect(try again.store.labelHistory().filter { $0.candidateID == doubted }.count == 3)
  }

  @Test("keeps a doubted label that is skipped, goes on, and asks again in the next round")
  func postponed() throws {
    let world = try World()
    let device = try sureDevice(world, easilyDoubted(settings(world)), photos: 40)
    let question = try #require(device.question)
    let mistaken = wrong(question.photoName)
    _ = try device.answer(candidate: question.candidate, .label(mistaken))
    while let next = device.question, next.candidate != question.candidate {
      try World.answer(device)
    }
    let labels = try device.store.counts().labels
    _ = try device.answer(candidate: question.candidate, .skip)
    #expect(device.question == nil)
    #expect(try device.store.counts().labels == labels, "the label stands")
    #expect(try device.store.candidate(question.candidate).state == .labelled)
    #expect(try device.learnIfDue())
    #expect(try device.askIfDue())
    while let next = device.question, next.candidate != question.candidate {
      try World.answer(device)
    }
    #expect(device.question?.candidate == question.candidate)
  }

  @Test("with a rate puts the second question after the next one, whatever else waits")
  func doubtInStream() throws {
    let world = try World()
    var rules = easilyDoubted(settings(world))
    rules.rate = try AskRate("1000/hour")
    let device = try world.device(rules)
    for index in 0..<24 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    _ = try device.more()
    let question = try #require(device.question)
    _ = try device.answer(candidate: question.candidate, .label(wrong(question.photoName)))
    try #require(!device.store.openRechecks().isEmpty)
    #expect(device.question?.candidate != question.candidate, "not at once")
    try World.answer(device)
    #expect(device.question?.candidate == question.candidate)
    #expect(try device.store.counts().queued > 0)
  }

  @Test("asks once more where a nearly identical photo was labelled otherwise")
  func twins() throws {
    let world = try World()
    var rules = settings(world)
    rules.doubt = DoubtRule(leastLabels: 1000, twinCosine: 0.2)
    rules.firstBatch = 12
    let device = try world.device(rules)
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try device.askIfDue()
    while let question = device.question, try device.store.openRechecks().isEmpty {
      let isFirst = try device.store.counts().labels == 0
      let truth = World.truth(question.photoName)
      _ = try device.answer(
        candidate: question.candidate, .label(isFirst ? truth : wrong(question.photoName)))
    }
    let doubt = try #require(try device.store.openRechecks().first)
    #expect(doubt.reason.contains("looks nearly the same (cosine 0."))
  }

  @Test("does not doubt what agrees, nor by a model that learned from few labels")
  func quiet() throws {
    let world = try World()
    let device = try sureDevice(world, settings(world))
    while try World.answer(device) {}
    #expect(try device.store.rechecks().isEmpty)
    let other = try World()
    var rules = easilyDoubted(settings(other))
    rules.doubt.leastLabels = 40
    let second = try sureDevice(other, rules)
    let question = try #require(second.question)
    _ = try second.answer(candidate: question.candidate, .label(wrong(question.photoName)))
    #expect(try second.store.rechecks().isEmpty)
  }

  @Test("says why, with what is nearest, and follows labels that come and go")
  func why() throws {
    let world = try World()
    let device = try world.device(settings(world))
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try device.askIfDue()
    let first = try #require(device.question)
    let cold = try device.why(candidate: first.candidate)
    #expect(cold.reason == .coldStart && cold.nearest.isEmpty && cold.guesses.isEmpty)
    _ = try device.answer(candidate: first.candidate, .label(World.truth(first.photoName)))
    let second = try #require(device.question)
    #expect(
      try device.why(candidate: second.candidate).nearest.map(\.candidate) == [first.candidate])
    _ = try device.undo()
    #expect(try device.why(candidate: second.candidate).nearest.isEmpty)
    while try World.answer(device) {}
    try device.learnIfDue()
    try device.askIfDue()
    let third = try #require(device.question)
    let why = try device.why(candidate: third.candidate)
    #expect(why.reason != .coldStart && why.guesses.map(\.name).sorted() == World.classes)
    #expect(why.votes.reduce(0) { $0 + $1.patches } == 3)
    #expect(why.nearest.count == 3 && why.nearest[0].cosine >= why.nearest[2].cosine)
    #expect(why.rank == 1 && why.ranked == 8)
    #expect(why.nearest.allSatisfy { World.truth($0.photo) == $0.name })
  }

  @Test("says what the queue's listing says, also when many photos have come since")
  func sameScale() throws {
    let world = try World()
    let device = try world.device(settings(world))
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    try device.askIfDue()
    let question = try #require(device.question)
    let before = try device.why(candidate: question.candidate)
    for index in 12..<60 { try device.capture(path: try world.photo(index)) }
    let after = try device.why(candidate: question.candidate)
    let listed = try #require(
      try QueueListing.lines(folder: world.store, limit: 1, why: true, byteBudget: 1 << 20)
        .first?.why)
    #expect(after.nearest == listed.nearest && after.novelty == listed.novelty)
    #expect(after.nearest.map(\.cosine) != before.nearest.map(\.cosine))
  }

  @Test("takes a photo of another kind for a new class, asks about it first, and says so")
  func novel() throws {
    let world = try World()
    var rules = settings(world)
    rules.novelty = NoveltyRule(leastExamples: 8)
    let device = try world.device(rules)
    for index in 0..<24 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 2)
    #expect(try device.store.counts().labels == 8)
    let foreign = try #require(try device.capture(path: foreignPhoto(world)))
    try device.askIfDue()
    let question = try #require(device.question)
    #expect(question.candidate == foreign, "asked before all others")
    #expect(try #require(question.reason.note).contains("perhaps a new class"))
    let why = try device.why(candidate: foreign)
    #expect(why.reason == .novel && why.novelty?.isNovel == true)
    let lines = try QueueListing.lines(
      folder: world.store, limit: 50, why: true, byteBudget: 1 << 20)
    #expect(lines[0].candidate == foreign && lines[0].why?.nearest.count == 3)
    try device.addClass("tree")
    _ = try device.answer(candidate: foreign, .label("tree"))
    let next = try #require(device.question)
    #expect(try device.why(candidate: next.candidate).reason != .novel)
  }

  /// A photo of something else, of the fixtures of Imaging.
  private func foreignPhoto(_ world: World) throws -> String {
    let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let source = tests.joined(separator: "/") + "/ImagingTests/Fixtures/rgb.jpg"
    let path = world.camera + "/foreign.jpg"
    try FileManager.default.copyItem(atPath: source, toPath: path)
    return path
  }
}
