package import Graph

/// What stands in a bundle's `manifest.json`: what made the model, and the hash of each file beside it.
package struct BundleManifest: Codable, Hashable, Sendable {
  /// The version of this format that is written, and the only one that is read.
  package static let currentFormat = 2
  /// The files that every bundle has beside the manifest.
  package static let requiredFiles = ["labels.csv", "metrics.json", "model.loam", "model.onnx"]
  /// Name of the manifest itself.
  package static let name = "manifest.json"
  /// Name that a signature over the manifest's bytes will have; it is not among `files`.
  package static let signatureName = "manifest.sig"
  /// A longer manifest is refused.
  package static let greatestByteCount = 1 << 20
  /// A longer file of a bundle is refused.
  package static let greatestFile = 1 << 30
  /// More files are refused.
  package static let mostFiles = 32

  /// The device that made it, if it has been given a name.
  package struct Device: Codable, Hashable, Sendable {
    package var id: String
    package var name: String

    /// The device `id`, called `name`.
    package init(id: String, name: String) {
      self.id = id
      self.name = name
    }
  }

  /// A file's extent and content.
  package struct File: Codable, Hashable, Sendable {
    package var bytes: Int
    /// Lower-case hexadecimal.
    package var sha256: String

    /// A file of `bytes` bytes.
    package init(bytes: Int, sha256: String) {
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// Version of this format.
  package var format = Self.currentFormat
  package var device: Device?
  /// Grows with every change of the store, so a greater one is later, whatever the clock said.
  package var version: Int64
  /// The store's number of the model.
  package var model: Int64
  /// SHA-256 of the `.loam` file that the model was trained from.
  package var parentSHA256: String?
  /// Seed of the training that made it.
  package var seed: UInt64
  /// What made the bundle: program and version.
  package var code: String
  /// In the order of the model's output.
  package var classes: [String]
  /// Labels that the model learned from.
  package var labels: Int
  /// SHA-256 of one line `HASH,DECISION,CLASS` for each row of labels.csv, sorted by bytes, each ended by LF.
  package var labelsSHA256: String
  /// Photos in labels.csv, each counted once.
  package var images: Int
  /// SHA-256 of their hashes, sorted, each ended by LF.
  package var imagesSHA256: String
  /// Share of the audit labels that the gate saw the model get right.
  package var accuracy: Double?
  /// What the gate decided, and why.
  package var why: String
  package var lineage: Lineage
  /// Every other file of the bundle, by name.
  package var files: [String: File]

  /// A manifest; see the properties.
  package init(
    device: Device?, version: Int64, model: Int64, parentSHA256: String?, seed: UInt64,
    code: String, classes: [String], labels: Int, labelsSHA256: String, images: Int,
    imagesSHA256: String, accuracy: Double?, why: String, lineage: Lineage, files: [String: File]
  ) {
    self.device = device
    self.version = version
    self.model = model
    self.parentSHA256 = parentSHA256
    self.seed = seed
    self.code = code
    self.classes = classes
    self.labels = labels
    self.labelsSHA256 = labelsSHA256
    self.images = images
    self.imagesSHA256 = imagesSHA256
    self.accuracy = accuracy
    self.why = why
    self.lineage = lineage
    self.files = files
  }

  /// Whether `name` can be a file of a bundle: 1 to 64 letters, digits, `.`, `_` and `-`, no dot first.
  package static func isFileName(_ name: some StringProtocol) -> Bool {
    let bytes = name.utf8
    guard (1...64).contains(bytes.count), let first = bytes.first else { return false }
    return isLetterOrDigit(first)
      && bytes.allSatisfy { isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
  }

  /// Whether `text` is a SHA-256 in lower-case hexadecimal.
  package static func isHash(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
