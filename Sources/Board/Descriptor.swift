internal import CBoard
internal import Glibc

/// An open file descriptor, closed when its last user lets go of it.
final class Descriptor: Sendable {
  let number: Int32
  /// Whether it is a socket: writing to one whose other end is gone is an error and no signal.
  let isSocket: Bool

  /// Takes over `number`, which is open.
  init(_ number: Int32, isSocket: Bool = false) {
    self.number = number
    self.isSocket = isSocket
  }

  deinit { close(number) }

  /// What came of one attempt to read.
  enum Arrival {
    case bytes([UInt8])
    case nothing
    case ended
    case failed(Int32)
  }

  /// Waits up to `timeout` for the descriptor to be readable and takes up to `count` bytes.
  func read(upTo count: Int, timeout: Duration) -> Arrival {
    switch wait(for: Int16(POLLIN), until: .now + timeout) {
    case .failure(let failure): return .failed(failure.code)
    case .success(false): return .nothing
    case .success(true): break
    }
    var result = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      result = unsafe Glibc.read(number, buffer.baseAddress, count)
      filled = max(result, 0)
    }
    if result > 0 { return .bytes(bytes) }
    if result == 0 { return .ended }
    return errno == EAGAIN || errno == EINTR ? .nothing : .failed(errno)
  }

  /// Writes `bytes` until `deadline`; the number written, and the failure that ended it if any.
  ///
  /// A count short of all without a failure says that the deadline passed.
  func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) -> (
    written: Int, failure: Int32?
  ) {
    var written = 0
    while written < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe buffer.baseAddress?.advanced(by: written)
        if isSocket { return unsafe Int(cboard_send(number, rest, buffer.count - written)) }
        let count = unsafe Glibc.write(number, rest, buffer.count - written)
        return count < 0 ? -Int(errno) : count
      }
      if result > 0 {
        written += result
        continue
      }
      let code = Int32(-result)
      guard code == 0 || code == EAGAIN || code == EINTR else { return (written, code) }
      switch wait(for: Int16(POLLOUT), until: deadline) {
      case .failure(let failure): return (written, failure.code)
      case .success(false): return (written, nil)
      case .success(true): break
      }
    }
    return (written, nil)
  }

  /// Whether `events`, or a hang-up, came before `deadline`.
  func wait(for events: Int16, until deadline: ContinuousClock.Instant) -> Result<
    Bool, SystemFailure
  > {
    while true {
      let left = deadline - .now
      var request = pollfd(fd: number, events: events, revents: 0)
      let ready = unsafe poll(&request, 1, left.pollMilliseconds)
      if ready > 0 { return .success(true) }
      if ready == 0 { return .success(false) }
      if errno != EINTR { return .failure(SystemFailure(code: errno)) }
    }
  }
}

/// A failed call of the system.
struct SystemFailure: Error, Hashable, Sendable, CustomStringConvertible {
  let code: Int32

  var description: String { Self.text(code) }

  /// What the system says about error `code`.
  static func text(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

extension Duration {
  /// For `poll`: whole milliseconds, rounded up so that a wait never spins; 0 when negative.
  var pollMilliseconds: Int32 {
    guard self > .zero else { return 0 }
    let (seconds, attoseconds) = components
    let milliseconds =
      min(seconds, 1_000_000) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(clamping: milliseconds)
  }

  /// Rests this thread for the duration.
  func rest() {
    guard self > .zero else { return }
    let (seconds, attoseconds) = components
    var wanted = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while unsafe nanosleep(&wanted, &left) != 0 && errno == EINTR { wanted = left }
  }
}
