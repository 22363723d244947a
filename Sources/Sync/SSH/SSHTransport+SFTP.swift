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

  /// How often files are listed that somebody else may write, and sent after that was so.
  private static let (looks, tries) = (30, 3)

  /// Brings each file that is not there whole, from the byte where it stopped.
  ///
  /// `reput` appends to what it finds, so nobody else may write meanwhile. But what a sender that broke off
  /// had on the way may still arrive: a file that is there in part has to rest first, and is looked at again
  /// if it got another length all the same.
  func sendBySFTP(_ shipment: Shipment) async throws(SyncError) -> SendReceipt {
    let step = "sending \(shipment.name)"
    var receipt = SendReceipt(method: "sftp", bytes: 0)
    var there = try await restingFiles(shipment, step: step)
    for attempt in 1... {
      let (batch, bytes) = commands(for: shipment, there: there)
      if batch.isEmpty { break }
      let output = try await sftp(
        batch, folder: shipment.bundle.path, limit: options.limit(for: bytes), step: step)
      if output.status == 0 {
        receipt.bytes += bytes
        break
      }
      let error = SSHFailure.error(output, step: step)
      guard error.kind == .remote else { throw error }
      let before = there
      there = try await restingFiles(shipment, step: step)
      guard shipment.files.contains(where: { $0.cannotGoOn(from: before, now: there) }) else {
        // A server of version 3 has no word for a full disk.
        guard output.errors.contains("Failure") else { throw error }
        throw SyncError(
          .diskFull, step: step,
          "the server could not write, which most often is a full disk; free space there and run "
            + "this again (it said: \(shown(output.errors, limit: 160)))")
      }
      if attempt == Self.tries { throw othersWrite(step) }
    }
    return receipt
  }

  /// What brings the files that `there` lacks in whole or in part, and how many bytes that takes.
  private func commands(for shipment: Shipment, there: Listing) -> (batch: [String], bytes: Int) {
    var (batch, bytes): ([String], Int) = ([], 0)
    for file in shipment.files where there[file.name] != file.bytes {
      let target = Quoting.batch("\(staging(shipment))/\(file.name)")
      let arrived = there[file.name] ?? 0
      if arrived > file.bytes { batch.append("rm \(target)") }
      let goesOn = file.isInPart(there)
      batch.append("\(goesOn ? "reput" : "put") -f \(Quoting.batch(file.name)) \(target)")
      bytes += goesOn ? file.bytes - arrived : file.bytes
    }
    return (batch, bytes)
  }

  /// What lies in the staging folder, at a time when no file that is there in part grows.
  private func restingFiles(
    _ shipment: Shipment, step: String
  ) async throws(SyncError) -> Listing {
    var before: Listing?
    for _ in 0..<Self.looks {
      let list = "ls -ln \(Quoting.batch(staging(shipment)))"
      let output = try await sftp([list], folder: nil, limit: options.limit(for: 0), step: step)
      guard output.status == 0 else { throw SSHFailure.error(output, step: step) }
      let there = Self.listing(after: list, in: output) ?? [:]
      if before == there || !shipment.files.contains(where: { $0.isInPart(there) }) { return there }
      before = there
      do { try await Task.sleep(for: .seconds(1)) } catch { break }
    }
    throw othersWrite(step)
  }

  private func othersWrite(_ step: String) -> SyncError {
    SyncError(
      .interrupted, step: step,
      "files of this bundle at \(place) change all the time: something else sends it there; wait until "
        + "that has ended, and run this again: it goes on where it stopped")
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

extension OutboxBundle.File {
  /// Whether `there` has a part of it to go on with.
  fileprivate func isInPart(_ there: SSHTransport.Listing) -> Bool {
    (1..<max(1, bytes)).contains(there[name] ?? 0)
  }

  /// Whether it was there in part `before`, and `now` is not what can be gone on with from there.
  fileprivate func cannotGoOn(
    from before: SSHTransport.Listing, now: SSHTransport.Listing
  ) -> Bool {
    isInPart(before) && !((before[name] ?? 0)..<bytes).contains(now[name] ?? 0)
  }
}
