internal import Glibc

/// Where standard error leads.
package enum StandardErrorTarget {
  /// Whether standard error is the journal's stream, by `$JOURNAL_STREAM`: device and inode of the
  /// socket that the service manager connected. A redirection makes it another file, and false.
  package static func isJournal(environment: [String: String]) -> Bool {
    var status = stat()
    guard unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
    return matches(
      environment["JOURNAL_STREAM"], device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// Whether `stream` is `device:inode`.
  package static func matches(_ stream: String?, device: UInt64, inode: UInt64) -> Bool {
    stream == "\(device):\(inode)"
  }
}
