import FoundationEssentials

extension BundleManifest {
  /// The manifest as it is written: sorted keys, so that equal manifests have equal bytes.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self)) + [0x0A]
  }

  /// The manifest in `bytes`; nothing in them is trusted.
  ///
  /// Throws `damagedBundle` for bytes that are no JSON, hold a key twice, are nested too deep, name an
  /// unknown format, or hold a size, a hash or a name that cannot be.
  package static func parse(_ bytes: [UInt8], path: String) throws(SyncError) -> BundleManifest {
    func damaged(_ why: String) -> SyncError {
      SyncError(.damagedBundle, step: shown(path), why + "; fetch or export the bundle again")
    }
    guard bytes.count <= greatestByteCount else {
      throw damaged("\(bytes.count) B, at most \(greatestByteCount) expected")
    }
    if let problem = JSONScanner.problem(in: bytes) { throw damaged(problem) }
    struct Format: Decodable { var format: Int }
    let data = Data(bytes)
    guard let format = try? JSONDecoder().decode(Format.self, from: data).format else {
      throw damaged("no number 'format' in it, so it is no manifest of Loam's")
    }
    guard format == currentFormat else {
      throw SyncError(
        .damagedBundle, step: shown(path),
        "format \(format), this Loam reads \(currentFormat); "
          + (format > currentFormat ? "use a newer Loam" : "export the bundle again"))
    }
    let manifest: BundleManifest
    do { manifest = try JSONDecoder().decode(BundleManifest.self, from: data) } catch {
      throw damaged("a key is missing or of another type than expected")
    }
    if let problem = manifest.problem { throw damaged(problem) }
    return manifest
  }

  /// What is wrong with the values; `nil` when nothing is.
  private var problem: String? {
    guard files.count <= Self.mostFiles else {
      return "names \(files.count) files, at most \(Self.mostFiles) expected"
    }
    for name in Self.requiredFiles where files[name] == nil {
      return "names no \(name), which every bundle has"
    }
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      guard Self.isFileName(name), name != Self.name, name != Self.signatureName else {
        return "names a file '\(shown(name))'; expected letters, digits, '.', '_' and '-' only"
      }
      guard (0...Self.greatestFile).contains(file.bytes) else {
        return "\(name) has \(file.bytes) B in it, 0 to \(Self.greatestFile) expected"
      }
      guard Self.isHash(file.sha256) else { return "the hash of \(name) is no SHA-256" }
    }
    guard version >= 0, model >= 0, labels >= 0, images >= 0 else {
      return "a count or version in it is negative"
    }
    guard Self.isHash(labelsSHA256), Self.isHash(imagesSHA256),
      parentSHA256.map(Self.isHash) ?? true
    else { return "a hash in it is no SHA-256" }
    return nil
  }
}

/// Checks JSON for what decoders let pass: keys that stand twice in one object, and nesting without end.
enum JSONScanner {
  /// Deepest nesting.
  static let greatestDepth = 16
  /// Most keys and values.
  static let mostValues = 100_000

  /// What is wrong with `bytes` as one JSON value; `nil` when nothing is.
  ///
  /// Keys are compared after their escapes are resolved, so `"a"` and `"\u0061"` are the same.
  static func problem(in bytes: [UInt8]) -> String? {
    guard String(validating: bytes, as: UTF8.self) != nil else { return "not UTF-8 text" }
    var depth = 0
    var values = 0
    // For each open object the keys so far; nil for an array.
    var keys: [Set<String>?] = []
    var index = 0
    var expectsKey = false
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let isObject = bytes[index] == UInt8(ascii: "{")
        depth += 1
        guard depth <= greatestDepth else { return "nested deeper than \(greatestDepth)" }
        keys.append(isObject ? [] : nil)
        expectsKey = isObject
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { return "not JSON: a bracket closes that was not open" }
        depth -= 1
        keys.removeLast()
        expectsKey = false
      case UInt8(ascii: ","):
        values += 1
        guard values <= mostValues else { return "more than \(mostValues) values" }
        expectsKey = keys.last.map { $0 != nil } ?? false
      case UInt8(ascii: "\""):
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
          index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else { return "not JSON: a text without an end" }
        if expectsKey, let open = keys.last, var known = open {
          let text = Data(bytes[start...index])
          guard let key = try? JSONDecoder().decode(String.self, from: text) else {
            return "not JSON: a key that is no text"
          }
          guard known.insert(key).inserted else { return "the key '\(shown(key))' stands twice" }
          keys[keys.count - 1] = known
          expectsKey = false
        }
      default: break
      }
      index += 1
    }
    return depth == 0 ? nil : "not JSON: it ends too early"
  }
}
