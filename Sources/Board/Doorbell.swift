internal import CBoard
internal import Glibc

/// A bell between threads: rung by one, waited for by another, also in a `poll` with other descriptors.
final class Doorbell: Sendable {
  private let event: Descriptor

  /// A bell that has not been rung; fails when the process has no descriptor left.
  init() throws(SystemFailure) {
    let number = cboard_event_open()
    guard number >= 0 else { throw SystemFailure(code: -number) }
    event = Descriptor(number)
  }

  /// For `poll`; readable once the bell has been rung.
  var descriptor: Int32 { event.number }

  /// Wakes whoever waits, or will wait next.
  func ring() {
    var one: UInt64 = 1
    // A counter that is full has been rung often enough.
    _ = unsafe write(event.number, &one, 8)
  }

  /// Hears the bell: it rings no more.
  func hear() {
    var count: UInt64 = 0
    _ = unsafe read(event.number, &count, 8)
  }

  /// Waits for a ring until `deadline`, and hears it; whether there was one.
  @discardableResult
  func wait(until deadline: ContinuousClock.Instant) -> Bool {
    guard case .success(true) = event.wait(for: Int16(POLLIN), until: deadline) else {
      return false
    }
    hear()
    return true
  }
}
