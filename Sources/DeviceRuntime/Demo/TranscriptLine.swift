package import Board
import Synchronization

/// A line that remembers what came in over it.
package final class TranscriptLine: ByteLine {
  private let line: any ByteLine
  private let received = Mutex<[UInt8]>([])

  /// Passes everything on to and from `line`.
  package init(_ line: any ByteLine) {
    self.line = line
  }

  /// Everything received so far, as text without escape sequences of movement.
  package var text: String {
    String(decoding: received.withLock { $0 }, as: UTF8.self)
  }

  /// Bytes received so far.
  package var byteCount: Int { received.withLock { $0.count } }

  /// What was received after the first `count` bytes.
  package func text(after count: Int) -> String {
    String(decoding: received.withLock { $0.dropFirst(count) }, as: UTF8.self)
  }

  package func read(timeout: Duration) throws(LineError) -> [UInt8] {
    let bytes = try line.read(timeout: timeout)
    received.withLock { $0 += bytes }
    return bytes
  }

  package func write(_ bytes: [UInt8]) throws(LineError) {
    try line.write(bytes)
  }
}
