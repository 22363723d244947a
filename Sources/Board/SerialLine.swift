internal import CBoard
internal import Glibc
internal import Synchronization

/// How a serial line is driven.
package struct SerialSettings: Hashable, Sendable {
  /// How the receiver of bytes makes the sender wait.
  package enum FlowControl: String, Hashable, Sendable, CaseIterable {
    /// It does not: bytes that nobody reads in time are lost.
    case none
    /// By the wires RTS and CTS.
    case hardware
    /// By the bytes XOFF (Ctrl-S) and XON (Ctrl-Q), which the driver takes out of the stream.
    case software
  }

  /// Bits per second, one of `supportedSpeeds`; a pseudo terminal takes and ignores any of them.
  package var bitsPerSecond: Int
  /// How the two ends keep each other from sending too fast.
  package var flowControl: FlowControl
  /// How long a write may wait for the line to take its bytes.
  package var writeDeadline: Duration
  /// Pauses between attempts to open the line again: the first, doubled up to the last.
  package var reopenPauses: ClosedRange<Duration>

  /// Settings of a line: 8 data bits, no parity, one stop bit.
  package init(
    bitsPerSecond: Int = 115_200, flowControl: FlowControl = .none,
    writeDeadline: Duration = .seconds(5),
    reopenPauses: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5)
  ) {
    self.bitsPerSecond = bitsPerSecond
    self.flowControl = flowControl
    self.writeDeadline = writeDeadline
    self.reopenPauses = reopenPauses
  }

  /// The speeds that `bitsPerSecond` may have, ascending from 9600 to 921600.
  package static var supportedSpeeds: [Int] {
    (0..<cboard_serial_speed_count()).map { Int(cboard_serial_speed($0)) }
  }
}

/// A serial port or the slave side of a pseudo terminal, by path.
///
/// When the other end goes away, `read` and `write` throw `LineError.disconnected`; later reads
/// open the path again, with pauses that grow, and go on once it is back. `openings` tells a caller
/// that it is talking to a fresh terminal which has to be drawn anew.
package final class SerialLine: ByteLine {
  /// The path the line is opened by; use a stable name, for adapters change their numbers.
  package let path: String
  package let settings: SerialSettings

  private struct State {
    var descriptor: Descriptor?
    var openings = 0
    var pause: Duration
    var nextAttempt: ContinuousClock.Instant
    var lastFailure: LineError
  }

  private let state: Mutex<State>

  /// Opens the line at `path`. Throws when it is missing, no terminal, or refuses `settings`.
  ///
  /// A line that `mayBeMissing` is opened when it comes, as one is that was disconnected.
  package init(
    path: String, settings: SerialSettings = SerialSettings(), mayBeMissing: Bool = false
  ) throws(LineError) {
    self.path = path
    self.settings = settings
    var descriptor: Descriptor?
    do throws(LineError) {
      descriptor = try Self.open(path, settings)
    } catch {
      guard mayBeMissing, case .cannotOpen = error else { throw error }
    }
    state = Mutex(
      State(
        descriptor: descriptor, openings: descriptor == nil ? 0 : 1,
        pause: settings.reopenPauses.lowerBound,
        nextAttempt: .now, lastFailure: .disconnected(path: path, reason: "closed")))
  }

  /// Whether the line was connected when last used.
  package var isConnected: Bool { state.withLock { $0.descriptor != nil } }

  /// How often the line has been opened: 1 at first, one more after each disconnection.
  package var openings: Int { state.withLock { $0.openings } }

  package func read(timeout: Duration) throws(LineError) -> [UInt8] {
    guard let descriptor = try connection(within: timeout) else { return [] }
    switch descriptor.read(upTo: 4096, timeout: timeout) {
    case .bytes(let bytes): return bytes
    case .nothing: return []
    case .ended: throw lost(descriptor, reason: "end of file")
    case .failed(let code): throw lost(descriptor, reason: SystemFailure.text(code))
    }
  }

  package func write(_ bytes: [UInt8]) throws(LineError) {
    let (current, failure) = state.withLock { ($0.descriptor, $0.lastFailure) }
    guard let current else { throw failure }
    let (written, code) = current.write(bytes, until: .now + settings.writeDeadline)
    if let code { throw lost(current, reason: SystemFailure.text(code)) }
    if written < bytes.count {
      throw .writeTimedOut(path: path, written: written, of: bytes.count)
    }
  }

  /// The open descriptor, or after an attempt to open the line again when one is due.
  ///
  /// While there is none, rests until the next attempt or `timeout`, whichever is sooner.
  private func connection(within timeout: Duration) throws(LineError) -> Descriptor? {
    let deadline = ContinuousClock.now + timeout
    while true {
      let (current, due) = state.withLock { ($0.descriptor, $0.nextAttempt) }
      if let current { return current }
      (min(due, deadline) - .now).rest()
      guard due <= deadline else { throw state.withLock { $0.lastFailure } }
      if let opened = reopen() { return opened }
    }
  }

  private func reopen() -> Descriptor? {
    state.withLock { state in
      if let current = state.descriptor { return current }
      do throws(LineError) {
        let opened = try Self.open(path, settings)
        state.descriptor = opened
        state.openings += 1
        state.pause = settings.reopenPauses.lowerBound
        return opened
      } catch {
        state.lastFailure = .disconnected(path: path, reason: error.description)
        state.nextAttempt = .now + state.pause
        state.pause = min(state.pause * 2, settings.reopenPauses.upperBound)
        return nil
      }
    }
  }

  /// Lets go of `descriptor` and says that the line is gone.
  private func lost(_ descriptor: Descriptor, reason: String) -> LineError {
    let error = LineError.disconnected(path: path, reason: reason)
    state.withLock { state in
      guard state.descriptor === descriptor else { return }
      state.descriptor = nil
      state.lastFailure = error
      state.nextAttempt = .now + state.pause
    }
    return error
  }

  private static func open(_ path: String, _ settings: SerialSettings) throws(LineError)
    -> Descriptor
  {
    guard SerialSettings.supportedSpeeds.contains(settings.bitsPerSecond) else {
      throw .unsupportedSpeed(settings.bitsPerSecond, supported: SerialSettings.supportedSpeeds)
    }
    let result = unsafe cboard_serial_open(
      path, UInt32(settings.bitsPerSecond), settings.flowControl.code)
    switch -result {
    case ...0: return Descriptor(result)
    case ENOTTY: throw .notATerminal(path: path)
    case ENOTSUP:
      throw .settingsRefused(
        path: path, bitsPerSecond: settings.bitsPerSecond,
        flowControl: settings.flowControl)
    default: throw .cannotOpen(path: path, reason: SystemFailure.text(-result))
    }
  }
}

extension SerialSettings.FlowControl {
  /// The bridge's number for it.
  fileprivate var code: Int32 {
    switch self {
    case .none: Int32(CBOARD_FLOW_NONE)
    case .hardware: Int32(CBOARD_FLOW_HARDWARE)
    case .software: Int32(CBOARD_FLOW_SOFTWARE)
    }
  }
}
