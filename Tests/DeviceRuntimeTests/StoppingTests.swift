import ActiveLearning
import DeviceRuntime
import Foundation
import SampleStore
import Testing

@Suite("Stop rules on a device")
struct DeviceStoppingTests {
  private func device(_ world: World, _ changes: [String]) throws -> Device {
    var settings = world.settings
    settings.stopChanges = try changes.map { try StopChange($0) }
    return try world.device(settings)
  }

  @Test("see the same answers after a restart, and none that was taken back")
  func survives() throws {
    let world = try World()
    do {
      let device = try device(world, [])
      for index in 0..<32 { try device.capture(path: try world.photo(index)) }
      try World.live(device, rounds: 1)
      try device.askIfDue()
      // Two of the second round's four, both unsure, the first of them taken back and labelled.
      for _ in 0..<2 {
        _ = try device.answer(candidate: try #require(device.question).candidate, .unsure)
      }
      _ = try device.undo()
      try World.answer(device)
      #expect(device.stopReason == nil)
    }
    #expect(try device(world, ["unsure=0.5/2"]).stopReason?.contains("1 of the last 2") == true)
    #expect(try device(world, ["unsure=0.6/2"]).stopReason == nil)
    #expect(try device(world, ["unsure=0.1/3"]).stopReason == nil, "the first round was no test")
    #expect(try device(world, ["unsure=0.5/2", "unsure=off"]).stopReason == nil)
  }

  @Test("fire after a round, say why in the status, and give way to `more` for new answers only")
  func more() throws {
    let world = try World()
    var reason = ""
    do {
      let device = try device(world, ["already-right=1/4"])
      for index in 0..<40 { try device.capture(path: try world.photo(index)) }
      try World.live(device, rounds: 10)
      reason = try #require(device.stopReason)
      #expect(reason.contains("already classified right"))
      #expect(try device.store.stopReason() == reason)
      #expect(device.statusLine.contains(reason))
      #expect(try device.askIfDue() == false)
    }
    let again = try device(world, ["already-right=1/4"])
    #expect(again.stopReason == reason, "the rules say the same after a restart")
    let before = try again.store.counts().labels
    let said = try again.more()
    #expect(said.contains("10 more photos") && said.contains("asking goes on"))
    #expect(again.stopReason == nil && again.question != nil)
    #expect(try again.store.stopReason() == nil)
    #expect(try again.store.events(limit: 1)[0].kind == "asking.resumed")
    while try World.answer(again) {}
    #expect(try again.store.counts().labels == before + 10)
    try again.learnIfDue()
    let last = try again.store.answers().suffix(4)
    #expect(
      (again.stopReason != nil) == last.contains { $0.isAsGuessed == true },
      "the answers after the stop count")
  }

  @Test("keep what each round changed, for the rules on the pool")
  func pool() throws {
    let world = try World()
    do {
      let device = try device(world, [])
      for index in 0..<40 { try device.capture(path: try world.photo(index)) }
      try World.live(device, rounds: 4)
      let changes = try device.store.models().compactMap(\.change)
      #expect(changes.count == (try device.store.models().count { $0.model.accepted }) - 1)
      let first = try #require(changes.first)
      #expect(first.expectedBefore == 0.5 && first.expectedAfter > 0.5)
      #expect(device.stopReason == nil)
    }
    #expect(
      try device(world, ["stable=1/2"]).stopReason?.contains("predictions no longer change") == true
    )
    #expect(try device(world, ["stable=1/99"]).stopReason == nil)
    #expect(try device(world, ["gain=1/2"]).stopReason?.contains("would change little") == true)
    #expect(try device(world, ["gain=0.5/50"]).stopReason == nil)
  }

  @Test("let `more` go beyond the label budget, and say when nothing is left")
  func budget() throws {
    let world = try World()
    let device = try device(world, ["budget=4"])
    for index in 0..<16 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 5)
    #expect(device.stopReason?.contains("4 of 4 questions answered (4 labels, 0 unsure)") == true)
    #expect(try device.more().hasPrefix("10 more photos"))
    while try World.answer(device) {}
    try device.learnIfDue()
    #expect(device.stopReason?.contains("14 of 4") == true)
    _ = try device.more()
    #expect(try device.store.counts().queued == 2)
    #expect(try device.more().hasPrefix("nothing is left"))
    while let question = device.question {
      _ = try device.answer(candidate: question.candidate, .skip)
    }
    #expect(try device.more().hasPrefix("2 more photos to label, which were skipped"))
    #expect(device.question != nil)
  }
}
