internal import Dispatch
internal import Glibc
internal import Synchronization

/// Sends files over a line by ZMODEM, with `sz` of lrzsz.
///
/// `sz` runs as a process of its own; two threads carry the bytes between it and the line, so that it goes
/// on while the device is busy, and works on any line. The pipe from it is kept short: what
/// `sz` believes to be sent is not far ahead of the wire, however slow that is. Until it is over nobody
/// else may read or write the line.
package final class LineTransfer: Sendable {
  /// How a transfer ended.
  package enum Outcome: Hashable, Sendable {
    /// The other end has all files.
    case sent
    /// Why it has not, in words that end with what to do.
    case failed(String)
  }

  /// The name of the program, looked up in PATH.
  package static let program = "sz"

  private struct State {
    var outcome: Outcome?
    var hasBegun = false
    var lastProgress: ContinuousClock.Instant
    var sentByteCount = 0
    var failure: String?
    var isCancelled = false
    var tail: [UInt8] = []
  }

  private let state: Mutex<State>
  private let line: any ByteLine
  private let process: ChildProcess
  private let patience: Duration
  private let done = DispatchSemaphore(value: 0)

  /// Begins to send `files` over `line`, and gives up when for `patience` the other end does not begin or
  /// nothing moves.
  ///
  /// - Parameter escapesControls: whether control characters are sent in another form, for lines with
  ///   XON/XOFF.
  /// - Throws: `LineError.failed` when `sz` cannot be started.
  package init(
    files: [String], over line: any ByteLine, patience: Duration = .seconds(60),
    escapesControls: Bool = false, program: String = program
  ) throws(LineError) {
    self.line = line
    self.patience = patience
    var words = [program, "--binary", "--quiet"]
    if escapesControls { words.append("--escape") }
    words += ["--"] + files
    do throws(SystemFailure) {
      process = try ChildProcess(words, withInput: true, outputCapacity: 4096)
    } catch {
      throw .failed(
        path: program, operation: "starting the program",
        reason: "\(error); on Debian it comes with the package lrzsz")
    }
    state = Mutex(State(lastProgress: .now))
    let queue = DispatchQueue(label: "loam.transfer", attributes: .concurrent)
    queue.async { self.carryToProgram() }
    queue.async { self.carryToLine() }
  }

  /// How it ended, waiting up to `timeout` for it; `nil` while it goes on.
  package func outcome(within timeout: Duration) -> Outcome? {
    if let outcome = state.withLock({ $0.outcome }) { return outcome }
    let (seconds, attoseconds) = timeout.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    if done.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success { done.signal() }
    return state.withLock { $0.outcome }
  }

  /// Bytes that the line has taken.
  package var sentByteCount: Int { state.withLock { $0.sentByteCount } }

  /// Whether the other end has begun to receive.
  package var hasBegun: Bool { state.withLock { $0.hasBegun } }

  /// Ends it before it is done; the other end is told.
  package func cancel(_ why: String = "it was cancelled") {
    state.withLock { state in
      if state.failure == nil { state.failure = why }
      state.isCancelled = true
    }
    process.signal(SIGTERM)
  }

  // MARK: The two directions

  private var isOver: Bool { state.withLock { $0.outcome != nil } }

  /// From the line to `sz`: its receiver's answers, and the keys of whoever has no receiver.
  private func carryToProgram() {
    while !isOver {
      do throws(LineError) {
        let bytes = try line.read(timeout: .milliseconds(100))
        if bytes.isEmpty { continue }
        note(received: bytes)
        _ = process.input?.write(bytes, until: .now + .seconds(1))
      } catch {
        return cancel("the line is gone: \(error)")
      }
    }
  }

  /// The receiver's first header says that it is there; before it, Ctrl-C is somebody without one.
  private func note(received bytes: [UInt8]) {
    let wantsEnd = state.withLock { state in
      state.tail = (state.tail + bytes).suffix(512)
      if !state.hasBegun {
        // ZRINIT as a hexadecimal header: ZPAD ZPAD ZDLE B 0 1.
        state.hasBegun = Self.contains(state.tail, [0x2A, 0x2A, 0x18, 0x42, 0x30, 0x31])
        if state.hasBegun { state.lastProgress = .now }
      } else {
        state.lastProgress = .now
      }
      let isCancelled = Self.contains(state.tail, [UInt8](repeating: 0x18, count: 5))
      return isCancelled || (!state.hasBegun && bytes.contains(0x03))
    }
    if wantsEnd { cancel("the other end cancelled it") }
  }

  /// A receiver is silent while a file goes well, so that what the line takes is progress too; but who has
  /// not begun does not begin by being sent to.
  private func note(sent count: Int) {
    state.withLock { state in
      state.sentByteCount += count
      if state.hasBegun, count > 0 { state.lastProgress = .now }
    }
  }

  /// From `sz` to the line, until it ends.
  private func carryToLine() {
    var isDead = false
    var lastWords = LastWords()
    loop: while true {
      lastWords.read(from: process.errors)
      switch process.output.read(upTo: 1024, timeout: .milliseconds(100)) {
      case .bytes(let bytes):
        if !isDead, !state.withLock({ $0.isCancelled }) { isDead = !write(bytes) }
      case .nothing: break
      case .ended, .failed: break loop
      }
      let (last, begun) = state.withLock { ($0.lastProgress, $0.hasBegun) }
      if !isDead, .now - last > patience {
        isDead = true
        let seconds = patience.components.seconds
        cancel(
          begun
            ? "the other end has said nothing for \(seconds) s; try again"
            : "nobody began to receive within \(seconds) s; start `rz` there, or use a terminal program "
              + "that knows ZMODEM, and send again")
      }
    }
    finish(&lastWords)
  }

  /// Writes all of `bytes` however slow the line is; `false` when it is gone or stuck for `patience`.
  private func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    let deadline = ContinuousClock.now + patience
    while !rest.isEmpty {
      do throws(LineError) {
        try line.write(Array(rest))
        note(sent: rest.count)
        return true
      } catch .writeTimedOut(_, let written, _) {
        note(sent: written)
        rest = rest.dropFirst(written)
        let isLate = .now > deadline
        if isLate || state.withLock({ $0.isCancelled }) {
          cancel("the line has taken nothing for \(patience.components.seconds) s")
          return false
        }
      } catch {
        cancel("the line is gone: \(error)")
        return false
      }
    }
    return true
  }

  /// Waits for the process, which has closed its output, and says how it was.
  private func finish(_ lastWords: inout LastWords) {
    let ending =
      process.waitForEnd(until: .now + .seconds(2)) ?? process.end(grace: .milliseconds(500))
    _ = process.end(grace: .zero)
    lastWords.read(from: process.errors)
    let failure = state.withLock { $0.failure }
    if ending != .status(0) || failure != nil { tellCancelled() }
    let said = lastWords.line.map { " (\(Self.program) said '\($0)')" } ?? ""
    state.withLock { state in
      state.outcome =
        if let failure { .failed(failure) } else if ending == .status(0) { .sent } else {
          .failed("the other end broke it off, or bytes were lost on the line\(said); try again")
        }
    }
    done.signal()
  }

  /// What ends a receiver: Ctrl-X eight times, and as many backspaces for a terminal that shows them.
  private func tellCancelled() {
    let bytes = [UInt8](repeating: 0x18, count: 8) + [UInt8](repeating: 0x08, count: 8)
    try? line.write(bytes)
  }

  private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
    guard bytes.count >= wanted.count else { return false }
    return (0...bytes.count - wanted.count).contains {
      bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
    }
  }
}
