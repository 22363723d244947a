import Testing

@testable import Board

@Suite struct PanelTests {
  private static let names = [
    "led-a", "led-b", "led-f", "key-s", "key-k", "key-u", "key-1", "key-2",
  ]

  private var wiring: Wiring {
    var wiring = Wiring()
    (wiring.attention, wiring.busy, wiring.fault) = ("led-a", "led-b", "led-f")
    (wiring.shutter, wiring.skip, wiring.undo) = ("key-s", "key-k", "key-u")
    wiring.classes = ["key-1", "key-2"]
    return wiring
  }

  /// Waits until `condition` holds; whether it did within ten seconds.
  private func holds(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      if condition() { return true }
      Duration.milliseconds(2).rest()
    }
    return condition()
  }

  /// Presses a button for `held` of the test's time, with a contact that bounces.
  private func press(_ name: String, _ gpio: FakeGPIO, _ clock: ManualClock, held: Duration) {
    gpio.bounce(name, on: true, times: 3)
    clock.advance(by: held)
    gpio.bounce(name, on: false, times: 2)
    clock.advance(by: .milliseconds(100))
    gpio.wake()
  }

  /// The only press that `panel` tells of.
  private func onlyPress(_ panel: Panel) -> ButtonPress? {
    let events = panel.events(timeout: .seconds(30))
    if case .press(let press) = events.first, events.count == 1 { return press }
    Issue.record("\(events)")
    return nil
  }

  @Test("tells which button was pressed and when")
  func press() {
    let clock = ManualClock(monotonicNanoseconds: 5_000_000_000)
    let gpio = FakeGPIO(names: Self.names, clock: clock)
    let panel = Panel(wiring: wiring, gpio: gpio, clock: clock)
    defer { panel.stop() }
    #expect(panel.problems.isEmpty)
    press("key-2", gpio, clock, held: .milliseconds(300))
    #expect(
      onlyPress(panel)
        == ButtonPress(button: .label(1), kind: .short, nanoseconds: 5_000_000_000))
    #expect(panel.events(timeout: .zero).isEmpty)
  }

  @Test("tells a long press while the button is held")
  func long() {
    let clock = ManualClock()
    let gpio = FakeGPIO(names: Self.names, clock: clock)
    let panel = Panel(wiring: wiring, gpio: gpio, clock: clock)
    defer { panel.stop() }
    gpio.set("key-k", on: true)
    clock.advance(by: .seconds(1))
    gpio.wake()
    #expect(onlyPress(panel) == ButtonPress(button: .skip, kind: .long, nanoseconds: 0))
  }

  @Test("finds a release that the kernel dropped")
  func lost() {
    let clock = ManualClock()
    let gpio = FakeGPIO(names: Self.names, clock: clock)
    let panel = Panel(wiring: wiring, gpio: gpio, clock: clock)
    defer { panel.stop() }
    gpio.set("key-s", on: true)
    clock.advance(by: .milliseconds(150))
    // Gone without a change told; another button makes the panel look.
    gpio.lose("key-s", on: false)
    gpio.set("key-u", on: true)
    #expect(holds { gpio.taken })
    clock.advance(by: .milliseconds(100))
    gpio.wake()
    #expect(onlyPress(panel) == ButtonPress(button: .shutter, kind: .short, nanoseconds: 0))
  }

  @Test("drives the lights before show returns, and says when attention was lit")
  func lights() throws {
    let gpio = FakeGPIO(names: Self.names)
    let panel = Panel(wiring: wiring, gpio: gpio)
    #expect(Self.names.prefix(3).allSatisfy { gpio.level($0) == false })
    #expect(panel.attentionLitNanoseconds == nil)
    let before = SystemClock().monotonicNanoseconds
    panel.show(waiting: 7, busy: true, fault: false)
    #expect(gpio.history("led-a").prefix(2) == [false, true])
    #expect(gpio.level("led-b") == true && gpio.level("led-f") == false)
    let lit = try #require(panel.attentionLitNanoseconds)
    #expect(lit >= before && lit <= SystemClock().monotonicNanoseconds)
    // It blinks without being asked again, and the time stays that of the first light.
    #expect(holds { gpio.history("led-a").count >= 5 })
    #expect(panel.attentionLitNanoseconds == lit)
    panel.show(waiting: 0, busy: false, fault: true)
    #expect(gpio.level("led-a") == false && gpio.level("led-b") == false)
    #expect(gpio.level("led-f") == true)
    panel.stop()
    #expect(Self.names.prefix(3).allSatisfy { gpio.level($0) == false })
    panel.show(waiting: 3, busy: true, fault: true)
    #expect(Self.names.prefix(3).allSatisfy { gpio.level($0) == false }, "lit after stop")
    panel.stop()
  }

  @Test("names every line that cannot be used and works with the others")
  func problems() {
    let clock = ManualClock()
    let lines = [
      GPIOLine(chip: "/dev/gpiochip0", label: "a", name: "led-attention", offset: 0),
      GPIOLine(chip: "/dev/gpiochip0", label: "a", name: "led-b", offset: 1, consumer: "leds"),
      GPIOLine(chip: "/dev/gpiochip0", label: "a", name: "key-s", offset: 2),
      GPIOLine(chip: "/dev/gpiochip1", label: "b", name: "key-s", offset: 0),
      GPIOLine(chip: "/dev/gpiochip1", label: "b", name: "key-k", offset: 1),
    ]
    let gpio = FakeGPIO(lines: lines, clock: clock)
    gpio.fail("key-k", with: .noPermission(chip: "/dev/gpiochip1"))
    var wiring = Wiring()
    (wiring.attention, wiring.busy, wiring.shutter) = ("led-atention", "led-b", "key-s")
    (wiring.skip, wiring.undo) = ("key-k", "b/key-s")
    let panel = Panel(wiring: wiring, gpio: gpio, clock: clock)
    defer { panel.stop() }
    let said = panel.problems.joined(separator: "\n")
    #expect(panel.problems.count == 4, "\(said)")
    for part in [
      "LED 'attention': no GPIO line is named 'led-atention'; did you mean led-attention?",
      "LED 'busy': the GPIO line 'led-b' is in use by 'leds'",
      "button 'shutter': several chips have a GPIO line 'key-s'; write one of a/key-s, b/key-s",
      "button 'skip': /dev/gpiochip1 may not be opened; add this user to the group gpio",
    ] { #expect(said.contains(part), "\(said)") }
    panel.show(waiting: 1, busy: true, fault: true)
    press("key-s", gpio, clock, held: .milliseconds(300))
    #expect(onlyPress(panel)?.button == .undo)
  }

  @Test("does nothing, and says why, on a machine without GPIO")
  func noChip() {
    let panel = Panel(wiring: wiring, gpio: FakeGPIO(names: []))
    #expect(panel.problems.count == 8)
    #expect(panel.problems.allSatisfy { $0.contains("there is no GPIO chip") })
    panel.show(waiting: 1, busy: true, fault: true)
    #expect(panel.events(timeout: .zero).isEmpty)
    panel.stop()
  }

  @Test("tells once that a light fails, and lights it when it works again")
  func failingLight() {
    let gpio = FakeGPIO(names: Self.names)
    let panel = Panel(wiring: wiring, gpio: gpio)
    defer { panel.stop() }
    gpio.fail("led-f", with: .failed(name: "led-f", operation: "driven", reason: "gone"))
    for _ in 0..<5 { panel.show(waiting: 0, busy: false, fault: true) }
    #expect(panel.problems.count == 1)
    #expect(panel.events(timeout: .seconds(10)).count == 1)
    gpio.fail("led-f", with: nil)
    panel.show(waiting: 0, busy: false, fault: true)
    #expect(gpio.level("led-f") == true)
  }

  @Test("tells once that the buttons fail, and goes on when they work again")
  func failingButtons() {
    let clock = ManualClock()
    let gpio = FakeGPIO(names: Self.names, clock: clock)
    let panel = Panel(wiring: wiring, gpio: gpio, clock: clock)
    defer { panel.stop() }
    gpio.fail("key-1", with: .failed(name: "key-1", operation: "watched", reason: "gone"))
    guard case .failed(let sentence) = panel.events(timeout: .seconds(30)).first else {
      Issue.record("nothing told")
      return
    }
    #expect(sentence.contains("key-1"))
    gpio.fail("key-1", with: nil)
    press("key-u", gpio, clock, held: .milliseconds(300))
    #expect(onlyPress(panel)?.button == .undo)
  }

  @Test("keeps a bounded number of events that nobody takes, and counts the others")
  func bounded() {
    let clock = ManualClock()
    let gpio = FakeGPIO(names: Self.names, clock: clock)
    let panel = Panel(wiring: wiring, gpio: gpio, clock: clock)
    defer { panel.stop() }
    for _ in 0..<100 { press("key-1", gpio, clock, held: .milliseconds(100)) }
    #expect(holds { panel.dropped == 100 - Panel.mostEvents })
    #expect(panel.events(timeout: .seconds(1)).count == Panel.mostEvents)
  }
}
