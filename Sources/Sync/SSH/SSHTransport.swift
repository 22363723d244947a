import Synchronization

/// Sends bundles over OpenSSH: by rsync where both sides have it, by sftp elsewhere.
///
/// Where a shell can be had there, it compares the hashes and places the bundle. Where only sftp is
/// allowed, the files are read back and hashed here, which takes the same amount of data once more.
package final class SSHTransport: Transport {
  /// What the other side can do, as it said when it was asked first.
  struct Abilities: Hashable, Sendable {
    var hasShell = false
    var hasRsync = false
    var hasHash = false
  }

  package let destination: String
  let place: Destination
  let options: SSHOptions
  /// A folder for what is read back.
  let scratch: String
  private let found = Mutex<Abilities?>(nil)

  /// A transport to `place`; files are read back into `scratch`, a folder that is there.
  package init(
    to place: Destination, options: SSHOptions, scratch: String
  ) throws(SyncError) {
    try options.check()
    self.place = place
    // The programs run in the bundle's folder.
    var options = options
    options.key = options.key.map(LocalFiles.absolute)
    options.knownHosts = options.knownHosts.map(LocalFiles.absolute)
    options.configuration = options.configuration.map(LocalFiles.absolute)
    self.options = options
    self.scratch = scratch
    destination = place.description
  }

  /// What is known of the other side; nothing is assumed before it was asked.
  var abilities: Abilities { found.withLock { $0 ?? Abilities() } }

  package func find(
    _ shipment: Shipment, prepare: Bool
  ) async throws(SyncError) -> RemoteState {
    let step = "asking \(place)"
    if found.withLock({ $0?.hasShell ?? true }) {
      let script = RemoteScript.find(shipment, at: place.path, prepare: prepare)
      let output = try await shell(script, limit: options.limit(for: 0), step: step)
      let said = Said(output)
      if said.has("shell") {
        guard output.status == 0 else { throw SSHFailure.error(output, step: step) }
        found.withLock {
          $0 = Abilities(
            hasShell: true, hasRsync: said.has("rsync") && !options.onlySFTP,
            hasHash: said.value("sum") != nil)
        }
        switch said.value("state") {
        case "absent": return .absent
        case "same": return .same
        case "different": return .different
        default: break
        }
        // There, but no program to hash with: it is read back.
        return try await findBySFTP(shipment, prepare: false)
      }
      // ssh itself failed, or it is no shell.
      if output.status == 255 { throw SSHFailure.error(output, step: step) }
      found.withLock { $0 = Abilities() }
    }
    return try await findBySFTP(shipment, prepare: prepare)
  }

  package func send(_ shipment: Shipment) async throws(SyncError) -> SendReceipt {
    if abilities.hasRsync, !place.path.contains(where: { "*?[]\\".contains($0) }) {
      do throws(SyncError) { return try await sendByRsync(shipment) } catch {
        guard error.kind == .toolMissing else { throw error }
      }
    }
    return try await sendBySFTP(shipment)
  }

  package func publish(_ shipment: Shipment) async throws(SyncError) {
    guard abilities.hasShell, abilities.hasHash else { return try await publishBySFTP(shipment) }
    let step = "placing \(shipment.name)"
    let output = try await shell(
      RemoteScript.publish(shipment, at: place.path), limit: options.limit(for: 0), step: step)
    let said = Said(output)
    if said.has("placed"), output.status == 0 { return }
    if let bad = said.value("bad") {
      throw SyncError(
        .mismatch, step: step,
        "\(shown(bad)) did not arrive as it was sent and was removed there; run this again")
    }
    if said.value("state") == "different" { throw takenMeanwhile(step) }
    throw SSHFailure.error(output, step: step)
  }

  /// The failure to give a bundle its name because another one got it meanwhile.
  func takenMeanwhile(_ step: String) -> SyncError {
    SyncError(
      .differentBundle, step: step,
      "another bundle of this name came to \(place) meanwhile; nothing was replaced: move it away")
  }

  /// Where the bundle is to be, and where it is until it is whole.
  func final(_ shipment: Shipment) -> String { "\(place.path)/\(shipment.name)" }
  func staging(_ shipment: Shipment) -> String {
    "\(place.path)/.staging/\(shipment.stagingName)"
  }

  /// Runs `script` by `sh` there.
  private func shell(
    _ script: String, limit: Duration, step: String
  ) async throws(SyncError) -> CommandOutput {
    try await CommandRunner.run(
      "ssh", options.arguments(place) + ["-T", "--", place.host, "sh"], input: script,
      limit: limit, step: step)
  }

  /// Lets rsync bring what is missing; it writes in place, so that each byte that arrived counts.
  private func sendByRsync(_ shipment: Shipment) async throws(SyncError) -> SendReceipt {
    let step = "sending \(shipment.name)"
    // rsync names the host itself, after these.
    let ssh = (["ssh"] + options.arguments(place)).map(Quoting.rsh).joined(separator: " ")
    let host = place.host.contains(":") ? "[\(place.host)]" : place.host
    let output = try await CommandRunner.run(
      "rsync",
      [
        "--protect-args", "--recursive", "--checksum", "--inplace", "--partial",
        "--timeout=\(options.idleSeconds)", "--stats", "-e", ssh, "--", "./",
        "\(host):\(staging(shipment))/",
      ], folder: shipment.bundle.path, limit: options.limit(for: shipment.byteCount), step: step)
    guard output.status == 0 else { throw SSHFailure.error(output, step: step) }
    let sent = output.output.split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix("Total bytes sent:") }
      .map { $0.filter(\.isNumber) }.flatMap { Int($0) }
    return SendReceipt(method: "rsync", bytes: sent ?? shipment.byteCount)
  }
}

/// The lines of a script's output that are for Loam.
struct Said {
  private let lines: [Substring]

  init(_ output: CommandOutput) {
    lines = output.output.split(whereSeparator: \.isNewline)
      .filter { $0.hasPrefix("loam: ") }.map { $0.dropFirst(6) }
  }

  /// Whether a line is `word` or begins with it.
  func has(_ word: String) -> Bool { lines.contains { $0 == word || $0.hasPrefix(word + " ") } }

  /// What follows `word` in the first line that begins with it.
  func value(_ word: String) -> String? {
    lines.first { $0.hasPrefix(word + " ") }.map { String($0.dropFirst(word.utf8.count + 1)) }
  }
}
