import Board
import DeviceRuntime
import Foundation
import Graph
import Imaging
import Logging
import SampleStore
import Testing

@Suite("The loop that takes photos")
struct CaptureLoopTests {
  let world: World
  let photos: [[UInt8]]

  init() throws {
    let world = try World()
    self.world = world
    photos = try (0..<12).map { Array(try Data(contentsOf: URL(filePath: world.photo($0)))) }
  }

  private func loop(
    _ shutter: FakeShutter, _ intake: Intake, triggers: Set<Trigger>, burst: Int = 1,
    motion: (any MotionJudge & Sendable)? = nil
  ) throws -> CaptureLoop {
    var settings = CaptureSettings()
    settings.triggers = triggers
    settings.burst = burst
    settings.interval = .seconds(60)
    return CaptureLoop(
      shutter: shutter, spool: try SpoolFolder(store: world.store), intake: intake,
      settings: settings, motion: motion, clock: world.clock,
      log: World.silence)
  }

  @Test("takes a burst when the button is pressed, and the device makes one candidate of it")
  func burst() throws {
    let intake = Intake(limit: 8)
    let shutter = FakeShutter(photos)
    let loop = try loop(shutter, intake, triggers: [.button], burst: 3)
    loop.step()
    #expect(intake.count == 0 && shutter.asked.isEmpty)
    loop.triggers.pull(.button, at: 5)
    loop.step()
    #expect(shutter.asked == [3])
    let waiting = try #require(intake.next())
    #expect(waiting.entry.paths.count == 3 && waiting.triggeredNanoseconds == 5)
    intake.putBack(waiting)
    let device = try world.device()
    var ports = DevicePorts()
    ports.intake = intake
    ports.spool = try SpoolFolder(store: world.store)
    let device_loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    device_loop.step()
    let counts = try device.store.counts()
    #expect(counts.captures == 3 && counts.candidates == [.pool: 1])
    let features = try #require(
      try device.store.features(of: 1, bodySHA256: device.network.lineage.bodySHA256))
    #expect(features.patches == 3, "as many as one photo has, one of each photo")
    #expect(try SpoolFolder(store: world.store).leftovers().isEmpty)
    for capture in try device.store.captures(of: 1) {
      #expect(try device.store.photos.contains(try #require(capture.sha256)))
    }
  }

  @Test("takes one at each interval, not more")
  func interval() throws {
    let intake = Intake(limit: 8)
    let loop = try loop(FakeShutter(photos), intake, triggers: [.interval])
    loop.step()
    #expect(intake.count == 1)
    loop.step()
    #expect(intake.count == 1)
    world.clock.advance(by: .seconds(61))
    loop.step()
    #expect(intake.count == 2)
  }

  @Test("takes one when the picture moves")
  func motion() throws {
    struct Always: MotionJudge {
      var sizes: [Int] = []
      mutating func hasMoved(luma: [UInt8], width: Int, height: Int) -> Bool {
        sizes.append(luma.count)
        return luma.count == width * height
      }
    }
    let intake = Intake(limit: 8)
    let shutter = FakeShutter(photos)
    let loop = try loop(shutter, intake, triggers: [.motion], motion: Always())
    loop.step()
    #expect(intake.count == 0, "there is no picture yet")
    shutter.setLatest(photos[0])
    loop.step()
    #expect(intake.count == 1)
    loop.step()
    #expect(intake.count == 1, "a pause follows")
    world.clock.advance(by: .seconds(3))
    loop.step()
    #expect(intake.count == 2)
  }

  @Test("a trigger that gives no photo is counted and told, and the next one works")
  func failures() throws {
    let intake = Intake(limit: 8)
    let shutter = FakeShutter(photos)
    let loop = try loop(shutter, intake, triggers: [.button])
    shutter.setBroken(true)
    for _ in 0..<3 {
      loop.triggers.pull(.button, at: 1)
      loop.step()
    }
    loop.triggers.pull(.interval, at: 1)
    loop.step()
    let device = try world.device()
    var ports = DevicePorts()
    ports.intake = intake
    ports.spool = try SpoolFolder(store: world.store)
    ports.captureLoop = loop
    DeviceLoop(device: device, ports: ports, log: World.silence).step()
    #expect(try device.store.counted(.failedTriggers) == 3)
    let events = try device.store.events(limit: 10).map(\.message)
    #expect(events.contains { $0.contains("plug it in") })
    #expect(events.contains { $0.contains("camera.trigger") })
    shutter.setBroken(false)
    loop.triggers.pull(.button, at: 1)
    loop.step()
    #expect(intake.count == 1)
    loop.stop()
    loop.run()
    #expect(shutter.isStopped)
  }

  @Test("photos of standard input wait outside while the intake is full")
  func arrival() throws {
    let intake = Intake(limit: 2)
    let shutter = FakeShutter(photos)
    let loop = try loop(shutter, intake, triggers: [.arrival])
    for _ in 0..<5 { loop.step() }
    #expect(intake.count == 2 && shutter.asked == [1, 1])
    #expect(intake.takeDropped().isEmpty)
  }

  @Test("what was taken before a crash is judged after it")
  func restart() throws {
    let spool = try SpoolFolder(store: world.store)
    _ = try spool.keep([photos[0], photos[1]], trigger: "button")
    _ = try spool.keep([photos[2]], trigger: "interval")
    try Data("no photo".utf8).write(to: URL(filePath: spool.path + "/x.partial"))
    let again = try SpoolFolder(store: world.store)
    #expect(try again.leftovers().map(\.paths.count) == [2, 1])
    #expect(try again.keep([photos[3]], trigger: "motion").number == 3)
    let device = try world.device()
    var ports = DevicePorts()
    ports.intake = Intake(limit: 8)
    ports.spool = again
    let loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    loop.takeUpSpool()
    for _ in 0..<3 { loop.step() }
    #expect(try device.store.counts().candidates == [.pool: 2], "the third is this run's own")
    #expect(try device.store.counts().captures == 3)
    #expect(try SpoolFolder(store: world.store).leftovers().map(\.number) == [3])
  }

  @Test("photos that an earlier run left are judged though the camera is a folder now, or none")
  func leftoversWithoutCamera() throws {
    let spool = try SpoolFolder(store: world.store)
    for index in 0..<3 { _ = try spool.keep([photos[index]], trigger: "button") }
    let device = try world.device()
    var ports = DevicePorts()
    try ports.joinLeftovers(store: world.store)
    let loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    loop.takeUpSpool()
    for _ in 0..<4 { loop.step() }
    #expect(try device.store.counts().candidates == [.pool: 3])
    #expect(try SpoolFolder(store: world.store).leftovers().isEmpty)
    var none = DevicePorts()
    try none.joinLeftovers(store: world.store)
    #expect(none.spool == nil && none.intake == nil)
  }

  @Test("when captures come too fast, one makes room, is counted and told")
  func overload() throws {
    let intake = Intake(limit: 2)
    let loop = try loop(FakeShutter(photos), intake, triggers: [.command])
    for _ in 0..<5 {
      loop.triggers.pull(.command, at: 1)
      loop.step()
    }
    let device = try world.device()
    var ports = DevicePorts()
    ports.intake = intake
    ports.spool = try SpoolFolder(store: world.store)
    DeviceLoop(device: device, ports: ports, log: World.silence).step()
    #expect(try device.store.counted(.droppedBursts) == 3)
    #expect(try SpoolFolder(store: world.store).leftovers().count == 1, "one judged, one waits")
    #expect(try device.store.events(limit: 10).contains { $0.message.contains("made room") })
  }

  @Test("a photo that cannot be kept is set aside after three tries, and the next one is judged")
  func poison() throws {
    let spool = try SpoolFolder(store: world.store)
    _ = try spool.keep([photos[0]], trigger: "button")
    _ = try spool.keep([photos[1]], trigger: "button")
    let device = try world.device()
    // A file where the photo's folder has to be: no waiting mends that.
    let name = sha256Text(photos[0])
    let captures = world.store + "/captures"
    try FileManager.default.createDirectory(atPath: captures, withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: "\(captures)/\(name.prefix(2))"))
    var ports = DevicePorts()
    ports.intake = Intake(limit: 8)
    ports.spool = try SpoolFolder(store: world.store)
    let loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    loop.takeUpSpool()
    for _ in 0..<8 {
      loop.step()
      world.clock.advance(by: .seconds(61))
    }
    #expect(try device.store.counts().captures == 1)
    #expect(try SpoolFolder(store: world.store).leftovers().isEmpty)
    let aside = try FileManager.default.contentsOfDirectory(atPath: spool.asidePath)
    #expect(aside == ["000000000001-button-0.jpg"])
    #expect(try device.store.events(limit: 9).contains { $0.message.contains("three tries") })
  }

  @Test("a photo that ended the program three times is set aside")
  func deadly() throws {
    let spool = try SpoolFolder(store: world.store)
    let entry = try spool.keep([photos[0]], trigger: "button")
    for count in 1...3 { #expect(spool.noteTry(of: entry.number) == count) }
    let device = try world.device()
    var ports = DevicePorts()
    ports.intake = Intake(limit: 8)
    ports.spool = try SpoolFolder(store: world.store)
    let loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    loop.takeUpSpool()
    loop.step()
    #expect(try device.store.counts().captures == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: spool.asidePath).count == 1)
    #expect(try device.store.events(limit: 9).contains { $0.message.contains("ended the program") })
  }

  @Test("a stuck button does not fill the queue of triggers")
  func stuck() {
    let queue = TriggerQueue()
    let taken = (0..<100).count { _ in queue.pull(.button, at: 1) }
    #expect(taken == TriggerQueue.capacity)
    for _ in 0..<taken { #expect(queue.next(timeout: .zero) != nil) }
    #expect(queue.next(timeout: .milliseconds(1)) == nil)
  }
}
