import ActiveLearning
import Board
import DeviceRuntime
import Foundation
import SampleStore
import Testing

@Suite("A device with a rate of questions")
struct DeviceRateTests {
  private func settings(_ world: World, _ rate: String = "6/hour") throws -> DeviceSettings {
    var settings = world.settings
    settings.rate = try AskRate(rate)
    settings.auditShare = 0
    return settings
  }

  /// Captures photos `range`, a minute apart.
  private func stream(_ world: World, _ device: Device, _ range: Range<Int>) throws {
    for index in range {
      world.clock.advance(by: .seconds(60))
      try device.capture(path: try world.photo(index))
      try device.askIfDue()
    }
  }

  /// The most questions within any hour, by the manual clock.
  private func most(_ store: SampleStore) throws -> Int {
    let times = try store.lastQuestions(limit: 1000).map { $0.at.unixMilliseconds }
    return times.reduce(0) { most, end in
      max(most, times.count { $0 <= end && end - $0 < 3_600_000 })
    }
  }

  @Test(
    "asks its first round at once, then capture by capture, and never more than the rate allows")
  func asks() throws {
    let world = try World()
    let device = try world.device(settings(world))
    try stream(world, device, 0..<30)
    #expect(try device.store.counts().queued == 4, "the first round, by features")
    while try World.answer(device) {}
    #expect(try device.learnIfDue())
    #expect(device.model.id == 2)
    var notices: [String] = []
    device.notice = { notices.append($0) }
    for start in stride(from: 30, to: 180, by: 10) {
      try stream(world, device, start..<(start + 10))
      while try World.answer(device) {}
      try device.learnIfDue()
    }
    let times = try device.store.lastQuestions(limit: 1000)
    #expect(times.count { $0.choice == .score } >= 4)
    #expect(notices.contains { $0.contains("worth a label") && $0.contains("6 are allowed") })
    #expect(try most(device.store) <= 6)
    #expect(device.statusLine.contains("asked of 6/hour"))
  }

  @Test("goes on by features as the rate allows until there are labels enough")
  func slowStart() throws {
    let world = try World()
    var settings = try settings(world, "2/hour")
    settings.choice.start = 3
    let device = try world.device(settings)
    for index in 0..<40 { try device.capture(path: try world.photo(index)) }
    for hour in 0..<3 {
      #expect(try device.askIfDue(), "hour \(hour)")
      #expect(try device.store.counts().queued == 2)
      while try World.answer(device) {}
      world.clock.advance(by: .seconds(600))
      #expect(try device.learnIfDue())
      #expect(try !device.askIfDue(), "two an hour")
      world.clock.advance(by: .seconds(3000))
    }
    #expect(try device.store.lastQuestions(limit: 99).allSatisfy { $0.choice == .features })
    #expect(try !device.askIfDue(), "three labels for each class: captures are judged as they come")
  }

  @Test("counts what it asked before a restart, by trusted stamps and else as just asked")
  func restart() throws {
    let world = try World()
    try? FileManager.default.removeItem(atPath: world.store)
    do {
      let device = try world.device(settings(world, "4/day"))
      try stream(world, device, 0..<10)
      #expect(try device.store.counts().queued == 4)
      while try World.answer(device) {}
      try device.learnIfDue()
      #expect(try !device.askIfDue())
    }
    world.clock.advance(by: .seconds(7200))
    do {
      let device = try world.device(settings(world, "4/day"))
      #expect(device.statusLine.contains("4 asked of 4/day"))
    }
    world.clock.advance(by: .seconds(86_400))
    do {
      let device = try world.device(settings(world, "4/day"))
      #expect(device.statusLine.contains("0 asked of 4/day"), "a day later, by a trusted clock")
    }
    world.clock.setWall(WallTime(unixMilliseconds: 0, trusted: false))
    let device = try world.device(settings(world, "4/day"))
    #expect(device.statusLine.contains("4 asked of 4/day"), "nobody knows how long it was off")
    world.clock.advance(by: .seconds(86_400))
    #expect(device.statusLine.contains("0 asked of 4/day"), "it has been on for a day")
  }

  @Test("learns when a batch of labels is there, or some time after the last answer")
  func learning() throws {
    let world = try World()
    let device = try world.device(settings(world, "100/hour"))
    try stream(world, device, 0..<30)
    while try World.answer(device) {}
    #expect(try device.learnIfDue())
    _ = try device.more()
    for _ in 0..<3 { try World.answer(device) }
    #expect(try !device.learnIfDue())
    world.clock.advance(by: .seconds(599))
    #expect(try !device.learnIfDue())
    world.clock.advance(by: .seconds(1))
    #expect(try device.learnIfDue(), "three labels, ten minutes ago")
    for _ in 0..<4 { try World.answer(device) }
    #expect(device.question != nil, "three of the ten are open")
    #expect(try device.learnIfDue(), "a batch")
    #expect(try !device.learnIfDue())
  }

  @Test("asks for the ten best on demand, beyond the rate, and counts them apart")
  func more() throws {
    let world = try World()
    let device = try world.device(settings(world, "4/day"))
    try stream(world, device, 0..<30)
    while try World.answer(device) {}
    try device.learnIfDue()
    let best = try device.store.ranking(limit: 10).map(\.candidate.id)
    let said = try device.more()
    #expect(said.contains("10 more photos") && said.contains("beyond the 4/day (4 asked"))
    let queued = try device.store.queue(limit: 99, order: .chosen).map(\.candidate.id)
    #expect(Set(queued) == Set(best))
    #expect(device.question != nil)
    #expect(try device.store.lastQuestions(limit: 99).count == 4)
    #expect(device.statusLine.contains("4 asked of 4/day"))
  }

  @Test("asks about audits besides, within the same rate, and never because of their score")
  func audits() throws {
    let world = try World()
    var settings = try settings(world, "10/hour")
    settings.auditShare = 0.3
    let device = try world.device(settings)
    try stream(world, device, 0..<30)
    for start in stride(from: 30, to: 180, by: 10) {
      while try World.answer(device) {}
      try device.learnIfDue()
      try stream(world, device, start..<(start + 10))
    }
    #expect(try most(device.store) <= 10)
    let times = try device.store.lastQuestions(limit: 1000)
    #expect(times.count { $0.choice == .audit } >= 2)
    for id in 1...180 as ClosedRange<Int64> {
      let isAudit = try device.store.candidate(id).isAudit
      let choice = try device.store.choice(of: id)
      #expect(choice == nil || (choice == .audit) == isAudit)
    }
  }
}
