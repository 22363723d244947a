extension Unicode.Scalar {
  /// Whether printing the scalar puts a glyph on the screen and does nothing else: no control, no
  /// change of direction, nothing invisible, nothing without an agreed meaning.
  var isSafeToPrint: Bool {
    if isASCII { return (0x20...0x7E).contains(value) }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return false
    default:
      return true
    }
  }

  /// Columns the scalar takes on a terminal: 0 for a combining mark, 2 for wide East Asian and
  /// pictographic ones, else 1. From the blocks of Unicode Standard Annex 11, not its full table.
  var columns: Int {
    if isASCII { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}

/// Makes text from files, networks and errors fit to be printed.
enum ConsoleText {
  /// `text` on one line and harmless: what is not safe to print, and without `unicode` what is not
  /// ASCII, becomes `?`; runs of white space become one space; at most `limit` characters, of which
  /// the last three are then `...`.
  static func clean(_ text: String, unicode: Bool, limit: Int = 400) -> String {
    var result = String.UnicodeScalarView()
    var length = 0
    for scalar in text.unicodeScalars {
      let isSpace =
        scalar.isASCII
        ? scalar == " " || (9...13).contains(scalar.value)
        : scalar.properties.isWhitespace
      if isSpace, result.last == " " || result.isEmpty { continue }
      let safe = isSpace || (scalar.isSafeToPrint && (unicode || scalar.isASCII))
      result.append(isSpace ? " " : safe ? scalar : "?")
      length += 1
      if length > limit {
        result.removeLast(min(4, length))
        result.append(contentsOf: "...".unicodeScalars)
        break
      }
    }
    if result.last == " " { result.removeLast() }
    return String(result)
  }

  /// Columns `text` takes on a terminal.
  static func width(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + $1.columns }
  }

  /// `text` broken at spaces into lines of at most `width` columns; a longer word is cut.
  static func wrap(_ text: String, width: Int) -> [String] {
    wrap(text.split(separator: " ").map(String.init), separator: " ", width: width)
  }

  /// `items` joined by `separator` into lines of at most `width` columns, no item broken unless it is
  /// wider than a line by itself.
  static func wrap(_ items: [String], separator: String, width: Int) -> [String] {
    let width = max(1, width)
    var lines: [String] = []
    var line = ""
    for item in items {
      if line.isEmpty {
        line = item
      } else if self.width(line) + self.width(separator) + self.width(item) <= width {
        line += separator + item
      } else {
        lines.append(line)
        line = item
      }
      while self.width(line) > width {
        let (head, tail) = cut(line, width: width)
        lines.append(head)
        line = tail
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }

  /// `text` in two, the first part as many scalars as fit `width` columns, at least one.
  private static func cut(_ text: String, width: Int) -> (String, String) {
    var used = 0
    var head = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      used += scalar.columns
      if used > width, !head.isEmpty { break }
      head.append(scalar)
    }
    return (String(head), String(text.unicodeScalars.dropFirst(head.count)))
  }

  /// `text` cut to `width` columns, ending in `...` if something is missing.
  static func shorten(_ text: String, width: Int) -> String {
    guard self.width(text) > width else { return text }
    return cut(text, width: max(1, width - 3)).0 + "..."
  }

  /// `text` with spaces up to `width` columns.
  static func pad(_ text: String, width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - self.width(text)))
  }

  /// A probability as `52 %`; anything that is none as `? %`.
  static func percent(_ probability: Double) -> String {
    guard probability.isFinite, (0...1).contains(probability) else { return "? %" }
    return probability > 0 && probability < 0.01
      ? "under 1 %" : "\(Int((probability * 100).rounded())) %"
  }

  /// `value` with two decimals, rounded half away from zero.
  static func decimal(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "?" }
    let hundredths = Int((abs(value) * 100).rounded())
    let sign = value < 0 && hundredths > 0 ? "-" : ""
    let rest = hundredths % 100
    return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// Whether one letter put in, left out, changed, or two neighbours swapped, makes `a` of `b`, case
  /// aside; also when they are equal but for case.
  static func areClose(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
    let (short, long) = a.count <= b.count ? (a, b) : (b, a)
    guard long.count - short.count <= 1 else { return false }
    var start = 0
    while start < short.count, short[start] == long[start] { start += 1 }
    var end = 0
    while end < short.count - start, short[short.count - 1 - end] == long[long.count - 1 - end] {
      end += 1
    }
    let left = (Array(short[start..<short.count - end]), Array(long[start..<long.count - end]))
    if left.1.count <= 1 { return true }
    return left.0.count == 2 && left.1.count == 2 && left.0[0] == left.1[1]
      && left.0[1] == left.1[0]
  }
}
