internal import CBoard
internal import Glibc

/// A bell between threads: rung by one, waited for by another, also in a `poll` with other descriptors.
final class WakeUp: Sendable {
  private let event: Descriptor

  /// A bell that has not been rung.
  init() {
    let number = cboard_event_open()
    precondition(number >= 0, "the system gives no descriptor: \(SystemFailure.text(-number))")
    event = Descriptor(number)
  }

  /// For `poll`; readable while the bell rings.
  var descriptor: Int32 { event.number }

  /// Rings the bell until it is heard.
  func ring() {
    var one: UInt64 = 1
    _ = unsafe write(event.number, &one, 8)
  }

  /// Hears the bell: it rings no more.
  func hear() {
    var count: UInt64 = 0
    _ = unsafe read(event.number, &count, 8)
  }

  /// Whether the bell rang within `timeout`; it rings no more.
  func wait(timeout: Duration) -> Bool {
    guard case .success(true) = event.wait(for: Int16(POLLIN), until: .now + timeout) else {
      return false
    }
    hear()
    return true
  }
}
