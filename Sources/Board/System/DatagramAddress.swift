internal import Glibc

/// The address of a unix socket: a path, or a name in the abstract name space, written after `@`.
struct DatagramAddress {
  private let bytes: [UInt8]

  /// The address that `text` writes; `nil` if it is no address or too long.
  init?(_ text: String) {
    var bytes = Array(text.utf8)
    // sun_path has 108 bytes; a path ends in 0.
    guard let first = bytes.first, bytes.count < 108, !bytes.contains(0) else { return nil }
    if first == UInt8(ascii: "@") { bytes[0] = 0 } else if first != UInt8(ascii: "/") { return nil }
    self.bytes = bytes
  }

  /// Calls `body` with the address as the system takes it, and its length.
  func withSocketAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int) -> Int {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    // An abstract name has no closing 0: its length is part of it.
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (bytes.first == 0 ? 0 : 1)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(length))
      }
    }
  }

  /// A new datagram socket, or `nil` when the system gives none.
  static func socket() -> Descriptor? {
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let number = Glibc.socket(AF_UNIX, kind, 0)
    return number >= 0 ? Descriptor(number) : nil
  }
}
