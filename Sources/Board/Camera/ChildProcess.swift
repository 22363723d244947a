internal import CBoard
internal import Glibc

/// A command that runs beside this process, in a process group of its own.
///
/// Its standard output and error are read here; its standard input is `/dev/null`, or a socket that
/// `send` writes to. One thread at a time. `end` has to be called in the end.
final class ChildProcess {
  /// How a process ended.
  enum Ending: Hashable {
    case status(Int32)
    case signal(Int32)
    /// The system no longer knows: another part of the program has asked.
    case unknown

    var text: String {
      switch self {
      case .status(let status): "ended with status \(status)"
      case .signal(let signal): "was ended by signal \(signal)"
      case .unknown: "ended"
      }
    }
  }

  let output: Descriptor
  let errors: Descriptor
  private let input: Descriptor?
  private let number: Int32
  private var isForgotten = false

  /// Starts the command `words`; the first is looked up in PATH.
  init(_ words: [String], withInput: Bool) throws(SystemFailure) {
    guard let output = Pipe(), let errors = Pipe() else { throw SystemFailure(code: errno) }
    let sockets = withInput ? Pipe(sockets: ()) : nil
    guard !withInput || sockets != nil else { throw SystemFailure(code: errno) }
    let result = Self.start(
      words, sockets?.reading.number ?? -1, output.writing.number, errors.writing.number)
    guard result > 0 else { throw SystemFailure(code: -result) }
    number = result
    (self.output, self.errors, input) = (output.reading, errors.reading, sockets?.writing)
  }

  private static func start(_ words: [String], _ input: Int32, _ output: Int32, _ errors: Int32)
    -> Int32
  {
    var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe cboard_child_start(&pointers, input, output, errors)
  }

  /// Writes `bytes` to the standard input; whether all were taken at once.
  func send(_ bytes: [UInt8]) -> Bool {
    guard let input else { return false }
    return unsafe cboard_send(input.number, bytes, bytes.count) == bytes.count
  }

  /// How the process ended, if it has.
  var ending: Ending? {
    guard !isForgotten else { return .unknown }
    var (status, isSignal) = (Int32(0), Int32(0))
    switch unsafe cboard_child_has_ended(number, &status, &isSignal) {
    case 0: return nil
    case 1: return isSignal != 0 ? .signal(status) : .status(status)
    default: return .unknown
    }
  }

  /// Waits for the end until `deadline`.
  func waitForEnd(until deadline: ContinuousClock.Instant) -> Ending? {
    var pause = Duration.milliseconds(1)
    while true {
      if let ending { return ending }
      let left = deadline - .now
      guard left > .zero else { return nil }
      min(pause, left).rest()
      pause = min(pause * 2, .milliseconds(20))
    }
  }

  /// Ends the whole group: SIGTERM, after `grace` SIGKILL; how its first process ended, or `nil`
  /// when it hangs in the kernel and even that did nothing (`forget` has to be tried again later).
  func end(grace: Duration) -> Ending? {
    var ending = self.ending
    if ending == nil {
      kill(-number, SIGTERM)
      ending = waitForEnd(until: .now + grace)
    }
    // What the first process has started goes as well, whether the first has ended or not. The
    // group's number is still taken, because the first process has not been forgotten.
    kill(-number, SIGKILL)
    ending = ending ?? waitForEnd(until: .now + grace)
    if ending != nil { _ = forget() }
    return ending
  }

  /// Lets the system forget the process if it has ended; whether it has.
  func forget() -> Bool {
    if !isForgotten { isForgotten = cboard_child_forget(number) != 0 }
    return isForgotten
  }
}

/// The end of what a process says on its standard error, in a bounded place.
struct LastWords {
  private var bytes: [UInt8] = []

  mutating func feed(_ more: [UInt8]) {
    bytes.append(contentsOf: more)
    if bytes.count > 4096 { bytes.removeFirst(bytes.count - 2048) }
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
