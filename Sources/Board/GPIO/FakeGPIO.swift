internal import Synchronization

/// Lines that a test drives: they bounce, stick, are missing, busy, and fail.
package final class FakeGPIO: GPIO {
  private struct State {
    var lines: [GPIOLine]
    var levels: [String: Bool] = [:]
    var edges: [(name: String, isOn: Bool, nanoseconds: UInt64)] = []
    var failures: [String: GPIOError] = [:]
    var history: [String: [Bool]] = [:]
  }

  private let state: Mutex<State>
  private let clock: any Clock
  private let bell: Doorbell

  /// Lines of the given names on one chip; events have the time of `clock`.
  package convenience init(names: [String], clock: any Clock = SystemClock()) {
    self.init(
      lines: names.enumerated().map {
        GPIOLine(chip: "/dev/gpiochip0", label: "fake", name: $0.element, offset: $0.offset)
      }, clock: clock)
  }

  /// The given lines; none is a machine without a chip.
  package init(lines: [GPIOLine], clock: any Clock = SystemClock()) {
    state = Mutex(State(lines: lines))
    self.clock = clock
    do throws(SystemFailure) {
      bell = try Doorbell()
    } catch {
      preconditionFailure("a test's lines need a descriptor: \(error)")
    }
  }

  /// Sets the logical level of input `name`, which makes an event if it changes.
  package func set(_ name: String, on: Bool, at nanoseconds: UInt64? = nil) {
    let time = nanoseconds ?? clock.monotonicNanoseconds
    state.withLock { Self.set(name, on, time, &$0) }
    bell.ring()
  }

  /// Changes the level of input `name` as a contact does: `times` changes back and forth before it
  /// rests at `on`, all at the time of the clock.
  package func bounce(_ name: String, on: Bool, times: Int) {
    let time = clock.monotonicNanoseconds
    state.withLock { state in
      for step in 0...2 * times { Self.set(name, step % 2 == 0 ? on : !on, time, &state) }
    }
    bell.ring()
  }

  private static func set(_ name: String, _ on: Bool, _ time: UInt64, _ state: inout State) {
    guard state.levels[name, default: false] != on else { return }
    state.levels[name] = on
    state.edges.append((name, on, time))
  }

  /// Changes the level of input `name` without an event, as when the kernel's buffer was full.
  package func lose(_ name: String, on: Bool) { state.withLock { $0.levels[name] = on } }

  /// Whether every event has been taken.
  package var taken: Bool { state.withLock { $0.edges.isEmpty } }

  /// Lets every use of line `name` fail with `error` from now on; `nil` ends it.
  package func fail(_ name: String, with error: GPIOError?) {
    state.withLock { $0.failures[name] = error }
    bell.ring()
  }

  /// Whether output `name` is on; `nil` before it is requested.
  package func level(_ name: String) -> Bool? { state.withLock { $0.history[name]?.last } }

  /// Every level that output `name` was set to, the first one by its request.
  package func history(_ name: String) -> [Bool] { state.withLock { $0.history[name] ?? [] } }

  package func lines() throws(GPIOError) -> [GPIOLine] {
    let lines = state.withLock { $0.lines }
    if lines.isEmpty { throw .noChip }
    return lines
  }

  package func output(_ name: String, activeLow: Bool, on: Bool) throws(GPIOError) -> any GPIOOutput
  {
    let line = FakeLine(name: try take(name, output: true), owner: self)
    try line.set(on)
    return line
  }

  package func input(_ name: String, activeLow: Bool, debounce: Duration) throws(GPIOError)
    -> any GPIOInput
  {
    FakeLine(name: try take(name, output: false), owner: self)
  }

  private func take(_ name: String, output: Bool) throws(GPIOError) -> String {
    let line = try lines().line(named: name)
    if let consumer = line.consumer { throw .busy(name: name, consumer: consumer) }
    if let failure = state.withLock({ $0.failures[line.name] }) { throw failure }
    return line.name
  }

  package func edges(of inputs: [any GPIOInput], timeout: Duration) throws(GPIOError) -> [GPIOEdge]
  {
    let names = inputs.map { ($0 as? FakeLine)?.name }
    if state.withLock({ $0.edges.isEmpty }) { bell.wait(until: .now + timeout) }
    typealias Taken = ([(name: String, isOn: Bool, nanoseconds: UInt64)], GPIOError?)
    let (edges, failure) = state.withLock { state -> Taken in
      let failures = state.failures
      let failed = names.lazy.compactMap { $0.flatMap { failures[$0] } }.first
      guard failed == nil else { return ([], failed) }
      defer { state.edges = [] }
      return (state.edges, nil)
    }
    if let failure { throw failure }
    return edges.compactMap { edge in
      names.firstIndex(of: edge.name).map {
        GPIOEdge(input: $0, isOn: edge.isOn, nanoseconds: edge.nanoseconds)
      }
    }
  }

  package func wake() { bell.ring() }

  fileprivate func drive(_ name: String, _ on: Bool) throws(GPIOError) {
    let failure = state.withLock { state in
      if state.failures[name] == nil { state.history[name, default: []].append(on) }
      return state.failures[name]
    }
    if let failure { throw failure }
  }

  fileprivate func read(_ name: String) throws(GPIOError) -> Bool {
    let (level, failure) = state.withLock { ($0.levels[name, default: false], $0.failures[name]) }
    if let failure { throw failure }
    return level
  }
}

/// A line of the fake.
private final class FakeLine: GPIOInput, GPIOOutput {
  let name: String
  private let owner: FakeGPIO

  init(name: String, owner: FakeGPIO) {
    self.name = name
    self.owner = owner
  }

  func set(_ on: Bool) throws(GPIOError) { try owner.drive(name, on) }
  func isOn() throws(GPIOError) -> Bool { try owner.read(name) }
}
