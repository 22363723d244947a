/// What is done where only sftp is to be had.
extension SSHTransport {
  /// Sizes of the files in a folder there, by name; `nil` when there is no such folder.
  typealias Listing = [String: Int]

  func findBySFTP(_ shipment: Shipment, prepare: Bool) async throws(SyncError) -> RemoteState {
    let step = "asking \(place) by sftp"
    let final = final(shipment)
    let list = "ls -ln \(Quoting.batch(final))"
    let output = try await sftp(
      ["-" + list], folder: nil, limit: options.limit(for: 0), step: step)
    guard output.status == 0 else { throw SSHFailure.error(output, step: step) }
    guard let there = Self.listing(after: list, in: output) else {
      if prepare { try await makeFolders(shipment, step: step) }
      return .absent
    }
    for file in shipment.files where there[file.name] != file.bytes { return .different }
    for file in shipment.files {
      guard try await hashThere(file, in: final, step: step) == file.sha256 else {
        return .different
      }
    }
    return .same
  }

  /// Makes the folders for sending; one that is there already cannot be made again, so the last is entered.
  private func makeFolders(_ shipment: Shipment, step: String) async throws(SyncError) {
    let folders = [place.path, "\(place.path)/.staging", staging(shipment)]
    let output = try await sftp(
      folders.map { "-mkdir \(Quoting.batch($0))" } + ["cd \(Quoting.batch(staging(shipment)))"],
      folder: nil, limit: options.limit(for: 0), step: step)
    guard output.status == 0 else { throw SSHFailure.error(output, step: step) }
  }

  /// Brings each file that is not there whole, from the byte where it stopped.
  func sendBySFTP(_ shipment: Shipment) async throws(SyncError) -> SendReceipt {
    let step = "sending \(shipment.name)"
    let stage = staging(shipment)
    let list = "ls -ln \(Quoting.batch(stage))"
    let before = try await sftp([list], folder: nil, limit: options.limit(for: 0), step: step)
    guard before.status == 0 else { throw SSHFailure.error(before, step: step) }
    let there = Self.listing(after: list, in: before) ?? [:]
    var batch: [String] = []
    var bytes = 0
    for file in shipment.files {
      let (here, target) = (Quoting.batch(file.name), Quoting.batch("\(stage)/\(file.name)"))
      let arrived = there[file.name] ?? 0
      if arrived == file.bytes, there[file.name] != nil { continue }
      if arrived > file.bytes { batch.append("rm \(target)") }
      let goesOn = arrived > 0 && arrived < file.bytes
      batch.append("\(goesOn ? "reput" : "put") -f \(here) \(target)")
      bytes += goesOn ? file.bytes - arrived : file.bytes
    }
    if !batch.isEmpty {
      let output = try await sftp(
        batch, folder: shipment.bundle.path, limit: options.limit(for: bytes), step: step)
      guard output.status == 0 else {
        let error = SSHFailure.error(output, step: step)
        // A server of version 3 has no word for a full disk.
        guard error.kind == .remote, output.errors.contains("Failure") else { throw error }
        throw SyncError(
          .diskFull, step: step,
          "the server could not write, which most often is a full disk; free space there and run "
            + "this again (it said: \(shown(output.errors, limit: 160)))")
      }
    }
    return SendReceipt(method: "sftp", bytes: bytes)
  }

  func publishBySFTP(_ shipment: Shipment) async throws(SyncError) {
    let step = "placing \(shipment.name)"
    let stage = staging(shipment)
    for file in shipment.files {
      guard try await hashThere(file, in: stage, step: step) == file.sha256 else {
        _ = try await sftp(
          ["-rm \(Quoting.batch("\(stage)/\(file.name)"))"], folder: nil,
          limit: options.limit(for: 0), step: step)
        throw SyncError(
          .mismatch, step: step,
          "\(file.name) did not arrive as it was sent and was removed there; run this again")
      }
    }
    let output = try await sftp(
      ["rename \(Quoting.batch(stage)) \(Quoting.batch(final(shipment)))"], folder: nil,
      limit: options.limit(for: 0), step: step)
    if output.status == 0 { return }
    let error = SSHFailure.error(output, step: step)
    if error.kind == .remote {
      switch try await findBySFTP(shipment, prepare: false) {
      case .same: return
      case .different: throw takenMeanwhile(step)
      case .absent: break
      }
    }
    throw error
  }

  /// SHA-256 of a file there, which is read back for that.
  private func hashThere(
    _ file: OutboxBundle.File, in folder: String, step: String
  ) async throws(SyncError) -> String? {
    let local = "\(scratch)/.readback"
    LocalFiles.remove(local)
    defer { LocalFiles.remove(local) }
    let output = try await sftp(
      ["get \(Quoting.batch("\(folder)/\(file.name)")) .readback"], folder: scratch,
      limit: options.limit(for: file.bytes), step: step)
    guard output.status == 0 else { throw SSHFailure.error(output, step: step) }
    return try LocalFiles.hash(local, limit: BundleManifest.greatestFile).sha256
  }

  /// Runs `commands` one after the other; the first that fails ends it, unless it begins with `-`.
  private func sftp(
    _ commands: [String], folder: String?, limit: Duration, step: String
  ) async throws(SyncError) -> CommandOutput {
    let host = place.host.contains(":") ? "[\(place.host)]" : place.host
    return try await CommandRunner.run(
      "sftp", ["-b", "-"] + options.arguments(place) + ["--", host],
      input: commands.joined(separator: "\n") + "\n", folder: folder, limit: limit, step: step)
  }

  /// What the command `command` listed: lines of mode, links, owner, group, size, date and name.
  static func listing(after command: String, in output: CommandOutput) -> Listing? {
    var listing: Listing?
    var isOurs = false
    for line in output.output.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("sftp> ") {
        isOurs = line.hasSuffix(command)
        continue
      }
      guard isOurs else { continue }
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count >= 9, words[0].count >= 10, let size = Int(words[4]) else { continue }
      let name = words[words.count - 1].split(separator: "/").last.map(String.init) ?? ""
      if words[0].hasPrefix("-") { listing = (listing ?? [:]).merging([name: size]) { $1 } }
    }
    return listing
  }
}
