/// How OpenSSH is called: never with a question, and never longer than it takes.
package struct SSHOptions: Hashable, Sendable {
  /// A private key file; `nil` for what the user's configuration and agent have.
  package var key: String?
  /// A file of known host keys instead of the user's own.
  package var knownHosts: String?
  /// A configuration file instead of the user's own.
  package var configuration: String?
  /// Whether the key of a host that was never seen is taken and noted; one that changed never is.
  package var acceptsNewHosts: Bool
  /// Whether rsync is left out where it could be used.
  package var onlySFTP: Bool
  /// Seconds to wait for a connection.
  package var connectSeconds: Int
  /// Seconds without a sign of life after which a connection is given up.
  package var idleSeconds: Int
  /// Bytes a second that a connection carries at least; sets the greatest time for sending.
  package var slowestBytesPerSecond: Int

  /// The usual options.
  package init(
    key: String? = nil, knownHosts: String? = nil, configuration: String? = nil,
    acceptsNewHosts: Bool = false, onlySFTP: Bool = false, connectSeconds: Int = 20,
    idleSeconds: Int = 60, slowestBytesPerSecond: Int = 512
  ) {
    self.key = key
    self.knownHosts = knownHosts
    self.configuration = configuration
    self.acceptsNewHosts = acceptsNewHosts
    self.onlySFTP = onlySFTP
    self.connectSeconds = connectSeconds
    self.idleSeconds = idleSeconds
    self.slowestBytesPerSecond = slowestBytesPerSecond
  }

  /// Longest time for sending or reading back `bytes`.
  func limit(for bytes: Int) -> Duration {
    .seconds(120 + connectSeconds + bytes / max(1, slowestBytesPerSecond))
  }

  /// Arguments for `ssh` and `sftp` alike; `port` is named by each in its own way, so it is an option.
  func arguments(_ destination: Destination) -> [String] {
    var options = [
      "BatchMode=yes", "ConnectTimeout=\(connectSeconds)",
      "ServerAliveInterval=\(max(1, idleSeconds / 3))", "ServerAliveCountMax=3",
      "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no",
      "EscapeChar=none",
    ]
    // Without this the user's configuration says what happens; in batch mode nothing is asked.
    if acceptsNewHosts { options.append("StrictHostKeyChecking=accept-new") }
    if let knownHosts { options.append("UserKnownHostsFile=\(Self.quoted(knownHosts))") }
    if let key {
      options.append("IdentityFile=\(Self.quoted(key))")
      options.append("IdentitiesOnly=yes")
    }
    if let user = destination.user { options.append("User=\(user)") }
    if let port = destination.port { options.append("Port=\(port)") }
    return (configuration.map { ["-F", $0] } ?? []) + options.flatMap { ["-o", $0] }
  }

  /// `path` as OpenSSH's configuration takes one with spaces; `%` would begin a name of its own.
  private static func quoted(_ path: String) -> String {
    "\""
      + path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
      .split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
  }

  /// What is wrong with the files; each has to be named without control characters or backslashes.
  package func check() throws(SyncError) {
    for path in [key, knownHosts, configuration].compactMap({ $0 })
    where path.unicodeScalars.contains(where: { $0.value < 0x20 || $0 == "\\" || $0 == "\"" }) {
      throw SyncError(
        .badDestination, step: "reading '\(shown(path))'",
        "OpenSSH takes no file name with quotes, backslashes or control characters; rename it")
    }
    for path in [key, configuration].compactMap({ $0 })
    where LocalFiles.entryFollowing(path)?.isRegular != true {
      throw SyncError(
        .localFile, step: shown(path), "there is no such file; give the path of one")
    }
  }
}
