/// How the stored picture is turned to be looked at: one of EXIF's eight ways.
///
/// The axes are exchanged first, then the result is mirrored.
package struct Orientation: Hashable, Sendable {
  /// Stored rows are columns of what is shown.
  package let swapsAxes: Bool
  /// What is shown runs from right to left.
  package let mirrorsColumns: Bool
  /// What is shown runs from bottom to top.
  package let mirrorsRows: Bool

  /// As stored.
  package static let upright = Orientation(
    swapsAxes: false, mirrorsColumns: false, mirrorsRows: false)

  /// The given exchange and mirrorings.
  package init(swapsAxes: Bool, mirrorsColumns: Bool, mirrorsRows: Bool) {
    self.swapsAxes = swapsAxes
    self.mirrorsColumns = mirrorsColumns
    self.mirrorsRows = mirrorsRows
  }

  /// EXIF's value 1...8; `nil` for any other.
  package init?(exif value: Int) {
    guard (1...8).contains(value) else { return nil }
    self.init(
      swapsAxes: value >= 5,
      mirrorsColumns: [2, 3, 6, 7].contains(value),
      mirrorsRows: [3, 4, 7, 8].contains(value))
  }

  /// The orientation in the payload of an APP1 segment that starts with `Exif\0\0`.
  ///
  /// Reads tag 0x0112 of the first directory and nothing else. Anything that is not as the EXIF
  /// standard has it (byte order, offsets beyond the payload, type, count, value) gives `nil`: a photo
  /// is not refused for its metadata. At most 65,535 entries of 12 bytes are looked at, all inside
  /// the payload.
  package init?(exifPayload payload: Span<UInt8>) {
    let tiff = 6
    guard payload.count >= tiff + 8, let order = ByteOrder(payload[tiff], payload[tiff + 1]),
      order.short(payload, at: tiff + 2) == 42,
      let directoryOffset = order.long(payload, at: tiff + 4),
      let entryCount = order.short(payload, at: tiff + directoryOffset)
    else { return nil }
    for entry in 0..<entryCount {
      let offset = tiff + directoryOffset + 2 + entry * 12
      guard let tag = order.short(payload, at: offset) else { return nil }
      guard tag == 0x0112 else { continue }
      let short = 3
      guard order.short(payload, at: offset + 2) == short, order.long(payload, at: offset + 4) == 1,
        let value = order.short(payload, at: offset + 8)
      else { return nil }
      self.init(exif: value)
      return
    }
    return nil
  }
}

/// The byte order of a TIFF structure; reads are `nil` beyond the end.
private enum ByteOrder {
  case little, big

  init?(_ first: UInt8, _ second: UInt8) {
    switch (first, second) {
    case (0x49, 0x49): self = .little
    case (0x4D, 0x4D): self = .big
    default: return nil
    }
  }

  func short(_ bytes: Span<UInt8>, at offset: Int) -> Int? {
    guard offset >= 0, offset + 2 <= bytes.count else { return nil }
    let (first, second) = (Int(bytes[offset]), Int(bytes[offset + 1]))
    return self == .little ? first | second << 8 : first << 8 | second
  }

  func long(_ bytes: Span<UInt8>, at offset: Int) -> Int? {
    guard let first = short(bytes, at: offset), let second = short(bytes, at: offset + 2) else {
      return nil
    }
    return self == .little ? first | second << 16 : first << 16 | second
  }
}
