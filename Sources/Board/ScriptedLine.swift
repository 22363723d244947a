internal import Synchronization

/// A line that plays a script, for tests: bytes in pieces, silences, failures and reconnections.
///
/// Silences take no time. What is written is kept for the test to look at.
package final class ScriptedLine: ByteLine {
  /// What one call of `read` finds.
  package enum Step: Hashable, Sendable {
    /// These bytes, in one piece.
    case bytes([UInt8])
    /// Nothing within the time-out.
    case silence
    /// This failure.
    case failure(LineError)
  }

  private struct State {
    var steps: [Step]
    var written: [UInt8] = []
    var writeFailures: [LineError?] = []
  }

  private let path: String
  private let state: Mutex<State>

  /// A line that plays `steps` and is then disconnected.
  package init(_ steps: [Step], path: String = "scripted") {
    self.path = path
    state = Mutex(State(steps: steps))
  }

  /// A line on which `text` arrives in pieces of `size` bytes: 1 splits every UTF-8 sequence.
  package convenience init(typing text: String, inPiecesOf size: Int = 1) {
    let bytes = Array(text.utf8)
    self.init(
      stride(from: 0, to: bytes.count, by: size).map { start in
        .bytes(Array(bytes[start..<min(start + size, bytes.count)]))
      })
  }

  /// All that was written and accepted.
  package var written: [UInt8] { state.withLock { $0.written } }

  /// All that was written and accepted, as text.
  package var writtenText: String { String(decoding: written, as: UTF8.self) }

  /// Adds to the script.
  package func append(_ steps: [Step]) { state.withLock { $0.steps += steps } }

  /// Lets the writes to come fail in turn; `nil` is one that succeeds.
  package func failWrites(_ failures: [LineError?]) {
    state.withLock { $0.writeFailures += failures }
  }

  package func read(timeout: Duration) throws(LineError) -> [UInt8] {
    let step = state.withLock { $0.steps.isEmpty ? nil : $0.steps.removeFirst() }
    switch step {
    case .bytes(let bytes): return bytes
    case .silence: return []
    case .failure(let error): throw error
    case nil: throw .disconnected(path: path, reason: "the script is over")
    }
  }

  package func write(_ bytes: [UInt8]) throws(LineError) {
    let failure: LineError? = state.withLock { state in
      let failure = state.writeFailures.isEmpty ? nil : state.writeFailures.removeFirst()
      if failure == nil { state.written += bytes }
      return failure
    }
    if let failure { throw failure }
  }
}
