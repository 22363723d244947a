import FoundationEssentials
import Glibc
package import Sync

extension Bundle {
  /// Puts the present state of the store into its outbox, as `STORE/outbox/NAME-VERSION`, and returns it.
  ///
  /// When the latest bundle there, sent or not, has the same model and the same labels, nothing is written
  /// and that one is returned. NAME is the device's, VERSION the store's sequence number, which only grows.
  /// Waits up to half a minute for another process that does the same.
  package static func exportNext(
    store folder: String, device: Manifest.Device? = nil
  ) throws -> (bundle: OutboxBundle, isNew: Bool) {
    let device = try device ?? Manifest.Device.read(store: folder)
    var content = try BundleContent.read(store: folder, device: device)
    let outbox = Outbox(store: folder)
    let lock = try outbox.lockForExport()
    defer { withExtendedLifetime(lock) {} }
    outbox.removeLeftovers()
    if let latest = try outbox.latest() {
      if try isTheSame(content, as: latest) { return (latest, false) }
      // Only the activation of a model enters nothing; its bundle comes after the one before nevertheless.
      content.manifest.version = max(content.manifest.version, latest.version + 1)
    }
    let path = "\(outbox.folder)/\(name(of: content.manifest))"
    _ = try write(content, to: path)
    return (try OutboxBundle(folder: path), true)
  }

  /// Writes the present state of the store as one archive to `output`, for lines that carry a file at a time.
  @discardableResult
  package static func exportArchive(
    store folder: String, to output: String, device: Manifest.Device? = nil
  ) throws -> Manifest {
    let device = try device ?? Manifest.Device.read(store: folder)
    let content = try BundleContent.read(store: folder, device: device)
    if FileManager.default.fileExists(atPath: output),
      try !BundleVerifier.verify(output).archive || BundleVerifier.verify(output).version == nil
    {
      throw BundleError.outputExists(path: output)
    }
    let work = "\(output).\(getpid()).work"
    defer { try? FileManager.default.removeItem(atPath: work) }
    let path = "\(work)/\(name(of: content.manifest))"
    let manifest = try write(content, to: path)
    try BundleArchive.make(bundle: path, to: output)
    return manifest
  }

  /// `NAME-VERSION`, of at most 64 characters that are safe everywhere.
  static func name(of manifest: Manifest) -> String {
    var name = ""
    for scalar in (manifest.device?.name ?? "").unicodeScalars.prefix(40) {
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
      if isPlain { name.unicodeScalars.append(scalar) } else if !name.isEmpty { name += "-" }
    }
    while name.hasSuffix("-") { name.removeLast() }
    return "\(name.isEmpty ? "loam" : name)-\(manifest.version)"
  }

  /// Whether `latest` holds the same model and labels as `content`; photos that came since do not count.
  private static func isTheSame(
    _ content: BundleContent, as latest: OutboxBundle
  ) throws -> Bool {
    guard
      let bytes = FileManager.default.contents(atPath: "\(latest.path)/\(Manifest.name)"),
      let manifest = try? Manifest.parse(Array(bytes), path: latest.path)
    else { return false }
    return manifest.model == content.manifest.model
      && manifest.lineage == content.manifest.lineage
      && manifest.device == content.manifest.device
      && manifest.files["labels.csv"]?.sha256 == sha256Text(content.labelsCSV)
  }
}

extension BundleManifest.Device {
  /// Who the device with the store in `folder` is; `nil` before it was provisioned.
  package static func read(store folder: String) throws(ProvisionError) -> BundleManifest.Device? {
    guard let identity = try DeviceIdentity.read(in: folder) else { return nil }
    return BundleManifest.Device(id: identity.id, name: identity.name)
  }
}
