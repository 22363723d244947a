/// The panel's thread: waits for the buttons and lets the panel take its turns.
struct PanelInputs: Sendable {
  /// A button and its line.
  struct Input: Sendable {
    var button: PanelButton
    var line: any GPIOInput
  }

  /// When the panel wants its next turn.
  enum Next {
    case whenever
    case at(UInt64)
  }

  private let inputs: [Input]
  private let gpio: any GPIO
  private let clock: any Clock
  private let start: ButtonDecoder
  private let failures: [PanelEvent]

  /// The buttons as they are now; what changes from now on counts.
  init(inputs: [Input], gpio: any GPIO, settings: PanelSettings, clock: any Clock) {
    self.inputs = inputs
    self.gpio = gpio
    self.clock = clock
    var levels: [Bool] = []
    var failures: [PanelEvent] = []
    for input in inputs {
      do throws(GPIOError) { levels.append(try input.line.isOn()) } catch {
        levels.append(false)
        failures.append(.failed("button '\(input.button)': \(error)"))
      }
    }
    start = ButtonDecoder(levels: levels, at: clock.monotonicNanoseconds, times: settings.times)
    self.failures = failures
  }

  /// Runs until `turn` returns `nil`. It is called with what the buttons said, also with nothing.
  func run(_ turn: ([PanelEvent]) -> Next?) {
    var decoder = start
    var events = failures
    var failing = false
    var isOwedALook = false
    while let next = turn(events) {
      events = []
      let now = clock.monotonicNanoseconds
      var until = now + 3_600_000_000_000
      if case .at(let time) = next { until = min(until, time) }
      if let time = decoder.nextDeadline { until = min(until, time) }
      if isOwedALook { until = now }
      let pause = Duration.nanoseconds(Int64(until > now ? until - now : 0))
      do throws(GPIOError) {
        let first = try gpio.edges(of: inputs.map(\.line), timeout: pause)
        // Time may pass up to a moment before the last look only: what changed earlier is known then,
        // however late this thread gets to run.
        let now = clock.monotonicNanoseconds
        let edges = try first + gpio.edges(of: inputs.map(\.line), timeout: .zero)
        failing = false
        events += change(&decoder, edges, now)
        if decoder.isUnsettled || !edges.isEmpty || isOwedALook {
          let levels = try inputs.map { input throws(GPIOError) in try input.line.isOn() }
          // A level may be newer than what was read of the changes: it tells of lost ones only when there
          // are no more to read.
          let late = try gpio.edges(of: inputs.map(\.line), timeout: .zero)
          events += late.isEmpty ? compare(&decoder, levels, at: now) : change(&decoder, late, now)
          isOwedALook = !late.isEmpty
        }
        events += told(decoder.advance(to: now))
      } catch {
        if !failing { events.append(.failed("buttons: \(error)")) }
        failing = true
        // A line that fails at once, again and again, must not keep a processor busy.
        Duration.milliseconds(200).rest()
      }
    }
  }

  /// The time of `edge`, or `now` if its clock is not the monotonic one (Linux before 5.7).
  private func timely(_ edge: GPIOEdge, _ now: UInt64) -> UInt64 {
    let apart = max(edge.nanoseconds, now) - min(edge.nanoseconds, now)
    return apart < 60_000_000_000 ? edge.nanoseconds : now
  }

  private func change(_ decoder: inout ButtonDecoder, _ edges: [GPIOEdge], _ now: UInt64)
    -> [PanelEvent]
  {
    edges.flatMap { edge in
      told(decoder.change(button: edge.input, isOn: edge.isOn, at: timely(edge, now)))
    }
  }

  /// Compares the levels with what the changes said: the kernel drops changes when many come at once.
  private func compare(_ decoder: inout ButtonDecoder, _ levels: [Bool], at now: UInt64)
    -> [PanelEvent]
  {
    var events: [PanelEvent] = []
    for (index, known) in decoder.levels.enumerated() where levels[index] != known {
      events += told(decoder.change(button: index, isOn: levels[index], at: now))
    }
    return events
  }

  private func told(_ outcomes: [ButtonDecoder.Outcome]) -> [PanelEvent] {
    outcomes.map { outcome in
      switch outcome {
      case .short(let index, let time):
        .press(ButtonPress(button: inputs[index].button, kind: .short, nanoseconds: time))
      case .long(let index, let time):
        .press(ButtonPress(button: inputs[index].button, kind: .long, nanoseconds: time))
      case .stuck(let index): .stuck(inputs[index].button)
      case .freed(let index): .freed(inputs[index].button)
      case .together(let indices): .together(indices.map { inputs[$0].button })
      }
    }
  }
}
