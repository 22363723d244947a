internal import Synchronization

/// The device's lights and buttons.
///
/// One thread of its own waits for the buttons and blinks; it sleeps while nothing changes. `show`
/// drives the lights at once in the caller's thread, so that a light follows what it says without a
/// detour. A line that is missing, busy or fails takes nothing else with it: see `problems`.
package final class Panel: Sendable {
  private struct Lamp {
    var line: any GPIOOutput
    var name: String
    var isOn: Bool
    var failed = false
  }

  private struct State {
    var lamps: [PanelLED: Lamp] = [:]
    var pattern = BlinkPattern(count: 0, start: 0)
    var problems: [String] = []
    var litNanoseconds: UInt64?
    var events: [PanelEvent] = []
    var dropped = 0
    var stopped = false
  }

  private let gpio: any GPIO
  private let clock: any Clock
  private let state = Mutex(State())
  /// Rung for `events`; `nil` when the process had no descriptor left.
  private let news = try? Doorbell()
  private let thread = Mutex<BackgroundThread?>(nil)

  /// Events that wait at most; more are dropped and counted.
  package static let mostEvents = 64

  /// Takes the lines of `wiring` and starts. Lights are dark at first.
  ///
  /// Never fails: what could not be taken is in `problems`.
  package init(
    wiring: Wiring, gpio: any GPIO, settings: PanelSettings = PanelSettings(),
    clock: any Clock = SystemClock()
  ) {
    self.gpio = gpio
    self.clock = clock
    var problems: [String] = []
    var lamps: [PanelLED: Lamp] = [:]
    for (led, name) in wiring.leds {
      do throws(GPIOError) {
        let line = try gpio.output(name, activeLow: wiring.activeLow.contains(name), on: false)
        lamps[led] = Lamp(line: line, name: name, isOn: false)
      } catch { problems.append("LED '\(led)': \(error)") }
    }
    var inputs: [PanelInputs.Input] = []
    for (button, name) in wiring.buttons {
      do throws(GPIOError) {
        let line = try gpio.input(
          name, activeLow: wiring.activeLow.contains(name), debounce: settings.debounce)
        inputs.append(.init(button: button, line: line))
      } catch { problems.append("button '\(button)': \(error)") }
    }
    state.withLock { state in
      state.problems = problems
      state.lamps = lamps
    }
    if lamps.isEmpty, inputs.isEmpty { return }
    let loop = PanelInputs(inputs: inputs, gpio: gpio, settings: settings, clock: clock)
    do throws(ThreadError) {
      let started = try BackgroundThread { [weak self] in loop.run { self?.turn($0) } }
      thread.withLock { $0 = started }
    } catch {
      state.withLock { $0.problems.append("buttons do nothing and no light blinks: \(error)") }
    }
  }

  deinit { stop() }

  /// What is wrong with the wiring, one sentence each; empty if all of it works.
  package var problems: [String] { state.withLock { $0.problems } }

  /// Events that were dropped because nobody took them.
  package var dropped: Int { state.withLock { $0.dropped } }

  /// When the attention LED last went from dark to lit because something waits, on the monotonic clock,
  /// read after the line was driven; `nil` before.
  package var attentionLitNanoseconds: UInt64? { state.withLock { $0.litNanoseconds } }

  /// What happened at the buttons, oldest first, waiting up to `timeout` for the first.
  package func events(timeout: Duration) -> [PanelEvent] {
    let deadline = ContinuousClock.now + timeout
    while true {
      let (events, stopped) = state.withLock { state in
        defer { state.events = [] }
        return (state.events, state.stopped)
      }
      if !events.isEmpty || stopped { return events }
      // The bell may still ring for what an earlier call has taken.
      let left = deadline - .now
      guard left > .zero else { return [] }
      guard let news else {
        min(left, .milliseconds(20)).rest()
        continue
      }
      news.wait(until: deadline)
    }
  }

  /// Shows how many questions wait, and whether the device works or needs its owner. The lights are
  /// driven when this returns, but for another number of questions than 0, which is shown when the
  /// present one has been blinked to its end.
  package func show(waiting: Int, busy: Bool, fault: Bool) {
    state.withLock { state in
      guard !state.stopped else { return }
      let now = clock.monotonicNanoseconds
      let wasDark = state.pattern.count == 0
      if max(0, waiting) != state.pattern.count {
        state.pattern = state.pattern.followed(by: waiting, at: now)
      }
      drive(.attention, attention(state.pattern, now), &state)
      if wasDark, waiting > 0, state.lamps[.attention]?.isOn == true {
        state.litNanoseconds = clock.monotonicNanoseconds
      }
      drive(.busy, busy, &state)
      drive(.fault, fault, &state)
    }
    gpio.wake()
  }

  /// Darkens the lights and ends the thread; nothing is shown or told any more.
  package func stop() {
    state.withLock { state in
      guard !state.stopped else { return }
      for led in PanelLED.allCases { drive(led, false, &state) }
      state.stopped = true
    }
    gpio.wake()
    thread.withLock { $0 }?.join()
    news?.ring()
  }

  /// One turn of the thread: takes what `found` the buttons, blinks; when to be back, or `nil` to end.
  private func turn(_ found: [PanelEvent]) -> PanelInputs.Next? {
    let next: PanelInputs.Next? = state.withLock { state in
      if state.stopped { return nil }
      for event in found { add(event, &state) }
      let now = clock.monotonicNanoseconds
      guard state.lamps[.attention] != nil else { return .whenever }
      let (isOn, until) = state.pattern.state(at: now)
      drive(.attention, isOn, &state)
      return until.map { .at($0) } ?? .whenever
    }
    if !found.isEmpty { news?.ring() }
    return next
  }

  private func add(_ event: PanelEvent, _ state: inout State) {
    if case .failed(let sentence) = event { state.problems.append(sentence) }
    if state.events.count < Self.mostEvents {
      state.events.append(event)
    } else {
      state.dropped += 1
    }
  }

  private func attention(_ pattern: BlinkPattern, _ now: UInt64) -> Bool {
    pattern.state(at: now).isOn
  }

  /// Drives a light that is to change; the first failure of a light is told, later ones are not.
  private func drive(_ led: PanelLED, _ isOn: Bool, _ state: inout State) {
    guard var lamp = state.lamps[led], lamp.isOn != isOn || lamp.failed else { return }
    do throws(GPIOError) {
      try lamp.line.set(isOn)
      lamp.isOn = isOn
      lamp.failed = false
    } catch {
      if !lamp.failed { add(.failed("LED '\(led)': \(error)"), &state) }
      lamp.failed = true
    }
    state.lamps[led] = lamp
  }
}

/// Times of the panel.
package struct PanelSettings: Hashable, Sendable {
  /// How long a button's level must stand still to count.
  package var debounce = Duration.milliseconds(10)
  /// How long a button is held for its second meaning.
  package var longPress = Duration.seconds(1)

  /// The usual times.
  package init() {}

  /// The times as the decoder takes them.
  var times: ButtonDecoder.Times {
    func nanoseconds(_ duration: Duration) -> UInt64 {
      let (seconds, attoseconds) = max(.zero, duration).components
      return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
    var times = ButtonDecoder.Times()
    times.debounce = nanoseconds(debounce)
    times.longPress = nanoseconds(longPress)
    return times
  }
}
