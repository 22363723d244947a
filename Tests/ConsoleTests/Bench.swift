@testable import DeviceRuntime

/// What a dumb terminal shows: returns, line feeds, backspaces, and the two ANSI sequences that move
/// something. Anything else that is not printable is kept visible, as `\x1B`.
struct Screen {
  private(set) var lines: [[Character]] = [[]]
  private var column = 0

  mutating func show(_ bytes: [UInt8]) {
    var rest = String(decoding: bytes, as: UTF8.self).unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\r": column = 0
      case "\n": lines.append([])
      case "\u{8}": column = max(0, column - 1)
      case "\u{1B}" where rest.starts(with: "[K".unicodeScalars):
        rest = rest.dropFirst(2)
        lines[lines.count - 1].removeSubrange(min(column, lines[lines.count - 1].count)...)
      case "\u{1B}" where rest.starts(with: "[2J".unicodeScalars):
        rest = rest.dropFirst(3)
        lines = [[]]
      default: put(scalar.value < 0x20 || scalar.value == 0x7F ? "¿" : Character(scalar))
      }
    }
  }

  private mutating func put(_ character: Character) {
    let last = lines.count - 1
    while lines[last].count < column { lines[last].append(" ") }
    if column < lines[last].count {
      lines[last][column] = character
    } else {
      lines[last].append(character)
    }
    column += 1
  }

  var text: [String] { lines.map { String($0) } }
}

/// A session with its desk, its time and its screen.
final class Bench {
  let desk: FakeDesk
  let session: ConsoleSession
  private(set) var screen = Screen()
  private(set) var bytes: [UInt8] = []
  var now = 100.0

  private let isShowing: Bool

  init(
    _ desk: FakeDesk, _ settings: ConsoleSettings = ConsoleSettings(),
    showing isShowing: Bool = true, login: (any ConsoleLogin)? = nil
  ) {
    self.isShowing = isShowing
    self.desk = desk
    session = ConsoleSession(settings: settings, login: login)
    session.connect(at: now, desk: desk)
    flush()
    now += 1
  }

  /// Lets everything that waits reach the operator now.
  func flush() {
    let waiting = session.output(limit: .max)
    session.sent(waiting.count, arrivingAt: now)
    guard isShowing else { return }
    bytes += waiting
    screen.show(waiting)
  }

  /// Lets `seconds` pass, as a loop would.
  func wait(_ seconds: Double) {
    now += seconds
    session.refresh(at: now, desk: desk)
    flush()
  }

  /// Sends `text` at once, a second after what was last done, and shows the result.
  func press(_ text: String) { send(Array(text.utf8), after: 1) }

  /// Sends each character of `text` by itself, quickly.
  func type(_ text: String) {
    for (index, character) in text.enumerated() {
      send(Array(String(character).utf8), after: index == 0 ? 1 : 0.1)
    }
  }

  func send(_ sent: [UInt8], after seconds: Double) {
    now += seconds
    session.receive(sent, at: now, desk: desk)
    flush()
  }

  /// The lines on the screen, from the last that begins with `start`.
  func lines(from start: String) -> [String] {
    let text = screen.text
    guard let index = text.lastIndex(where: { $0.hasPrefix(start) }) else { return [] }
    return Array(text[index...])
  }

  /// Whether some line on the screen begins with `text`.
  func shows(_ text: String) -> Bool { screen.text.contains { $0.hasPrefix(text) } }

  /// Answers as `candidate=answer`.
  var answers: [String] {
    desk.answers.map { candidate, answer in
      switch answer {
      case .label(let name): "\(candidate)=\(name)"
      case .skip: "\(candidate) skip"
      case .unsure: "\(candidate) unsure"
      }
    }
  }
}

/// Random numbers that repeat: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
