internal import Glibc

/// A unix datagram socket to an address that may come and go: each message is sent on its own.
package final class Datagram: Sendable {
  private let socket: Descriptor
  private let address: DatagramAddress

  /// A socket that sends to `address`: a path, or a name in the abstract name space after `@`.
  /// `nil` if the address is none or too long, or the system gives no socket.
  package init?(address: String) {
    guard let address = DatagramAddress(address), let socket = DatagramAddress.socket() else {
      return nil
    }
    self.address = address
    self.socket = socket
  }

  /// Sends `message` whole or not at all, without waiting for a reader that is slow; whether it left.
  @discardableResult
  package func send(_ message: [UInt8]) -> Bool {
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let sent = unsafe address.withSocketAddress { target, length in
      unsafe message.withUnsafeBytes { bytes in
        unsafe sendto(socket.number, bytes.baseAddress, bytes.count, flags, target, length)
      }
    }
    return sent == message.count
  }
}

/// The other end: a socket that messages arrive at, as a service manager or a journal has it.
package final class DatagramInbox: Sendable {
  private let socket: Descriptor
  private let path: String?

  /// A socket at `address`; `nil` if it cannot be there.
  package init?(address text: String) {
    guard let address = DatagramAddress(text), let socket = DatagramAddress.socket() else {
      return nil
    }
    let result = unsafe address.withSocketAddress { unsafe Int(bind(socket.number, $0, $1)) }
    guard result == 0 else { return nil }
    self.socket = socket
    path = text.hasPrefix("/") ? text : nil
  }

  deinit { if let path { unsafe unlink(path) } }

  /// The next message, waiting up to `timeout` for it; cut to 256 KiB.
  package func receive(timeout: Duration) -> [UInt8]? {
    guard case .bytes(let bytes) = socket.read(upTo: 256 << 10, timeout: timeout) else {
      return nil
    }
    return bytes
  }
}
