/// One key press of the operator.
enum ConsoleKey: Hashable {
  /// A printable character, or a mark that belongs to the one before.
  case character(Unicode.Scalar)
  /// CR, LF or CR LF.
  case enter
  /// Backspace or Delete.
  case backspace
  /// Ctrl-U.
  case eraseLine
  /// Ctrl-W.
  case eraseWord
  /// Ctrl-C.
  case cancel
  /// Ctrl-L.
  case redraw
  /// Ctrl-Z.
  case undo
  /// A key that means nothing here: an arrow, Tab, flow control.
  case other
  /// What a terminal says of itself, without the bytes that begin and end it: `[?64;4c` or `P>|xterm(390)`.
  case report(String)
  /// A byte that no key sends: NUL, unused controls, what is not UTF-8.
  case noise
}

/// Turns the bytes of a line into keys, whatever the bytes are.
///
/// UTF-8 and escape sequences may be split over reads. An escape sequence that stops for longer than
/// `escapeSeconds` is given up, so that a lone Esc does not swallow what is typed later. Nothing is
/// kept but the sequence under way, and that is bounded.
struct KeyDecoder {
  private enum State {
    case ground
    case utf8(value: UInt32, missing: Int, least: UInt32)
    case escape
    case control(length: Int)
    case oneMore
    case string(length: Int, escaped: Bool)

    /// Whether a sequence that begins with ESC is under way.
    var isSequence: Bool {
      switch self {
      case .ground, .utf8: false
      case .escape, .control, .oneMore, .string: true
      }
    }
  }

  /// The longest pause inside an escape sequence that a terminal, not a person, makes.
  static let escapeSeconds = 0.1
  /// The longest pause inside an answer of a terminal: the line may be slow, and shared.
  static let reportSeconds = 3.0
  private static let longestControl = 48
  private static let longestString = 256

  private var state = State.ground
  private var lastByteAt = -Double.infinity
  private var endedByReturn = false
  /// The sequence under way, ESC left out.
  private var sequence: [UInt8] = []

  /// Whether the rest of a terminal's answer may still be on its way; a pause then ends nothing.
  var expectsReport = false
  /// Whether what is under way is a sequence.
  var isInSequence: Bool { state.isSequence }

  /// The keys in `bytes`, read at `seconds` on a clock that does not go back.
  mutating func decode(_ bytes: [UInt8], at seconds: Double) -> [ConsoleKey] {
    if state.isSequence, seconds - lastByteAt > patience { state = .ground }
    if !bytes.isEmpty { lastByteAt = seconds }
    var keys: [ConsoleKey] = []
    for byte in bytes { decode(byte, into: &keys) }
    return keys
  }

  /// No person types `ESC [ ?`: what follows it is the rest of an answer, however late.
  private var patience: Double {
    expectsReport || sequence.starts(with: [UInt8(ascii: "["), UInt8(ascii: "?")])
      ? Self.reportSeconds : Self.escapeSeconds
  }

  /// Forgets a sequence under way, as after a disconnect.
  mutating func reset() {
    self = KeyDecoder()
  }

  private mutating func decode(_ byte: UInt8, into keys: inout [ConsoleKey]) {
    if state.isSequence { sequence.append(byte) }
    switch state {
    case .ground:
      ground(byte, into: &keys)
    case .utf8(let value, let missing, let least):
      continueScalar(byte, value: value, missing: missing, least: least, into: &keys)
    case .escape:
      escape(byte, into: &keys)
    case .oneMore:
      end(byte, endsAt: 0x20...0x7E, into: &keys)
    case .control(let length):
      if byte == UInt8(ascii: "["), length == 0 {
        state = .oneMore
      } else if (0x20...0x3F).contains(byte), length < Self.longestControl {
        state = .control(length: length + 1)
      } else {
        end(byte, endsAt: 0x40...0x7E, into: &keys)
      }
    case .string(let length, let escaped):
      string(byte, length: length, escaped: escaped, into: &keys)
    }
  }

  private mutating func escape(_ byte: UInt8, into keys: inout [ConsoleKey]) {
    switch byte {
    case UInt8(ascii: "["): state = .control(length: 0)
    case UInt8(ascii: "O"), UInt8(ascii: "N"): state = .oneMore
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      state = .string(length: 0, escaped: false)
    case 0x1B: sequence = []
    case 0x20...0x2F: state = .oneMore
    default: end(byte, endsAt: 0x30...0x7E, into: &keys)
    }
  }

  /// Ends an escape sequence at `byte`; a byte that cannot end it counts as if there were none.
  private mutating func end(
    _ byte: UInt8, endsAt final: ClosedRange<UInt8>, into keys: inout [ConsoleKey]
  ) {
    state = .ground
    if final.contains(byte) {
      keys.append(isDeviceAttributes ? report : .other)
    } else {
      ground(byte, into: &keys)
    }
  }

  private mutating func string(
    _ byte: UInt8, length: Int, escaped: Bool, into keys: inout [ConsoleKey]
  ) {
    if byte == 0x07 || (escaped && byte == UInt8(ascii: "\\")) {
      state = .ground
      sequence.removeLast(byte == 0x07 ? 1 : 2)
      keys.append(sequence.first == UInt8(ascii: "P") ? report : .other)
    } else if length == Self.longestString {
      state = .ground
      keys.append(.noise)
    } else {
      state = .string(length: length + 1, escaped: byte == 0x1B)
    }
  }

  private var isDeviceAttributes: Bool {
    sequence.starts(with: [UInt8(ascii: "["), UInt8(ascii: "?")])
      && sequence.last == UInt8(ascii: "c")
  }

  private var report: ConsoleKey { .report(String(decoding: sequence, as: UTF8.self)) }

  private mutating func ground(_ byte: UInt8, into keys: inout [ConsoleKey]) {
    let afterReturn = endedByReturn
    endedByReturn = byte == 0x0D
    switch byte {
    case 0x0D: keys.append(.enter)
    case 0x0A: if !afterReturn { keys.append(.enter) }
    case 0x08, 0x7F: keys.append(.backspace)
    case 0x15: keys.append(.eraseLine)
    case 0x17: keys.append(.eraseWord)
    case 0x03: keys.append(.cancel)
    case 0x0C: keys.append(.redraw)
    case 0x1A: keys.append(.undo)
    case 0x04, 0x09, 0x11, 0x13: keys.append(.other)
    case 0x1B:
      state = .escape
      sequence = []
    case 0x20...0x7E: keys.append(.character(Unicode.Scalar(byte)))
    case 0xC2...0xDF: state = .utf8(value: UInt32(byte & 0x1F), missing: 1, least: 0x80)
    case 0xE0...0xEF: state = .utf8(value: UInt32(byte & 0x0F), missing: 2, least: 0x800)
    case 0xF0...0xF4: state = .utf8(value: UInt32(byte & 0x07), missing: 3, least: 0x10000)
    default: keys.append(.noise)
    }
  }

  private mutating func continueScalar(
    _ byte: UInt8, value: UInt32, missing: Int, least: UInt32, into keys: inout [ConsoleKey]
  ) {
    guard byte & 0xC0 == 0x80 else {
      state = .ground
      keys.append(.noise)
      ground(byte, into: &keys)
      return
    }
    let value = value << 6 | UInt32(byte & 0x3F)
    if missing > 1 {
      state = .utf8(value: value, missing: missing - 1, least: least)
      return
    }
    state = .ground
    if value >= least, let scalar = Unicode.Scalar(value), scalar.isSafeToPrint {
      keys.append(.character(scalar))
    } else {
      keys.append(.noise)
    }
  }
}
