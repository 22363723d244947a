import FoundationEssentials
import Glibc
import Synchronization

/// Prints `value` as one line of JSON with sorted keys.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Writes a line to standard error.
func say(_ line: String) {
  try? FileHandleStandardError.write(line + "\n")
}

/// Whether standard error is a terminal, so that a bar can be drawn over itself.
let standardErrorIsTerminal = isatty(STDERR_FILENO) == 1

/// Whether standard output is a terminal that may be coloured.
let standardOutputIsTerminal =
  isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

/// Standard error as a place for whole lines.
enum FileHandleStandardError {
  /// Writes `text` whole, also when the system takes it in pieces.
  static func write(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
      }
      if written < 0 {
        guard errno == EINTR || errno == EAGAIN else { return }
        continue
      }
      rest = rest.dropFirst(written)
    }
  }
}

/// Progress of a job of known length: a bar on a terminal, a plain line every tenth elsewhere.
struct Progress {
  let title: String
  var total: Int
  private var lastTenth = -1

  /// Progress of `total` steps.
  init(_ title: String, total: Int) {
    self.title = title
    self.total = max(1, total)
  }

  /// Shows that `done` steps are done.
  mutating func show(_ done: Int, of newTotal: Int? = nil) {
    total = max(1, newTotal ?? total)
    let tenth = done * 10 / total
    if standardErrorIsTerminal {
      let filled = min(30, done * 30 / total)
      let bar =
        String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
      let end = done >= total ? "\n" : ""
      try? FileHandleStandardError.write("\r\(title) \(bar) \(done)/\(total)\(end)")
    } else if tenth > lastTenth || done >= total {
      say("\(title): \(done) of \(total)")
    }
    lastTenth = tenth
  }
}

/// Progress that several threads may report.
final class ProgressBar: Sendable {
  private let title: String
  private let state = Mutex<Progress?>(nil)

  /// A bar under `title`; it appears with the first step.
  init(_ title: String) { self.title = title }

  /// Shows that `done` of `total` steps are done; fewer than before are not shown.
  func show(_ done: Int, of total: Int) {
    state.withLock { progress in
      var bar = progress ?? Progress(title, total: total)
      bar.show(done, of: total)
      progress = bar
    }
  }
}
