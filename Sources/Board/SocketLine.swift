internal import CBoard
internal import Glibc
internal import Synchronization

/// A line that one local program at a time connects to, by a Unix socket: `loam attach`.
///
/// It behaves like a cable that is plugged in and pulled: `read` throws `LineError.disconnected` while
/// nobody is connected, and returns without bytes when somebody has come. Who comes second gets a line
/// that says so, and is let go. It listens on this machine only, to whom the rights of the socket let in.
package final class SocketLine: ByteLine {
  /// What a second client is told.
  static let refusal = "Loam: somebody else is at the console; try again later.\r\n"

  /// The path of the socket.
  package let path: String
  /// How long a write may wait for the client to read.
  package let writeDeadline: Duration

  private struct State {
    var client: Descriptor?
    var openings = 0
  }

  private let listener: Descriptor
  private let state = Mutex(State())

  /// Listens at `path`, a name of at most 107 bytes; a socket left there by a process that is gone is
  /// replaced. `mode` are its rights.
  ///
  /// - Throws: `LineError.cannotListen` when something else is there, or somebody listens already.
  package init(
    path: String, mode: UInt32 = 0o660, writeDeadline: Duration = .milliseconds(100)
  ) throws(LineError) {
    let result = unsafe cboard_socket_listen(path, mode)
    guard result >= 0 else {
      let reason = SystemFailure.text(-result)
      throw .cannotListen(path: path, reason: reason)
    }
    self.path = path
    self.writeDeadline = writeDeadline
    listener = Descriptor(result, isSocket: true)
  }

  deinit { unsafe unlink(path) }

  /// Whether somebody was connected when the line was last used.
  package var isConnected: Bool { state.withLock { $0.client != nil } }

  /// How many clients have come so far, refused ones aside.
  package var openings: Int { state.withLock { $0.openings } }

  package func read(timeout: Duration) throws(LineError) -> [UInt8] {
    guard let client = state.withLock({ $0.client }) else { return try awaitClient(timeout) }
    refuseOthers()
    switch client.read(upTo: 4096, timeout: timeout) {
    case .bytes(let bytes): return bytes
    case .nothing: return []
    case .ended: throw lost(client, reason: "it was closed")
    case .failed(let code): throw lost(client, reason: SystemFailure.text(code))
    }
  }

  package func write(_ bytes: [UInt8]) throws(LineError) {
    guard let client = state.withLock({ $0.client }) else {
      throw .disconnected(path: path, reason: "nobody is connected")
    }
    let (written, code) = client.write(bytes, until: .now + writeDeadline)
    if let code { throw lost(client, reason: SystemFailure.text(code)) }
    if written < bytes.count {
      throw .writeTimedOut(path: path, written: written, of: bytes.count)
    }
  }

  /// Takes the next client, and returns no bytes: what it has sent is read when it has been greeted.
  private func awaitClient(_ timeout: Duration) throws(LineError) -> [UInt8] {
    _ = listener.wait(for: Int16(POLLIN), until: .now + timeout)
    let number = cboard_socket_accept(listener.number)
    guard number >= 0 else { throw .disconnected(path: path, reason: "nobody is connected") }
    state.withLock { state in
      state.client = Descriptor(number, isSocket: true)
      state.openings += 1
    }
    return []
  }

  private func refuseOthers() {
    while true {
      let number = cboard_socket_accept(listener.number)
      guard number >= 0 else { return }
      let other = Descriptor(number, isSocket: true)
      _ = other.write(Array(Self.refusal.utf8), until: .now)
    }
  }

  private func lost(_ client: Descriptor, reason: String) -> LineError {
    state.withLock { state in
      if state.client === client { state.client = nil }
    }
    return .disconnected(path: path, reason: reason)
  }
}

/// The other end of a `SocketLine`.
package final class SocketClient: ByteLine {
  private let path: String
  private let connection: Descriptor

  /// Connects to the socket at `path`; throws `LineError.cannotOpen` when nobody listens there.
  package init(path: String) throws(LineError) {
    let result = unsafe cboard_socket_connect(path)
    guard result >= 0 else {
      throw .cannotOpen(path: path, reason: SystemFailure.text(-result))
    }
    self.path = path
    connection = Descriptor(result, isSocket: true)
  }

  package func read(timeout: Duration) throws(LineError) -> [UInt8] {
    switch connection.read(upTo: 4096, timeout: timeout) {
    case .bytes(let bytes): return bytes
    case .nothing: return []
    case .ended: throw .disconnected(path: path, reason: "the device closed it")
    case .failed(let code): throw .disconnected(path: path, reason: SystemFailure.text(code))
    }
  }

  package func write(_ bytes: [UInt8]) throws(LineError) {
    let (written, code) = connection.write(bytes, until: .now + .seconds(10))
    if let code { throw .disconnected(path: path, reason: SystemFailure.text(code)) }
    if written < bytes.count {
      throw .writeTimedOut(path: path, written: written, of: bytes.count)
    }
  }

  /// Says that nothing more will be written; what the other end writes can still be read.
  package func endWriting() { shutdown(connection.number, Int32(SHUT_WR)) }
}
