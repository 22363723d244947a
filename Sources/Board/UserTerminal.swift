internal import Glibc
internal import Synchronization

/// The terminal that a command was started in, changed for a while.
///
/// It is put back by `restore`, and when the object goes.
package final class UserTerminal: Sendable {
  /// What is changed.
  package enum Mode: Hashable, Sendable {
    /// Every byte goes through as it is, also Ctrl-C.
    case raw
    /// What is typed is not shown; all else is as before.
    case noEcho
  }

  private let descriptor: Int32
  private let saved: Mutex<termios?>

  /// Whether standard input is a terminal.
  package static var isThere: Bool { isatty(STDIN_FILENO) == 1 }

  /// Changes the terminal behind standard input; `nil` when that is none, or refuses.
  package init?(_ mode: Mode) {
    descriptor = STDIN_FILENO
    var before = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
    var wanted = before
    switch mode {
    case .raw: unsafe cfmakeraw(&wanted)
    case .noEcho: wanted.c_lflag &= ~tcflag_t(ECHO)
    }
    guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &wanted) == 0 else { return nil }
    saved = Mutex(before)
  }

  /// Puts it back as it was found; a second call does nothing.
  package func restore() {
    saved.withLock { saved in
      guard var before = saved else { return }
      _ = unsafe tcsetattr(descriptor, TCSADRAIN, &before)
      saved = nil
    }
  }

  deinit { restore() }
}

/// Bytes from standard input, waiting up to `timeout` for the first; `nil` at its end.
package func readStandardInput(timeout: Duration) -> [UInt8]? {
  var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
  guard unsafe poll(&request, 1, timeout.pollMilliseconds) > 0 else { return [] }
  var count = 0
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
    count = unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count)
    filled = max(count, 0)
  }
  if count > 0 { return bytes }
  return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
}
