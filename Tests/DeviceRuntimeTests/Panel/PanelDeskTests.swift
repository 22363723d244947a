import Board
import DeviceRuntime
import SampleStore
import Testing

/// Lights that are remembered and buttons that a test presses.
final class FakePanel: OperatorPanel {
  var events: [PanelEvent] = []
  var shown: [(waiting: Int, busy: Bool, fault: Bool)] = []
  var isStopped = false
  let problems = ["no line is named 'skip'"]

  func takeEvents() -> [PanelEvent] {
    defer { events = [] }
    return events
  }

  func show(waiting: Int, busy: Bool, fault: Bool) { shown.append((waiting, busy, fault)) }
  func stop() { isStopped = true }
}

@Suite("Buttons and lights")
struct PanelDeskTests {
  let world: World
  let device: Device
  let panel = FakePanel()
  let desk: PanelDesk
  let loop: DeviceLoop

  init() throws {
    world = try World()
    device = try world.device()
    desk = PanelDesk(panel)
    for index in 0..<8 { try device.capture(path: try world.photo(index)) }
    var ports = DevicePorts()
    ports.panel = desk
    loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    loop.step()
  }

  private func event(_ button: PanelButton, isLong: Bool = false, at: UInt64? = nil) -> PanelEvent {
    .press(
      ButtonPress(
        button: button, kind: isLong ? .long : .short,
        nanoseconds: at ?? world.clock.monotonicNanoseconds))
  }

  /// Presses a button now, after the open question has stood for a second.
  private func press(_ button: PanelButton, isLong: Bool = false) {
    world.clock.advance(by: .seconds(1))
    panel.events = [event(button, isLong: isLong)]
    loop.step()
  }

  @Test("the light counts the questions of the store, and goes out with the last")
  func attention() throws {
    #expect(panel.shown.last?.waiting == 4)
    for left in [3, 2, 1] {
      press(.label(0))
      #expect(panel.shown.last?.waiting == left)
      #expect(try device.store.counts().labels == 4 - left)
    }
    device.shouldStop = { false }
    let candidate = try #require(device.question).candidate
    press(.label(1))
    #expect(try device.store.activeLabels().last?.candidateID == candidate)
    #expect(try device.store.activeLabels().last?.className == "dark")
  }

  @Test("label, skip, cannot tell and undo do what the keys of the console do")
  func answers() throws {
    let first = try #require(device.question).candidate
    press(.skip)
    #expect(try device.store.candidate(first).state == .skipped)
    let second = try #require(device.question).candidate
    press(.skip, isLong: true)
    #expect(try device.store.candidate(second).state == .unsure)
    press(.undo)
    #expect(device.question?.candidate == second)
    #expect(try device.store.candidate(second).state == .queued)
  }

  @Test("a press meant for the question before is refused")
  func tooEarly() throws {
    let first = try #require(device.question).candidate
    world.clock.advance(by: .seconds(1))
    panel.events = [event(.label(0)), event(.label(1))]
    loop.step()
    #expect(try device.store.counts().labels == 1)
    #expect(device.question?.candidate != first)
    #expect(desk.answerCount == 1)
  }

  @Test("the console and the buttons answer one after the other, never the same question twice")
  func twoWays() throws {
    let first = try #require(device.question).candidate
    world.clock.advance(by: .seconds(1))
    let pressed = world.clock.monotonicNanoseconds
    _ = try device.answer(candidate: first, .label("bright"))
    panel.events = [event(.label(1), at: pressed)]
    loop.step()
    #expect(try device.store.counts().labels == 1, "the button went down before the next stood")
    #expect(try device.store.activeLabels().first?.className == "bright")
    #expect(throws: StoreError.self) {
      _ = try device.answer(candidate: first, .label("dark"))
    }
  }

  @Test(
    "a button without a class, without a question or without a camera is told, and does nothing")
  func nothing() throws {
    var said: [String] = []
    device.notice = { said.append($0) }
    for (button, text) in [
      (PanelButton.label(7), "no class has button 8"), (.shutter, "no shutter"),
    ] {
      world.clock.advance(by: .seconds(1))
      panel.events = [event(button)]
      let lines = desk.step(desk: device, now: world.clock.monotonicNanoseconds)
      #expect(lines.count == 1 && lines[0].contains(text), "\(lines)")
    }
    #expect(try device.store.counts().labels == 0)
  }

  @Test("the shutter gives the moment of the press; holding it says that somebody is there")
  func shutter() throws {
    var pulls: [UInt64] = []
    var confirmed = 0
    desk.pullShutter = {
      pulls.append($0)
      return true
    }
    desk.confirmPresence = { confirmed += 1 }
    press(.shutter)
    #expect(pulls == [world.clock.monotonicNanoseconds])
    press(.shutter, isLong: true)
    press(.undo, isLong: true)
    #expect(pulls.count == 1 && confirmed == 2)
  }

  @Test("a stuck button and buttons pressed together are told, and answer nothing")
  func stuck() throws {
    world.clock.advance(by: .seconds(1))
    panel.events = [.stuck(.skip), .together([.label(0), .label(1)])]
    let lines = desk.step(desk: device, now: world.clock.monotonicNanoseconds)
    #expect(lines.count == 2 && lines[0].contains("stuck"))
    #expect(try device.store.counts().labels == 0)
  }

  @Test("all lights go out at the end")
  func end() {
    loop.run(until: { true })
    #expect(panel.isStopped)
  }
}
