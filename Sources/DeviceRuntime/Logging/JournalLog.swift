internal import Board
package import Logging

/// Sends log messages to systemd's journal with their metadata as fields: `journalctl LOAM_CAPTURE=17`.
///
/// The message alone goes to `MESSAGE`; each metadata value `key` to `LOAM_KEY`. If the journal does not
/// take an entry, it goes to standard error instead, so that nothing is lost.
package struct JournalLog: LogHandler {
  /// The journal's socket.
  package static let address = "/run/systemd/journal/socket"

  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level = .info
  private let socket: Datagram?
  private let identifier: String
  private var fallback: StreamLogHandler

  /// A handler for `label`; entries are those of `identifier` in the journal.
  package init(label: String, identifier: String = "loam", address: String = JournalLog.address) {
    socket = Datagram(address: address)
    self.identifier = identifier
    fallback = StreamLogHandler.standardError(label: label)
    fallback.logLevel = .trace
  }

  /// The handler that fits where standard error leads: the journal, or standard error itself.
  package static func standard(label: String, environment: [String: String]) -> any LogHandler {
    StandardErrorTarget.isJournal(environment: environment)
      ? JournalLog(label: label) : StreamLogHandler.standardError(label: label)
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    var entry = JournalEntry()
    entry.add("MESSAGE", "\(event.message)")
    entry.add("PRIORITY", "\(Self.priority(event.level))")
    entry.add("SYSLOG_IDENTIFIER", identifier)
    for (key, value) in all.sorted(by: { $0.key < $1.key }) { entry.add("LOAM_" + key, "\(value)") }
    if let error = event.error { entry.add("LOAM_ERROR", "\(error)") }
    if socket?.send(entry.bytes) != true {
      var fallback = fallback
      fallback.metadata = metadata
      fallback.log(event: event)
    }
  }

  /// The number that syslog and the journal have for `level`.
  static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
