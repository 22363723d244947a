import ActiveLearning
import DeviceRuntime
import Foundation
import SampleStore
import Testing

@Suite("A store's report")
struct ReportTests {
  private func report(_ world: World, history: Bool = false) throws -> StoreReport {
    try ReportReader(folder: world.store, byteBudget: 16 << 20).report(history: history)
  }

  @Test("names the labels that all others speak against, and little else")
  func suspects() throws {
    let world = try World()
    var settings = world.settings
    settings.auditShare = 0
    settings.doubt.twinCosine = 2
    settings.batch = 24
    settings.firstBatch = 48
    settings.stopChanges = []
    let device = try world.device(settings)
    for index in 0..<48 { try device.capture(path: try world.photo(index)) }
    try device.askIfDue()
    var flipped: [Int64] = []
    while let question = device.question {
      let truth = World.truth(question.photoName)
      let isFlipped = flipped.count < 3 && question.candidate % 13 == 5
      if isFlipped { flipped.append(question.candidate) }
      let given = isFlipped ? World.classes.first { $0 != truth } ?? truth : truth
      _ = try device.answer(candidate: question.candidate, .label(given))
    }
    let report = try report(world)
    let noise = try #require(report.noise)
    #expect(noise.labels == 48 && noise.folds == 5 && noise.patches == 3)
    #expect(Set(noise.suspects.map(\.candidate)) == Set(flipped))
    #expect(abs(noise.share - 3.0 / 48) < 0.04)
    #expect(report.labels_per_class.reduce(0) { $0 + $1.labels } == 48)
    #expect(try #require(report.accuracy.cross_fitted) > 0.9)
    #expect(report.history == nil)
    let text = reportLines(report).joined(separator: "\n")
    #expect(text.contains("suspects, the most suspect first (3):"))
    #expect(text.contains("of 48 labels (5 folds, 3 patches a photo"))
  }

  @Test("shows every decision, when and by whom, with those that were taken back")
  func history() throws {
    let world = try World()
    let device = try world.device()
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    try device.askIfDue()
    let question = try #require(device.question)
    _ = try device.answer(candidate: question.candidate, .label("bright"))
    _ = try device.undo()
    _ = try device.answer(candidate: question.candidate, .unsure)
    let report = try report(world, history: true)
    let history = try #require(report.history)
    #expect(history.map(\.kind) == ["label", "unsure"])
    #expect(history[0].name == "bright" && history[0].by == "console")
    #expect(history[0].undone_by == "console" && history[1].undone_by == nil)
    #expect(history[0].at.hasSuffix("Z") && history[0].photo == question.photoName)
    #expect(report.noise == nil && report.noise_missing?.contains("too few") == true)
    let text = reportLines(report).joined(separator: "\n")
    #expect(text.contains("taken back by console at "))
  }

  @Test("lists what waits and what comes next, and nothing of a pool that no model has judged")
  func queue() throws {
    let world = try World()
    var settings = world.settings
    settings.auditShare = 0
    let device = try world.device(settings)
    for index in 0..<12 { try device.capture(path: try world.photo(index)) }
    func lines(_ limit: Int = 50) throws -> [QueueListing.Line] {
      try QueueListing.lines(folder: world.store, limit: limit, why: true, byteBudget: 1 << 20)
    }
    #expect(try lines().isEmpty)
    try device.askIfDue()
    let cold = try lines()
    #expect(cold.map(\.state) == ["queued", "queued", "queued", "queued"])
    #expect(cold.allSatisfy { $0.guess == nil && $0.why?.reason == .coldStart })
    while try World.answer(device) {}
    try device.learnIfDue()
    try device.askIfDue()
    let warm = try lines()
    #expect(
      warm.map(\.state) == Array(repeating: "queued", count: 4) + ["pool", "pool", "pool", "pool"])
    #expect(warm[0].candidate == device.question?.candidate)
    #expect(warm.allSatisfy { $0.guess != nil && $0.why?.nearest.count == 3 })
    #expect(try lines(2).count == 2)
    #expect(whyLines(try #require(warm[0].why)).contains { $0.hasPrefix("  near ") })
  }

  @Test("says what is missing where there is no store")
  func missing() throws {
    let world = try World()
    #expect(throws: StoreError.self) { try report(world) }
    #expect(throws: StoreError.self) {
      try QueueListing.lines(folder: world.store, limit: 1, why: false, byteBudget: 1)
    }
  }
}
