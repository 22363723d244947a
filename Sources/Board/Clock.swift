internal import CBoard
internal import Glibc
internal import Synchronization

/// What the wall clock says, and whether to believe it.
package struct WallTime: Hashable, Sendable {
  /// Milliseconds since 1970-01-01 UTC.
  package var unixMilliseconds: Int64
  /// Whether the clock was known to be right.
  package var trusted: Bool

  /// A reading of `unixMilliseconds` since 1970-01-01 UTC.
  package init(unixMilliseconds: Int64, trusted: Bool) {
    self.unixMilliseconds = unixMilliseconds
    self.trusted = trusted
  }
}

/// Where time comes from; injected, so that tests own it.
package protocol Clock: Sendable {
  /// Nanoseconds since some moment before the program; never goes back, stands still in suspend.
  var monotonicNanoseconds: UInt64 { get }
  /// The wall clock now. It may jump; order comes from sequence numbers, never from here.
  var wall: WallTime { get }
}

/// The clock of this machine.
///
/// The wall clock is trusted when the kernel says that a time source disciplines it and it stands
/// after `earliestCredible`: a board without a battery starts in 1970 or at its image's build date.
package struct SystemClock: Clock {
  /// 2026-01-01 UTC: a clock that shows an earlier time is wrong, this program being younger.
  package static let earliestCredible: Int64 = 1_767_225_600_000

  /// The clock of this machine.
  package init() {}

  package var monotonicNanoseconds: UInt64 {
    let (seconds, nanoseconds) = Self.read(CLOCK_MONOTONIC)
    return UInt64(seconds) * 1_000_000_000 + UInt64(nanoseconds)
  }

  package var wall: WallTime {
    let (seconds, nanoseconds) = Self.read(CLOCK_REALTIME)
    let milliseconds = Int64(seconds) * 1000 + Int64(nanoseconds) / 1_000_000
    return WallTime(
      unixMilliseconds: milliseconds,
      trusted: Self.isTrusted(
        unixMilliseconds: milliseconds, synchronised: cboard_clock_is_synchronised() == 1))
  }

  /// The last midnight where the machine is, in milliseconds since 1970-01-01 UTC.
  package var startOfDay: Int64 {
    var seconds = time(nil)
    var local = unsafe tm()
    unsafe localtime_r(&seconds, &local)
    unsafe local.tm_hour = 0
    unsafe local.tm_min = 0
    unsafe local.tm_sec = 0
    unsafe local.tm_isdst = -1
    return Int64(unsafe mktime(&local)) * 1000
  }

  /// Whether a clock that shows `unixMilliseconds` is to be believed.
  package static func isTrusted(unixMilliseconds: Int64, synchronised: Bool) -> Bool {
    synchronised && unixMilliseconds >= earliestCredible
  }

  private static func read(_ clock: clockid_t) -> (seconds: Int, nanoseconds: Int) {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "clock \(clock) cannot be read")
    return (time.tv_sec, time.tv_nsec)
  }
}

/// A clock that stands still until a test moves it.
package final class ManualClock: Clock {
  private struct State {
    var monotonicNanoseconds: UInt64
    var wall: WallTime
  }

  private let state: Mutex<State>

  /// A clock at `wall`, with its monotonic side at `monotonicNanoseconds`.
  package init(
    monotonicNanoseconds: UInt64 = 0,
    wall: WallTime = WallTime(unixMilliseconds: SystemClock.earliestCredible, trusted: true)
  ) {
    state = Mutex(State(monotonicNanoseconds: monotonicNanoseconds, wall: wall))
  }

  package var monotonicNanoseconds: UInt64 { state.withLock { $0.monotonicNanoseconds } }
  package var wall: WallTime { state.withLock { $0.wall } }

  /// Moves both sides forward; `duration` is ≥ 0.
  package func advance(by duration: Duration) {
    let (seconds, attoseconds) = duration.components
    precondition(duration >= .zero, "a monotonic clock cannot go back by \(duration)")
    state.withLock {
      $0.monotonicNanoseconds +=
        UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
      $0.wall.unixMilliseconds += seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
  }

  /// Sets the wall side alone, as a time server or a dead battery does.
  package func setWall(_ wall: WallTime) { state.withLock { $0.wall = wall } }
}
