/// A two-way line of bytes to an operator: a serial port, a pseudo terminal, or a fake.
///
/// Reading and writing may happen on two threads; two readers would each get a part of the bytes.
package protocol ByteLine: Sendable {
  /// The bytes that have arrived, waiting up to `timeout` for the first; empty when none came.
  ///
  /// Throws `LineError.disconnected` while the other end is gone. A line that can come back tries
  /// to in each call, after a pause that grows, and never returns sooner than `timeout` without
  /// having something to say: a loop around `read` does not spin.
  func read(timeout: Duration) throws(LineError) -> [UInt8]

  /// Writes all of `bytes`; returns once the line has taken them, not once they have been seen.
  ///
  /// Throws `LineError.writeTimedOut` when the line takes no more before its deadline; some of the
  /// bytes may have left by then.
  func write(_ bytes: [UInt8]) throws(LineError)
}

extension ByteLine {
  /// Writes `text` as UTF-8.
  package func write(_ text: String) throws(LineError) { try write(Array(text.utf8)) }
}

/// Why a line could not be opened, read or written.
package enum LineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The speed is not one that serial hardware commonly has.
  case unsupportedSpeed(Int, supported: [Int])
  /// The path names something that is not a terminal device.
  case notATerminal(path: String)
  /// The driver did not take the speed, raw mode or flow control asked for.
  case settingsRefused(path: String, bitsPerSecond: Int, flowControl: SerialSettings.FlowControl)
  /// The socket cannot be listened at.
  case cannotListen(path: String, reason: String)
  /// The device is missing or may not be opened.
  case cannotOpen(path: String, reason: String)
  /// The other end is gone: cable pulled, adapter unplugged, terminal closed.
  case disconnected(path: String, reason: String)
  /// The line took only a part of the bytes before the deadline.
  case writeTimedOut(path: String, written: Int, of: Int)
  /// Any other failure of the system.
  case failed(path: String, operation: String, reason: String)

  package var description: String {
    switch self {
    case .unsupportedSpeed(let found, let supported):
      "\(found) baud is not a speed of a serial line here; use one of "
        + supported.map(String.init).joined(separator: ", ")
    case .notATerminal(let path):
      "'\(path)' is not a terminal device; give the path of a serial port or pseudo terminal, "
        + "such as one under /dev/serial/by-id"
    case .settingsRefused(let path, let speed, let flow):
      "'\(path)' did not take \(speed) baud, raw"
        + (flow == .none ? "" : " with \(flow.rawValue) flow control") + "; try another speed"
        + (flow == .none ? "" : " or turn flow control off")
    case .cannotListen(let path, let reason):
      "cannot listen at the socket '\(path)': \(reason); give the path of a file that is not there yet, "
        + "in a folder that this user may write to"
    case .cannotOpen(let path, let reason):
      "cannot open the line '\(path)': \(reason); check that it is plugged in and that this user "
        + "may open it (on Debian, group dialout)"
    case .disconnected(let path, let reason):
      "the line '\(path)' is disconnected: \(reason); it is opened again when it comes back"
    case .writeTimedOut(let path, let written, let count):
      "the line '\(path)' took \(written) of \(count) B in time; the other end is not reading, "
        + "or flow control holds the line"
    case .failed(let path, let operation, let reason):
      "\(operation) failed on the line '\(path)': \(reason)"
    }
  }
}
