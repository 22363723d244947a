/// A bundle in an outbox, or any folder that is one.
package struct OutboxBundle: Hashable, Sendable {
  /// `NAME-VERSION`, also the folder's name.
  package var name: String
  /// Its folder.
  package var path: String
  /// The number at the end of its name, which only grows.
  package var version: Int64

  /// The bundle in `folder`, whose last part is its name.
  package init(folder: String) throws(SyncError) {
    var folder = folder
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let name = folder.split(separator: "/").last.map(String.init) ?? ""
    guard LocalFiles.entry("\(folder)/\(BundleManifest.name)")?.isRegular == true,
      BundleManifest.isFileName(name)
    else {
      throw SyncError(
        .damagedBundle, step: shown(folder),
        "no bundle: expected a folder with \(BundleManifest.name), its name of letters, digits, "
          + "'.', '_' and '-'; make one with `loam export`")
    }
    (self.name, path) = (name, folder)
    version = Self.version(name) ?? 0
  }

  /// The number at the end of `NAME-VERSION`; `nil` when there is none.
  static func version(_ name: some StringProtocol) -> Int64? {
    guard let dash = name.lastIndex(of: "-"), dash > name.startIndex,
      BundleManifest.isFileName(name)
    else { return nil }
    let digits = name[name.index(after: dash)...]
    guard digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
    return Int64(digits)
  }

  /// A file to be sent.
  struct File: Hashable, Sendable {
    var name: String
    var bytes: Int
    var sha256: String
  }

  /// The bundle's files, the manifest last, each read and found to be what the manifest says.
  ///
  /// Throws `damagedBundle` otherwise: a bundle that is spoilt here is not sent.
  func checkedFiles() throws(SyncError) -> [File] {
    let manifestPath = "\(path)/\(BundleManifest.name)"
    let bytes = try LocalFiles.bytes(manifestPath, limit: BundleManifest.greatestByteCount)
    let manifest = try BundleManifest.parse(bytes, path: manifestPath)
    var files: [File] = []
    for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
      let found = try LocalFiles.hash("\(path)/\(name)", limit: BundleManifest.greatestFile)
      guard found == (file.sha256, file.bytes) else {
        throw SyncError(
          .damagedBundle, step: shown("\(path)/\(name)"),
          "is not what the manifest says; check the disk, remove the folder and export again")
      }
      files.append(File(name: name, bytes: file.bytes, sha256: file.sha256))
    }
    for name in [BundleManifest.signatureName, BundleManifest.name]
    where LocalFiles.entry("\(path)/\(name)")?.isRegular == true {
      let found = try LocalFiles.hash(
        "\(path)/\(name)", limit: BundleManifest.greatestByteCount)
      files.append(File(name: name, bytes: found.bytes, sha256: found.sha256))
    }
    return files
  }
}

/// The bundles of a store that wait to be sent, and the last ones that were.
///
/// `STORE/outbox/NAME-VERSION/` is a bundle that has not been sent; the folder is the queue, so that it
/// survives whatever happens. A sent one moves to `outbox/sent/`, of which the latest few are kept.
package struct Outbox: Sendable {
  /// Sent bundles that are kept.
  package static let keptSent = 3
  /// More entries than this in the folder are an error.
  static let mostEntries = 10_000

  /// `STORE/outbox`.
  package let folder: String
  /// Where sent bundles are.
  package var sentFolder: String { "\(folder)/sent" }

  /// The outbox of the store in `store`; nothing is made until something is put in.
  package init(store: String) { folder = "\(store)/outbox" }

  /// Makes the folder unless it is there, durably.
  package func prepare() throws(SyncError) {
    if LocalFiles.entry(folder)?.isFolder == true { return }
    try LocalFiles.makeFolder(folder)
    try LocalFiles.syncFolder(parentFolder(folder))
  }

  /// Bundles that wait to be sent, oldest first.
  package func unsent() throws(SyncError) -> [OutboxBundle] { try bundles(in: folder) }

  /// Bundles that were sent and are still here, oldest first.
  package func sent() throws(SyncError) -> [OutboxBundle] { try bundles(in: sentFolder) }

  /// The latest bundle, sent or not.
  package func latest() throws(SyncError) -> OutboxBundle? {
    (try unsent() + sent()).max { $0.version < $1.version }
  }

  /// Notes that `bundle` has arrived; durable when it returns. The oldest sent ones go.
  package func markSent(_ bundle: OutboxBundle, keep: Int = Self.keptSent) throws(SyncError) {
    try LocalFiles.makeFolder(sentFolder)
    let target = "\(sentFolder)/\(bundle.name)"
    if bundle.path != target {
      // One of the same name was sent before, so it is replaced.
      LocalFiles.remove(target)
      try LocalFiles.move("\(folder)/\(bundle.name)", to: target)
      try LocalFiles.syncFolder(sentFolder)
      try LocalFiles.syncFolder(folder)
    }
    for old in try sent().dropLast(max(1, keep)) { LocalFiles.remove(old.path) }
  }

  /// Takes the lock under which bundles are sent; throws `locked` when another process sends.
  package func lockForSending() throws(SyncError) -> FileLock {
    try prepare()
    return try FileLock("\(folder)/.sync.lock", step: "sending")
  }

  /// Takes the lock under which a bundle is put in, waiting up to half a minute for another process.
  package func lockForExport() throws(SyncError) -> FileLock {
    try prepare()
    return try FileLock("\(folder)/.export.lock", patience: .seconds(30), step: "exporting")
  }

  /// Removes what a process that was killed has left: folders `….part` of an export, files read back.
  ///
  /// Call it under the export's lock.
  package func removeLeftovers() {
    guard let names = try? LocalFiles.names(in: folder, limit: Self.mostEntries) else { return }
    for name in names where name.hasSuffix(".part") { LocalFiles.remove("\(folder)/\(name)") }
  }

  /// Removes archives of bundles, made to be sent over a line, that an end in the middle has left.
  ///
  /// Only the device makes them: it calls this before it does.
  package func removeArchives() {
    guard let names = try? LocalFiles.names(in: folder, limit: Self.mostEntries) else { return }
    for name in names where name.hasSuffix(".tar") {
      let bundle = name.drop { $0 == "." }.dropLast(".tar".count)
      if OutboxBundle.version(bundle) != nil { LocalFiles.remove("\(folder)/\(name)") }
    }
  }

  private func bundles(in folder: String) throws(SyncError) -> [OutboxBundle] {
    guard LocalFiles.entry(folder)?.isFolder == true else { return [] }
    var found: [OutboxBundle] = []
    for name in try LocalFiles.names(in: folder, limit: Self.mostEntries)
    where OutboxBundle.version(name) != nil {
      let path = "\(folder)/\(name)"
      guard LocalFiles.entry(path)?.isFolder == true else { continue }
      if let bundle = try? OutboxBundle(folder: path) { found.append(bundle) }
    }
    return found.sorted { ($0.version, $0.name) < ($1.version, $1.name) }
  }
}
