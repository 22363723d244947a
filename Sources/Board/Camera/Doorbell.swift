internal import CBoard
internal import Glibc

/// Wakes one thread that waits, from any other: a pipe, so that it can be waited for along with
/// other descriptors.
final class Doorbell: Sendable {
  private let waiting: Descriptor
  private let ringing: Descriptor

  /// A bell that has not been rung; `nil` when the process has no descriptor left.
  init?() {
    guard let ends = Pipe() else { return nil }
    (waiting, ringing) = (ends.reading, ends.writing)
    for end in [waiting, ringing] {
      _ = fcntl(end.number, F_SETFL, fcntl(end.number, F_GETFL) | O_NONBLOCK)
    }
  }

  /// The descriptor that is readable once the bell has been rung.
  var descriptor: Int32 { waiting.number }

  /// Wakes whoever waits, or will wait next.
  func ring() {
    var byte: UInt8 = 1
    // A full pipe has been rung often enough.
    _ = unsafe write(ringing.number, &byte, 1)
  }

  /// Waits for a ring until `deadline`, and takes it; whether there was one.
  @discardableResult
  func wait(until deadline: ContinuousClock.Instant) -> Bool {
    guard case .success(true) = waiting.wait(for: Int16(POLLIN), until: deadline) else {
      return false
    }
    _ = waiting.read(upTo: 256, timeout: .zero)
    return true
  }
}

/// The two ends of a pipe, or of a pair of sockets.
struct Pipe {
  let reading: Descriptor
  let writing: Descriptor

  /// A pipe; `nil` when the process has no descriptor left.
  init?() {
    var ends = (Int32(-1), Int32(-1))
    guard unsafe withUnsafeMutablePointer(to: &ends, { unsafe Self.open($0, cboard_pipe) }) else {
      return nil
    }
    (reading, writing) = (Descriptor(ends.0), Descriptor(ends.1))
  }

  /// Two joined sockets, each read from and written to.
  init?(sockets: Void) {
    var ends = (Int32(-1), Int32(-1))
    guard
      unsafe withUnsafeMutablePointer(to: &ends, { unsafe Self.open($0, cboard_socket_pair) })
    else { return nil }
    (reading, writing) = (Descriptor(ends.0), Descriptor(ends.1))
  }

  @unsafe private static func open(
    _ ends: UnsafeMutablePointer<(Int32, Int32)>,
    _ call: (UnsafeMutablePointer<Int32>?) -> Int32
  ) -> Bool {
    unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe call($0) } == 0
  }
}
