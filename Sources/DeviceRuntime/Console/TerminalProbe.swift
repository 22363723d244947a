/// What a terminal can show, as far as it says so itself.
struct TerminalFeatures: Hashable {
  /// It draws sixels.
  var sixel = false
  /// It knows ANSI colours, the palette of 256 among them.
  var colours = false
  /// It knows 24-bit colours.
  var trueColour = false
}

/// Asks a terminal what it is, and waits as long as its line needs for the answer, which may never come.
///
/// The question is DA1 (`ESC [ c`). Its answer, `ESC [ ? 64 ; 4 c`, names sixels by a 4 and colours by a
/// 22, or by a class of 61 and more (VT100s, which many programs that know colours claim to be, are not
/// believed). Before it goes the question for name and version (XTVERSION, `ESC [ > q`): every terminal
/// that tells those knows 24-bit colours, and neither `TERM` nor `COLORTERM` comes over a line. A terminal
/// answers in order, so that the answer to DA1 is the last.
///
/// While the answer may come, no byte is a key: a piece of it could label something. A complete answer
/// that comes later still counts, and pieces of one are known by their form.
struct TerminalProbe {
  static let question = "\u{1B}[c"
  static let nameQuestion = "\u{1B}[>q"

  /// What is known by now.
  private(set) var features = TerminalFeatures()
  /// Whether the terminal has answered since the connection began.
  private(set) var hasAnswered = false
  private var hasAsked = false
  private var waitsUntil = -Double.infinity
  private var suspectsUntil = -Double.infinity

  /// How long to wait for an answer on a line of `bytesPerSecond`: a second for the far end, which may
  /// be a program on a network, and what 64 bytes take.
  static func patience(bytesPerSecond: Int?) -> Double {
    1 + (bytesPerSecond.map { 64 / Double(max(1, $0)) } ?? 0)
  }

  /// Notes that a question has been sent at `seconds`.
  mutating func ask(at seconds: Double, bytesPerSecond: Int?) {
    hasAsked = true
    waitsUntil = seconds + Self.patience(bytesPerSecond: bytesPerSecond)
    suspectsUntil = seconds + 30
  }

  /// Takes bytes for keys again, though the answer has not come.
  mutating func stopWaiting() { waitsUntil = -.infinity }

  /// Whether bytes that come at `seconds` may be an answer, and so are no keys.
  func isWaiting(at seconds: Double) -> Bool { seconds < waitsUntil }

  /// Takes what a terminal said.
  mutating func take(_ report: String, at seconds: Double) {
    guard hasAsked else { return }
    if report.hasPrefix("P>|") {
      features.trueColour = true
      features.colours = true
      return
    }
    guard report.hasPrefix("[?"), report.last == "c" else { return }
    let codes = report.dropFirst(2).dropLast().split(separator: ";").prefix(32).compactMap {
      Int($0)
    }
    hasAnswered = true
    waitsUntil = -.infinity
    if codes.dropFirst().contains(4) { features.sixel = true }
    if features.sixel || codes.contains(22) || (61...69).contains(codes.first ?? 0) {
      features.colours = true
    }
  }

  /// Whether `keys`, which came together at `seconds`, look like a piece of an answer that lost its
  /// beginning: nobody types `4;22c` within a fiftieth of a second.
  func looksLikePiece(_ keys: [ConsoleKey], at seconds: Double) -> Bool {
    guard seconds < suspectsUntil, keys.count > 1 else { return false }
    var text = ""
    for key in keys {
      guard case .character(let scalar) = key else { return false }
      text.unicodeScalars.append(scalar)
    }
    let isForm = text.unicodeScalars.allSatisfy { "[?>|;0123456789c".unicodeScalars.contains($0) }
    return isForm
      && (text.contains(";") || text.contains("?") || text.contains("[") || text.last == "c")
  }
}
