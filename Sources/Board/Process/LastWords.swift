/// The end of what a process says on its standard error, in a bounded place.
struct LastWords {
  private var bytes: [UInt8] = []

  mutating func feed(_ more: [UInt8]) {
    bytes.append(contentsOf: more)
    if bytes.count > 4096 { bytes.removeFirst(bytes.count - 2048) }
  }

  /// Takes what waits at `errors`, at most 256 KiB, without waiting for more; whether more may come.
  @discardableResult
  mutating func read(from errors: Descriptor) -> Bool {
    for _ in 0..<64 {
      switch errors.read(upTo: 4096, timeout: .zero) {
      case .bytes(let bytes): feed(bytes)
      case .nothing: return true
      case .ended, .failed: return false
      }
    }
    return true
  }

  /// The last line that is not empty, at most 400 characters, without control characters.
  var line: String? {
    for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }).reversed() {
      let text = String(decoding: line, as: UTF8.self).unicodeScalars.filter { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned: false
        default: true
        }
      }
      let clean = String(String.UnicodeScalarView(text)).prefix(400)
      if clean.contains(where: { !$0.isWhitespace }) { return String(clean) }
    }
    return nil
  }
}
