/// An entry of the journal in its native form: fields of `NAME=value`, one a line, values with a line
/// break by their length. See the page "Native Journal Protocol" of systemd.
struct JournalEntry {
  /// Bytes of a field's value at most; the rest is cut and said to be.
  static let mostValueBytes = 16 << 10
  /// Bytes of an entry at most; fields that do not fit are left out. A datagram may be larger.
  static let mostBytes = 64 << 10

  private(set) var bytes: [UInt8] = []

  /// An entry without fields.
  init() {}

  /// Adds a field. `name` becomes one the journal takes: capital letters, digits and `_`, at most 64,
  /// beginning with a letter; a name without any of these is left out.
  mutating func add(_ name: String, _ value: String) {
    let name = Self.name(name)
    guard !name.isEmpty else { return }
    var value = Array(value.utf8)
    if value.count > Self.mostValueBytes {
      let note = Array(" … (\(value.count) bytes in all)".utf8)
      var cut = Self.mostValueBytes - note.count
      // Not within a character.
      while cut > 0, value[cut] & 0xC0 == 0x80 { cut -= 1 }
      value = value[..<cut] + note
    }
    var field = name
    if value.contains(UInt8(ascii: "\n")) {
      field.append(UInt8(ascii: "\n"))
      var length = UInt64(value.count)
      for _ in 0..<8 {
        field.append(UInt8(truncatingIfNeeded: length))
        length >>= 8
      }
    } else {
      field.append(UInt8(ascii: "="))
    }
    field += value
    field.append(UInt8(ascii: "\n"))
    if bytes.count + field.count <= Self.mostBytes { bytes += field }
  }

  private static func name(_ text: String) -> [UInt8] {
    let letters = text.uppercased().utf8.map { byte -> UInt8 in
      (65...90).contains(byte) || (48...57).contains(byte) ? byte : UInt8(ascii: "_")
    }
    // Names that begin with _ are the journal's own, with a digit are none.
    return Array(letters.drop { !(65...90).contains($0) }.prefix(64))
  }
}
