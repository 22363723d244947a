/// Where the bytes of a device go, against the number it may use.
package struct MemoryBudget: Sendable {
  /// One use of memory.
  package struct Part: Sendable {
    package var name: String
    package var bytes: Int
  }

  /// Bytes the whole process may use at its peak.
  package var bytes: Int
  /// What is known beforehand, largest first.
  package private(set) var parts: [Part] = []

  /// A budget of `bytes` with nothing in it.
  package init(bytes: Int) {
    self.bytes = bytes
  }

  /// Resident size of the program, its libraries and SQLite before any model is opened, measured on
  /// x86-64 (`loam status` of an empty store) and rounded up.
  package static let programBytes = 30 << 20

  /// Bytes of all parts together.
  package var peakBytes: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// Whether the parts fit.
  package var fits: Bool { peakBytes <= bytes }

  /// Bytes of the part called `name`, 0 if there is none.
  package func bytes(of name: String) -> Int {
    parts.first { $0.name == name }?.bytes ?? 0
  }

  /// Adds a use of memory.
  package mutating func add(_ name: String, _ bytes: Int) {
    parts.append(Part(name: name, bytes: bytes))
    parts.sort { $0.bytes > $1.bytes }
  }
}

/// A number of bytes as people write it: `96MiB`, `64M`, `1GiB` or plain bytes.
package func byteCount(_ text: String) -> Int? {
  let units: [(String, Int)] = [
    ("gib", 1 << 30), ("mib", 1 << 20), ("kib", 1 << 10), ("gb", 1_000_000_000), ("mb", 1_000_000),
    ("kb", 1_000), ("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10), ("b", 1), ("", 1),
  ]
  let text = text.lowercased().filter { $0 != " " }
  for (suffix, factor) in units where text.hasSuffix(suffix) {
    guard let value = Double(text.dropLast(suffix.count)), value > 0, value < 1e9 else { continue }
    return Int(value * Double(factor))
  }
  return nil
}

/// `bytes` in the unit a person would choose, as in `58.3 MiB`.
package func byteText(_ bytes: Int) -> String {
  switch bytes {
  case ..<1024: "\(bytes) B"
  case ..<(1 << 20): "\(decimal(Double(bytes) / 1024, 1)) KiB"
  default: "\(decimal(Double(bytes) / 1_048_576, 1)) MiB"
  }
}

/// `value` with `places` decimals, rounded half away from zero.
package func decimal(_ value: Double, _ places: Int) -> String {
  guard abs(value) < 1e12 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  let whole = (scaled / scale).rounded(.down)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard places > 0 else { return "\(sign)\(Int(whole))" }
  let fraction = String(Int(scaled - whole * scale))
  return "\(sign)\(Int(whole)).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
}
