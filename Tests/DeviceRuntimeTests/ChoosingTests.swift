import ActiveLearning
import Board
import DeviceRuntime
import Foundation
import Imaging
import SampleStore
import Testing

@Suite("A device that chooses")
struct ChoosingTests {
  /// Photos are one patch, so that a copy has the features of the original; batches of 4, without end.
  private func settings(_ world: World) -> DeviceSettings {
    var settings = world.settings
    settings.auditShare = 0
    settings.patches.count = 1
    settings.stopChanges = [.off(.alreadyRight)]
    settings.choice = LoamSettings(start: 0, duplicateCosine: 0.9999)
    return settings
  }

  /// Another file with the pixels of photo `index`: JPEG ends before the bytes added.
  private func copy(_ world: World, of index: Int, number: UInt8 = 1) throws -> String {
    let original = URL(filePath: try world.photo(index))
    let copy = original.deletingLastPathComponent()
      .appending(path: "\(original.deletingPathExtension().lastPathComponent)-\(number).jpg")
    try (try Data(contentsOf: original) + [number]).write(to: copy)
    return copy.path
  }

  /// A device that has learned from its first round on photos 0 to 19, and what was labelled.
  private func taught(
    _ world: World, _ settings: DeviceSettings
  ) throws -> (device: Device, labelled: [Int]) {
    let device = try world.device(settings)
    for index in 0..<20 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    let labelled = try device.store.activeLabels().map { Int($0.candidateID) - 1 }
    return (device, labelled)
  }

  @Test("asks about one of nearly the same photos, and about none that is labelled already")
  func repeats() throws {
    let world = try World()
    let (device, labelled) = try taught(world, settings(world))
    #expect(labelled.count == 4)
    var copies: Set<Int64> = []
    for index in labelled {
      copies.insert(try #require(try device.capture(path: try copy(world, of: index))))
    }
    // The whole pool but one photo and its copies goes first, so the batch would hold several of them.
    let free = try #require((0..<20).first { !labelled.contains($0) })
    var burst: Set = [Int64(free + 1)]
    for number in UInt8(1)...30 {
      burst.insert(
        try #require(try device.capture(path: try copy(world, of: free, number: number))))
    }
    var asked: [Int64] = []
    for _ in 0..<3 {
      #expect(try device.askIfDue())
      asked += try device.store.queue(limit: 9).map(\.candidate.id)
      while try World.answer(device) {}
      try device.learnIfDue()
    }
    #expect(asked.count == 12 && Set(asked).count == 12)
    #expect(asked.allSatisfy { !copies.contains($0) })
    #expect(asked.count { burst.contains($0) } <= 1)
  }

  @Test("waits for photos to choose from, but not longer than a while")
  func choice() throws {
    let world = try World()
    var settings = settings(world)
    settings.chooseFrom = 3
    let device = try world.device(settings)
    for index in 0..<11 { try device.capture(path: try world.photo(index)) }
    #expect(try !device.askIfDue(), "4 are to be chosen from 12")
    try device.capture(path: try world.photo(11))
    #expect(try device.askIfDue())
    while try World.answer(device) {}
    try device.learnIfDue()
    #expect(try !device.askIfDue(), "8 are left")
    world.clock.advance(by: .seconds(599))
    #expect(try !device.askIfDue())
    world.clock.advance(by: .seconds(31))
    #expect(try device.askIfDue(), "no photo has come for ten minutes")
  }

  @Test("asks nothing that looks like what nobody could tell")
  func unanswerable() throws {
    let world = try World()
    let (device, _) = try taught(world, settings(world))
    #expect(try device.askIfDue())
    let question = try #require(device.question)
    _ = try device.answer(candidate: question.candidate, .unsure)
    while try World.answer(device) {}
    try device.learnIfDue()
    let index = Int(question.candidate) - 1
    let copied = try #require(try device.capture(path: try copy(world, of: index)))
    for _ in 0..<2 {
      #expect(try device.askIfDue())
      #expect(try !device.store.queuedIDs().contains(copied))
      while try World.answer(device) {}
      try device.learnIfDue()
    }
  }

  @Test("asks about copies when nothing else is left")
  func onlyRepeats() throws {
    let world = try World()
    let (device, labelled) = try taught(world, settings(world))
    while try device.askIfDue() {
      while try World.answer(device) {}
      try device.learnIfDue()
      if try device.store.counts().labels == 20 { break }
    }
    let known = try #require(labelled.first)
    let copied = try #require(try device.capture(path: try copy(world, of: known)))
    #expect(try device.askIfDue())
    #expect(device.question?.candidate == copied)
  }

  @Test("does not ask about a capture that is nearly the same as one labelled or waiting")
  func stream() throws {
    let world = try World()
    var settings = settings(world)
    settings.rate = try AskRate("1000/hour")
    let (device, labelled) = try taught(world, settings)
    func capture(_ path: String) throws -> Int64 {
      world.clock.advance(by: .seconds(30))
      return try #require(try device.capture(path: path))
    }
    let before = try device.store.counts().queued
    for index in labelled { _ = try capture(try copy(world, of: index)) }
    #expect(try device.store.counts().queued == before)
    for index in 20..<40 { _ = try capture(try world.photo(index)) }
    let waiting = try device.store.queue(limit: 99).map { Int($0.candidate.id) }
    #expect(waiting.count > before, "others are asked about")
    // Photo 20 was the first capture after 20 photos and four copies.
    let index = try #require(waiting.first { $0 > 24 }) - 5
    _ = try capture(try copy(world, of: index))
    #expect(try device.store.counts().queued == waiting.count)
  }

  @Test("goes on by features until there are labels enough, and says so")
  func start() throws {
    let world = try World()
    var settings = settings(world)
    settings.choice.start = 3
    let (device, _) = try taught(world, settings)
    for index in 20..<60 { try device.capture(path: try world.photo(index)) }
    #expect(try device.askIfDue())
    #expect(try device.store.lastQuestions(limit: 4).allSatisfy { $0.choice == .features })
    let question = try #require(device.question)
    #expect(question.reason.note == AskingReason.coldStart.sentence)
    #expect(!question.guesses.isEmpty, "the head has learned something")
    #expect(try device.why(candidate: question.candidate).reason == .coldStart)
    while try World.answer(device) {}
    try device.learnIfDue()
    #expect(try device.askIfDue())
    #expect(try device.store.lastQuestions(limit: 4).allSatisfy { $0.choice == .score })
  }

  @Test("ranks by what its settings say")
  func value() throws {
    for value in [LoamSettings.Value.margin, .entropy] {
      let world = try World()
      var settings = settings(world)
      settings.choice.value = value
      let (device, _) = try taught(world, settings)
      for entry in try device.store.ranking(limit: 5) {
        let prediction = try #require(entry.prediction)
        let rows = [prediction.probabilities.map { Double($0) }]
        #expect(abs(prediction.score - value.worth(rows)) < 1e-9)
        let reason = try device.why(candidate: entry.candidate.id).reason
        #expect(reason == (value == .margin ? .margin : .entropy))
      }
    }
  }
}
