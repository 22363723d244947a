/// A way to a place that takes bundles.
///
/// A bundle goes into a staging folder first, is compared there with the hashes of what was sent, and only
/// then gets its name, in one step. Each call has an end in time.
package protocol Transport: Sendable {
  /// The place, for people.
  var destination: String { get }
  /// What is at the place under the bundle's name. With `prepare` the folders for sending are made.
  func find(_ shipment: Shipment, prepare: Bool) async throws(SyncError) -> RemoteState
  /// Brings what is missing into the staging folder; what an earlier try brought is used.
  func send(_ shipment: Shipment) async throws(SyncError) -> SendReceipt
  /// Compares the hashes there and gives the bundle its name; never replaces anything.
  ///
  /// Throws `mismatch` when a file there is not what was sent; that file is removed, so that `send` brings
  /// it again.
  func publish(_ shipment: Shipment) async throws(SyncError)
}

/// A bundle on its way, its files read and found right.
package struct Shipment: Hashable, Sendable {
  let bundle: OutboxBundle
  let files: [OutboxBundle.File]

  /// Reads the files of `bundle`; throws `damagedBundle` if one is not what the manifest says.
  package init(_ bundle: OutboxBundle) throws(SyncError) {
    self.bundle = bundle
    files = try bundle.checkedFiles()
  }

  /// `NAME-VERSION`.
  package var name: String { bundle.name }
  /// Bytes of all files.
  package var byteCount: Int { files.reduce(0) { $0 + $1.bytes } }
  /// Name of its folder in `.staging`: by the manifest's hash, so that bundles that differ never mix.
  package var stagingName: String { "\(name).\(files.last?.sha256.prefix(12) ?? "").part" }
}

/// What is at the destination under a bundle's name.
package enum RemoteState: String, Hashable, Sendable, Codable {
  case absent
  /// The very bundle.
  case same
  /// Something else.
  case different
}

/// What was needed to bring a bundle to its staging folder.
package struct SendReceipt: Hashable, Sendable {
  /// How it went: `rsync` or `sftp`.
  package var method: String
  /// Bytes that were sent, as far as the tool says.
  package var bytes: Int

  /// A receipt.
  package init(method: String, bytes: Int) {
    self.method = method
    self.bytes = bytes
  }
}
