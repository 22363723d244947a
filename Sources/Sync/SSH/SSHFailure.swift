/// Makes sense of what OpenSSH, sftp and rsync say when they fail.
enum SSHFailure {
  /// What they say, and what it means; the first that is found counts.
  private static let signs: [(String, SyncError.Kind, String)] = [
    (
      "REMOTE HOST IDENTIFICATION HAS CHANGED", .hostKeyChanged,
      "the host shows another key than the one it had before: someone may be in between. If it was "
        + "installed anew, remove its old key with `ssh-keygen -R` and add the new one"
    ),
    (
      "Host key verification failed", .hostKeyUnknown,
      "the host's key is not known here; connect once by hand and compare its fingerprint, or add "
        + "--accept-new-host-key if the network can be trusted now"
    ),
    (
      "Could not resolve hostname", .unreachable,
      "the host's name is not known; check it, and the network's name service"
    ),
    (
      "Connection refused", .unreachable,
      "nothing answers at this port; check the port, and that sshd runs there"
    ),
    ("Connection timed out", .unreachable, "the host does not answer; check the network"),
    ("No route to host", .unreachable, "there is no way to the host; check the network"),
    ("Network is unreachable", .unreachable, "there is no network; check cable or radio"),
    (
      "Permission denied (", .keyRefused,
      "the host does not take the key; add the public key to its authorized_keys, or name another "
        + "with --key"
    ),
    ("Too many authentication failures", .keyRefused, "name the one key that fits with --key"),
    (
      "UNPROTECTED PRIVATE KEY FILE", .keyRefused,
      "others can read the key file; run chmod 600 on it"
    ),
    (
      "No space left on device", .diskFull,
      "the disk there is full; free space there and run this again"
    ),
    (
      "Disk quota exceeded", .diskFull,
      "the quota there is used up; free space there and run this again"
    ),
    (
      "Read-only file system", .notWritable,
      "the file system there cannot be written; check its mount"
    ),
    (
      "Permission denied", .notWritable,
      "the path there cannot be written; check who owns it, or choose another"
    ),
    (
      "Permission Denied", .notWritable,
      "the path there cannot be written; check who owns it, or choose another"
    ),
    ("Not a directory", .notWritable, "a part of the path there is no folder; choose another path"),
    (
      "No such file or directory", .notWritable,
      "the folder above the path is not there; make it there, or choose another"
    ),
    ("Connection reset", .interrupted, again), ("Connection closed", .interrupted, again),
    ("Broken pipe", .interrupted, again), ("onnection unexpectedly closed", .interrupted, again),
    ("closed by remote host", .interrupted, again), ("not responding", .interrupted, again),
    ("Connection to ", .interrupted, again), ("timeout in data", .interrupted, again),
    ("kex_exchange_identification", .interrupted, again),
    ("Timeout, server", .interrupted, again), ("Connection abort", .interrupted, again),
    ("lost connection", .interrupted, again), ("message authentication code", .interrupted, again),
  ]

  private static let again =
    "the connection broke; run this again: it goes on where it stopped"

  /// The failure that `output` tells of.
  static func error(_ output: CommandOutput, step: String) -> SyncError {
    let said = output.errors
    let lines = said.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("@@@") }
    let quote = lines.suffix(2).map { shown($0, limit: 160) }.joined(separator: " / ")
    for (sign, kind, advice) in signs where said.contains(sign) {
      return SyncError(kind, step: step, advice + (quote.isEmpty ? "" : " (it said: \(quote))"))
    }
    // 255 is ssh's own status, 12, 30 and 35 are rsync's for a stream that ended, above 128 a signal.
    if [255, 12, 30, 35].contains(output.status) || output.status > 128 {
      return SyncError(
        .interrupted, step: step, again + (quote.isEmpty ? "" : " (it said: \(quote))"))
    }
    return SyncError(
      .remote, step: step,
      "failed with status \(output.status)"
        + (quote.isEmpty ? " and said nothing" : ": \(quote)")
        + "; try the same by hand with ssh or sftp, then run this again")
  }
}
