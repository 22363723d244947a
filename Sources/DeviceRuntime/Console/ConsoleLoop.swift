package import Board

/// Joins a console session to a line: reads keys, sends at the line's speed, and starts anew when
/// the line comes back after a disconnect.
///
/// Not thread safe, and makes no thread: whoever owns the device calls `poll` between its other
/// works and thereby lends the console its thread. The desk is called from within `poll` only. The
/// desk may call `notice`, `progress` and even `poll` while it is being asked; such a `poll` only
/// sends what waits, so that a long answer need not freeze the operator's screen.
///
/// Bytes are handed to the line at most `aheadSeconds` before it can carry them. So a picture stops
/// soon after a key, and the moment at which a question stands complete on the screen is known.
package final class ConsoleLoop {
  /// How far ahead of the wire bytes are handed over.
  private static let aheadSeconds = 0.25
  private static let longestBurst = 4096

  /// What the operator's keys do; its counters tell how much was done.
  package let session: ConsoleSession

  private let line: any ByteLine
  private let clock: any Clock
  private let start: UInt64
  /// When the line will have carried all that was handed to it.
  private var lineFreeAt = 0.0
  private var stalledUntil = 0.0
  /// When the operator last did something, on the clock; `nil` if nobody has. What a line makes of noise, and
  /// the tries of who is not let in, are no sign of an operator; a transfer that goes on is.
  package private(set) var lastKeyNanoseconds: UInt64?
  private var notedKeyCount = 0
  private var transfer: LineTransfer?

  /// A console on `line`, behind `login` if one is given. Give the line a `writeDeadline` of 0.1 s or so:
  /// `poll` waits that long when the other end stops reading.
  package init(
    line: any ByteLine, settings: ConsoleSettings = ConsoleSettings(),
    login: (any ConsoleLogin)? = nil, clock: any Clock = SystemClock()
  ) {
    self.line = line
    self.clock = clock
    start = clock.monotonicNanoseconds
    session = ConsoleSession(settings: settings, login: login)
  }

  /// Whether the line was there when last used.
  package var isConnected: Bool { session.isConnected }

  /// A line for the operator, printed at the next `poll`.
  package func notice(_ text: String) { session.notice(text) }

  /// How far a long work has got; printed by a `poll` at most once a second, only the latest.
  package func progress(_ text: String) { session.progress(text) }

  /// Does what there is to do and waits up to `timeout` for more; with 0 it does not wait.
  ///
  /// Announces the desk's question if it is another one than before, sends what the line takes now,
  /// and hands keys to the session. Errors of the line are not thrown: the console waits for it to
  /// come back.
  ///
  /// - Returns: whether the operator has answered, undone or added something; then it returns at
  ///   once, so that the device can go on with it.
  @discardableResult
  package func poll(timeout: Duration, desk: any OperatorDesk) -> Bool {
    guard !session.isAsking else {
      send()
      return false
    }
    let before = session.actionCount
    let deadline = now + timeout.seconds
    repeat {
      session.refresh(at: now, desk: desk)
      send()
      if isTransferring(until: deadline, desk) {
        lastKeyNanoseconds = clock.monotonicNanoseconds
        continue
      }
      receive(until: deadline, desk)
      noteKeys()
    } while session.actionCount == before && now < deadline
    session.refresh(at: now, desk: desk)
    noteKeys()
    send()
    return session.actionCount != before
  }

  private func noteKeys() {
    guard session.keyCount != notedKeyCount else { return }
    notedKeyCount = session.keyCount
    lastKeyNanoseconds = clock.monotonicNanoseconds
  }

  /// Whether the line belongs to a transfer of files, which is begun once all that was printed has left and
  /// looked after until `deadline`.
  private func isTransferring(until deadline: Double, _ desk: any OperatorDesk) -> Bool {
    guard let files = session.outgoing else {
      transfer?.cancel("the line is gone")
      transfer = nil
      return false
    }
    if transfer == nil {
      guard session.outputByteCount == 0, now >= lineFreeAt else { return false }
      do throws(LineError) {
        transfer = try LineTransfer(
          files: files, over: line, patience: .seconds(session.settings.transferSeconds),
          escapesControls: session.settings.escapesControls)
      } catch {
        session.transferEnded(failure: "\(error)", at: now, desk: desk)
        return false
      }
    }
    guard let outcome = transfer?.outcome(within: .seconds(max(0, deadline - now))) else {
      return true
    }
    transfer = nil
    lineFreeAt = now
    switch outcome {
    case .sent: session.transferEnded(failure: nil, at: now, desk: desk)
    case .failed(let why): session.transferEnded(failure: why, at: now, desk: desk)
    }
    return false
  }

  /// Sends what waits, the last notices too, for up to `timeout`; keys are thrown away. For the end
  /// of the program.
  package func drain(timeout: Duration) {
    let deadline = now + timeout.seconds
    if let transfer {
      transfer.cancel("Loam stops")
      _ = transfer.outcome(within: timeout)
      self.transfer = nil
    }
    session.tellNotices()
    send()
    while session.isConnected, session.outputByteCount > 0, now < deadline {
      do throws(LineError) {
        _ = try line.read(timeout: .milliseconds(10))
        send()
      } catch {
        session.disconnect()
      }
    }
  }

  private var now: Double { Double(clock.monotonicNanoseconds - start) / 1e9 }

  private func receive(until deadline: Double, _ desk: any OperatorDesk) {
    var wake = deadline
    if !session.isConnected { wake = min(wake, now + 0.05) }
    if session.outputByteCount > 0 { wake = min(wake, nextSending) }
    if session.hasPlans { wake = min(wake, now + 0.1) }
    do throws(LineError) {
      var bytes = try line.read(timeout: .seconds(max(0, wake - now)))
      guard session.isConnected else {
        // What came before the greeting answers nothing that could have been read.
        lineFreeAt = now
        session.connect(at: now, desk: desk)
        return
      }
      if bytes.isEmpty { return }
      if session.settings.burstSeconds > 0 {
        while bytes.count < Self.longestBurst {
          let more = try line.read(timeout: .seconds(session.settings.burstSeconds))
          if more.isEmpty { break }
          bytes += more
        }
      }
      session.receive(bytes, at: now, desk: desk)
    } catch {
      session.disconnect()
    }
  }

  /// When there will be room again for a few bytes.
  private var nextSending: Double {
    max(stalledUntil, session.settings.bytesPerSecond == nil ? now : lineFreeAt - 0.2)
  }

  private func send() {
    guard session.isConnected, now >= stalledUntil else { return }
    while session.outputByteCount > 0 {
      var limit = 4096
      if let speed = session.settings.bytesPerSecond {
        let ahead = max(0, lineFreeAt - now)
        limit = min(limit, Int((Self.aheadSeconds - ahead) * Double(speed)))
        if limit < min(session.outputByteCount, max(1, speed / 25)) { return }
      }
      if !send(session.output(limit: limit)) { return }
    }
  }

  /// Writes `bytes`; `false` when the line did not take them all.
  private func send(_ bytes: [UInt8]) -> Bool {
    do throws(LineError) {
      try line.write(bytes)
      sent(bytes.count)
      return true
    } catch {
      if case .writeTimedOut(_, let written, _) = error {
        sent(written)
        stalledUntil = now + 1
      } else {
        session.disconnect()
      }
      return false
    }
  }

  private func sent(_ count: Int) {
    if let speed = session.settings.bytesPerSecond {
      lineFreeAt = max(now, lineFreeAt) + Double(count) / Double(speed)
    } else {
      lineFreeAt = now
    }
    session.sent(count, arrivingAt: lineFreeAt)
  }
}

extension Duration {
  /// The duration in seconds.
  fileprivate var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
