/// Where a network comes from and what has been done to it; travels inside the `.loam` file.
package struct Lineage: Hashable, Sendable, Codable {
  /// What the weights were imported from, for people: a file name or a package and version.
  package var source: String
  /// SHA-256 of the imported file, lower-case hexadecimal.
  package var sourceSHA256: String
  /// SHA-256 of the `.loam` file that this one was trained from; `nil` straight after import.
  package var parentSHA256: String?
  /// SHA-256 of the body's nodes, quantisation and tensors: features are comparable while it stays.
  ///
  /// Set by whatever makes the network; checked when a file is loaded.
  package var bodySHA256: String
  /// How activation ranges were found: method, photos, measured similarity.
  package var calibration: String
  /// Labels that the tail has been trained on since import.
  package var labels: Int
  /// Seed of the last training, 0 before any.
  package var seed: UInt64
  /// When it was made, RFC 3339, if the maker had a trusted clock and passed it in.
  package var created: String?

  /// A lineage; `bodySHA256` is filled in by `Network`.
  package init(
    source: String, sourceSHA256: String, parentSHA256: String? = nil, bodySHA256: String = "",
    calibration: String = "", labels: Int = 0, seed: UInt64 = 0, created: String? = nil
  ) {
    self.source = source
    self.sourceSHA256 = sourceSHA256
    self.parentSHA256 = parentSHA256
    self.bodySHA256 = bodySHA256
    self.calibration = calibration
    self.labels = labels
    self.seed = seed
    self.created = created
  }
}
