import ArgumentParser
import Board
import Glibc
import Synchronization

/// `loam attach`: the console of a device on this machine.
struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open the console of the device on this machine.",
    discussion: """
      Connects this terminal to the socket of a running `loam run` (console.socket). Ctrl-] ends it. With \
      pipes in place of a terminal, bytes go through as they are, for scripts: send {"mode":"json"} first.
      """)

  /// Where the package's daemon listens.
  static let usualSocket = "/run/loam/console"
  private static let endKey: UInt8 = 0x1D

  @Argument(help: "The socket that the device listens at.")
  var socket = usualSocket

  func run() throws {
    let client: SocketClient
    do throws(LineError) {
      client = try SocketClient(path: socket)
    } catch {
      throw CommandFailure("\(error); is `loam run` running with its console at this socket?")
    }
    for number in [SIGTERM, SIGINT, SIGHUP] {
      signal(number) { _ in attachEnds.store(true, ordering: .relaxed) }
    }
    signal(SIGPIPE, SIG_IGN)
    let terminal = UserTerminal(.raw)
    if terminal != nil { say("Connected to \(socket); Ctrl-] ends it.\r") }
    defer {
      terminal?.restore()
      if terminal != nil { say("") }
    }
    try carry(client, isTerminal: terminal != nil)
  }

  /// Carries bytes both ways until an end key, a signal, or the end of both sides.
  private func carry(_ client: SocketClient, isTerminal: Bool) throws {
    var hasInput = true
    while !attachEnds.load(ordering: .relaxed) {
      if hasInput {
        switch readStandardInput(timeout: .milliseconds(10)) {
        case nil:
          // A script has said all; what the device answers is still to be read.
          hasInput = false
          client.endWriting()
        case let bytes?:
          let end = isTerminal ? bytes.firstIndex(of: Self.endKey) : nil
          let sent = Array(bytes[..<(end ?? bytes.endIndex)])
          if !sent.isEmpty { try attempt { try client.write(sent) } }
          if end != nil { return }
        }
      }
      do throws(LineError) {
        try show(try client.read(timeout: .milliseconds(hasInput ? 10 : 100)))
      } catch {
        guard hasInput else { return }
        throw CommandFailure("the device has closed the console; start `loam attach` again")
      }
    }
  }

  private func attempt(_ body: () throws -> Void) throws {
    do { try body() } catch { throw CommandFailure("\(error)") }
  }

  private func show(_ bytes: [UInt8]) throws(LineError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR && errno != EAGAIN {
        throw .disconnected(path: socket, reason: "standard output is closed")
      }
    }
  }
}

/// Set by a signal that ends the command; the terminal is put back then.
private let attachEnds = Atomic(false)
