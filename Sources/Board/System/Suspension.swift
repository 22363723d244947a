internal import Glibc

/// Why the board could not be suspended.
package enum SuspensionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file of the kernel could not be written.
  case refused(path: String, reason: String)

  package var description: String {
    switch self {
    case .refused(let path, let reason):
      "the board cannot be suspended: \(path): \(reason); it needs a real-time clock that wakes it and a "
        + "program that may write there; or set power.then to exit and let a timer start it"
    }
  }
}

/// Suspends the board to memory until its real-time clock wakes it.
package struct Suspension: Sendable {
  private let root: String

  /// The machine whose `/sys` lies under `root`; tests give a folder.
  package init(root: String = "") { self.root = root }

  /// Sets the alarm `duration` from now, at least a second, and suspends; returns when the board is awake
  /// again.
  package func suspend(for duration: Duration) throws(SuspensionError) {
    let seconds = max(1, duration.components.seconds)
    let alarm = root + "/sys/class/rtc/rtc0/wakealarm"
    // An alarm that is set already refuses another.
    try write("0", to: alarm)
    try write("+\(seconds)", to: alarm)
    try write("mem", to: root + "/sys/power/state")
  }

  private func write(_ text: String, to path: String) throws(SuspensionError) {
    let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw .refused(path: path, reason: SystemFailure.text(errno)) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw .refused(path: path, reason: SystemFailure.text(errno))
    }
  }
}
