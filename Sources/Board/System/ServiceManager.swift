internal import Glibc

/// The service manager that started this process (systemd), told how it is doing; without one, every
/// call does nothing.
///
/// The protocol is that of sd_notify(3): lines of `KEY=value` in a datagram to `$NOTIFY_SOCKET`.
package struct ServiceManager: Sendable {
  private let socket: Datagram?
  /// How often the manager wants to hear `alive`, at least; `nil` if it does not watch. Half of what it
  /// allows, as sd_watchdog_enabled(3) advises.
  package let watchdogPause: Duration?

  /// The manager that `environment` names.
  package init(environment: [String: String], process: Int = Int(getpid())) {
    socket = environment["NOTIFY_SOCKET"].flatMap { Datagram(address: $0) }
    watchdogPause = Self.watchdogPause(environment, process: process)
  }

  /// Whether there is a manager to talk to.
  package var isPresent: Bool { socket != nil }

  /// The start is over: whoever waited for this service may go on.
  package func ready(_ status: String) { send(["READY=1", Self.line("STATUS", status)]) }

  /// What the service does, in one line, as `systemctl status` shows it.
  package func status(_ text: String) { send([Self.line("STATUS", text)]) }

  /// The work goes on. Call it only when it does: a manager restarts a service that has fallen silent.
  package func alive() { send(["WATCHDOG=1"]) }

  /// The service has begun to stop.
  package func stopping(_ status: String) { send(["STOPPING=1", Self.line("STATUS", status)]) }

  /// Asks for `duration` more before the manager takes a start or stop for hung.
  package func extendTimeout(by duration: Duration) {
    let (seconds, attoseconds) = duration.components
    send(["EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)"])
  }

  private func send(_ lines: [String]) {
    guard let socket else { return }
    socket.send(Array(lines.joined(separator: "\n").utf8))
  }

  /// One line whatever the value has in it.
  private static func line(_ key: String, _ value: String) -> String {
    "\(key)=" + String(value.prefix(500).map { $0.isNewline ? " " : $0 })
  }

  private static func watchdogPause(_ environment: [String: String], process: Int) -> Duration? {
    guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0
    else { return nil }
    // Meant for another process if it names one.
    if let named = environment["WATCHDOG_PID"], Int(named) != process { return nil }
    return .microseconds(microseconds / 2)
  }
}
