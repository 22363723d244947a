internal import CBoard
internal import Glibc

/// A pair of terminals joined by the kernel: what is written to one end is read from the other.
///
/// This object is the master end, the operator's side; the device opens `slavePath` as its serial
/// line. The slave is raw and held open, so that the device may come and go; both ends vanish when
/// the object does, which the device sees as a pulled cable.
package final class PseudoTerminal: ByteLine {
  /// The path that a `SerialLine` opens.
  package let slavePath: String
  /// How long a write may wait for the device to read.
  package let writeDeadline: Duration

  private let master: Descriptor
  private let slave: Descriptor

  /// Opens a pair. Throws when the system has no pseudo terminal left.
  package init(writeDeadline: Duration = .seconds(5)) throws(LineError) {
    var (master, slave) = (Int32(-1), Int32(-1))
    var name = [CChar](repeating: 0, count: 128)
    let result = unsafe cboard_pty_open(&master, &slave, &name, name.count)
    guard result == 0 else {
      throw .failed(
        path: "/dev/ptmx", operation: "opening a pseudo terminal",
        reason: SystemFailure.text(-result))
    }
    self.master = Descriptor(master)
    self.slave = Descriptor(slave)
    self.writeDeadline = writeDeadline
    slavePath = String(
      decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  package func read(timeout: Duration) throws(LineError) -> [UInt8] {
    switch master.read(upTo: 4096, timeout: timeout) {
    case .bytes(let bytes): return bytes
    case .nothing: return []
    case .ended: throw .disconnected(path: slavePath, reason: "end of file")
    case .failed(let code):
      throw .disconnected(path: slavePath, reason: SystemFailure.text(code))
    }
  }

  package func write(_ bytes: [UInt8]) throws(LineError) {
    let (written, code) = master.write(bytes, until: .now + writeDeadline)
    if let code { throw .disconnected(path: slavePath, reason: SystemFailure.text(code)) }
    if written < bytes.count {
      throw .writeTimedOut(path: slavePath, written: written, of: bytes.count)
    }
  }
}
