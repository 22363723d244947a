internal import CBoard
internal import Glibc
internal import Synchronization

/// A command that runs beside this process, in a process group of its own.
///
/// Its standard output and error are read here, the latter so that it cannot block it; its standard
/// input is `/dev/null`, or a socket that is written to. `end` has to be called in the end. May be used from
/// several threads: its number is not used any more once the system may have given it to another.
final class ChildProcess: Sendable {
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
  /// Our end of its standard input; `nil` when that is `/dev/null`.
  let input: Descriptor?
  private let number: Int32
  private let isForgotten = Mutex(false)

  /// Starts the command `words`; the first is looked up in PATH.
  ///
  /// - Parameter outputCapacity: bytes it may have written that were not read yet; `nil` for as many as the
  ///   system lets it.
  init(
    _ words: [String], withInput: Bool, outputCapacity: Int32? = nil
  ) throws(SystemFailure) {
    let (output, errors) = (try Pipe(capacity: outputCapacity), try Pipe())
    let sockets = withInput ? try Pipe.sockets() : nil
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
    isForgotten.withLock { isForgotten in
      guard !isForgotten else { return .unknown }
      var (status, isSignal) = (Int32(0), Int32(0))
      switch unsafe cboard_child_has_ended(number, &status, &isSignal) {
      case 0: return nil
      case 1: return isSignal != 0 ? .signal(status) : .status(status)
      default: return .unknown
      }
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

  /// Sends `signal` to the whole group.
  func signal(_ signal: Int32) {
    isForgotten.withLock { isForgotten in
      // The group's number is taken until the first process is forgotten.
      if !isForgotten { kill(-number, signal) }
    }
  }

  /// Ends the whole group: SIGTERM, after `grace` SIGKILL; how its first process ended, or `nil`
  /// when it hangs in the kernel and even that did nothing (`forget` has to be tried again later).
  func end(grace: Duration) -> Ending? {
    var ending = self.ending
    if ending == nil {
      signal(SIGTERM)
      ending = waitForEnd(until: .now + grace)
    }
    // What the first process has started goes as well, whether the first has ended or not.
    signal(SIGKILL)
    ending = ending ?? waitForEnd(until: .now + grace)
    if ending != nil { _ = forget() }
    return ending
  }

  /// Lets the system forget the process if it has ended; whether it has.
  func forget() -> Bool {
    isForgotten.withLock { isForgotten in
      if !isForgotten { isForgotten = cboard_child_forget(number) != 0 }
      return isForgotten
    }
  }
}
