/// Turns the changes of buttons into presses: a pure function of changes and time.
///
/// A change counts when the level has then stood still for `debounce`; it counts from the first change
/// of the bounce. A press is short when the button is let go of before `longPress`, and is told then;
/// it is long, and told, when the button is still held at that time. Buttons that go down within
/// `together` of one another void each other: nobody can mean both. A button that is on for `stuck` is
/// told as stuck and does nothing until it has been let go of, and so is one that is on at the start.
///
/// - Complexity: O(buttons) for a call.
package struct ButtonDecoder: Sendable {
  /// Times in nanoseconds.
  package struct Times: Hashable, Sendable {
    package var debounce: UInt64 = 10_000_000
    package var longPress: UInt64 = 1_000_000_000
    package var stuck: UInt64 = 30_000_000_000
    /// At least `debounce` counts.
    package var together: UInt64 = 50_000_000

    /// The usual times.
    package init() {}
  }

  /// What the buttons said.
  package enum Outcome: Hashable, Sendable {
    /// `at` is when the button went down.
    case short(button: Int, at: UInt64)
    case long(button: Int, at: UInt64)
    case stuck(button: Int)
    /// A stuck button was let go of.
    case freed(button: Int)
    /// These went down together and do nothing; told with the second one, and again with each more.
    case together(buttons: [Int])
  }

  private enum Phase {
    case up
    /// Held, and nothing told yet.
    case down
    /// Let go of before it was long; told once no other button can void it.
    case over
    /// Held and told, or voided.
    case spent
    case stuck
  }

  private struct Button {
    var level: Bool
    var levelSince: UInt64
    /// The level that counts.
    var settled: Bool
    /// The first change since the level last was what counts, if it may come to count.
    var bounceStart: UInt64?
    var phase = Phase.up
    /// When it went down.
    var pressed: UInt64 = 0
    /// Others that went down with it.
    var voided = false
  }

  private let times: Times
  private var buttons: [Button]

  /// Buttons at `levels` at the time `now`.
  package init(levels: [Bool], at now: UInt64, times: Times = Times()) {
    self.times = times
    buttons = levels.map {
      Button(
        level: $0, levelSince: now, settled: $0, phase: $0 ? .spent : .up, pressed: now)
    }
  }

  /// The level of each button as last told.
  package var levels: [Bool] { buttons.map(\.level) }

  /// Whether a change has not come to count yet.
  package var isUnsettled: Bool { buttons.contains { $0.bounceStart != nil } }

  /// Takes the change of `button` to `isOn` at `time`, which is not before the latest time told; an
  /// earlier one counts as the latest.
  package mutating func change(button: Int, isOn: Bool, at time: UInt64) -> [Outcome] {
    guard buttons.indices.contains(button) else { return [] }
    let time = max(time, now)
    let outcomes = advance(to: time)
    guard buttons[button].level != isOn else { return outcomes }
    buttons[button].level = isOn
    buttons[button].levelSince = time
    if buttons[button].bounceStart == nil { buttons[button].bounceStart = time }
    // Without debouncing a change counts at once.
    return times.debounce == 0 ? outcomes + advance(to: time) : outcomes
  }

  private var now: UInt64 = 0

  /// Lets time pass up to `time`: what came of it, oldest first.
  package mutating func advance(to time: UInt64) -> [Outcome] {
    var outcomes: [Outcome] = []
    while let next = nextDeadline, next <= time {
      now = max(now, next)
      // Each step ends at least one wait, so this ends.
      outcomes += step()
    }
    now = max(now, time)
    return outcomes
  }

  /// When something may come of time alone; `nil` while all buttons rest.
  package var nextDeadline: UInt64? { buttons.indices.compactMap(deadline).min() }

  private func deadline(_ index: Int) -> UInt64? {
    let button = buttons[index]
    var times: [UInt64] = []
    if button.bounceStart != nil { times.append(button.levelSince + self.times.debounce) }
    switch button.phase {
    case .up, .stuck: break
    // A level that is just bouncing decides neither; what it settles to does.
    case .down where button.bounceStart == nil: times.append(button.pressed + self.times.longPress)
    case .spent where button.bounceStart == nil: times.append(button.pressed + self.times.stuck)
    case .down, .spent: break
    case .over: if let time = decidable(index) { times.append(time) }
    }
    return times.min()
  }

  /// When no other button can void the press of `index` any more, unless one may bounce still.
  private func decidable(_ index: Int) -> UInt64? {
    let window = max(times.together, times.debounce)
    let (press, end) = (buttons[index].pressed, buttons[index].pressed + window)
    for (other, button) in buttons.enumerated() where other != index && !button.settled {
      if let start = button.bounceStart, start <= end, start + window >= press { return nil }
    }
    return max(end, now)
  }

  private mutating func step() -> [Outcome] {
    var outcomes: [Outcome] = []
    for index in buttons.indices where buttons[index].bounceStart != nil {
      if buttons[index].levelSince + times.debounce <= now { outcomes += settle(index) }
    }
    for index in buttons.indices where buttons[index].bounceStart == nil {
      outcomes += wait(index)
    }
    for index in buttons.indices {
      guard case .over = buttons[index].phase, let time = decidable(index), time <= now else {
        continue
      }
      buttons[index].phase = .up
      outcomes.append(.short(button: index, at: buttons[index].pressed))
    }
    return outcomes
  }

  /// What comes of the level of `index` having stood still.
  private mutating func settle(_ index: Int) -> [Outcome] {
    guard let start = buttons[index].bounceStart else { return [] }
    buttons[index].bounceStart = nil
    guard buttons[index].level != buttons[index].settled else { return [] }
    buttons[index].settled = buttons[index].level
    return buttons[index].settled ? press(index, at: start) : release(index, at: start)
  }

  private mutating func press(_ index: Int, at start: UInt64) -> [Outcome] {
    var outcomes: [Outcome] = []
    // A second press of one button ends the wait of the first: they are not with one another.
    if case .over = buttons[index].phase {
      outcomes.append(.short(button: index, at: buttons[index].pressed))
    }
    buttons[index].pressed = start
    buttons[index].phase = .down
    buttons[index].voided = false
    let window = max(times.together, times.debounce)
    var with: [Int] = []
    for (other, button) in buttons.enumerated() where other != index {
      let apart = max(button.pressed, start) - min(button.pressed, start)
      switch button.phase {
      case .down where apart <= window, .over where apart <= window: with.append(other)
      case .spent where button.voided && apart <= window: with.append(other)
      case .up where button.voided && apart <= window: with.append(other)
      default: break
      }
    }
    guard !with.isEmpty else { return outcomes }
    for other in with + [index] {
      buttons[other].voided = true
      buttons[other].phase = buttons[other].settled ? .spent : .up
    }
    return outcomes + [.together(buttons: (with + [index]).sorted())]
  }

  private mutating func release(_ index: Int, at start: UInt64) -> [Outcome] {
    let button = buttons[index]
    buttons[index].phase = .up
    switch button.phase {
    case .stuck: return [.freed(button: index)]
    case .down where start - button.pressed >= times.longPress:
      return [.long(button: index, at: button.pressed)]
    case .down:
      buttons[index].phase = .over
      return []
    default: return []
    }
  }

  /// What comes of `index` being held.
  private mutating func wait(_ index: Int) -> [Outcome] {
    let button = buttons[index]
    switch button.phase {
    case .down where button.pressed + times.longPress <= now:
      buttons[index].phase = .spent
      return [.long(button: index, at: button.pressed)]
    case .spent where button.pressed + times.stuck <= now:
      buttons[index].phase = .stuck
      return [.stuck(button: index)]
    default: return []
    }
  }
}
