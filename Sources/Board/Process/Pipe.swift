internal import CBoard

/// The two ends of a pipe, or of a pair of sockets. Neither is handed on to a child by itself.
struct Pipe {
  let reading: Descriptor
  let writing: Descriptor

  /// A pipe that holds at least `capacity` bytes, or as many as is usual; fails when the process has no
  /// descriptor left.
  init(capacity: Int32? = nil) throws(SystemFailure) {
    var ends = (Int32(-1), Int32(-1))
    try unsafe Self.open(&ends) { unsafe cboard_pipe($0, capacity ?? 0) }
    (reading, writing) = (Descriptor(ends.0), Descriptor(ends.1))
  }

  /// Two joined sockets, each read from and written to: writing to one whose other end is gone is an error
  /// and no signal.
  static func sockets() throws(SystemFailure) -> Pipe {
    var ends = (Int32(-1), Int32(-1))
    try unsafe open(&ends) { unsafe cboard_socket_pair($0) }
    return Pipe(
      reading: Descriptor(ends.0, isSocket: true), writing: Descriptor(ends.1, isSocket: true))
  }

  private init(reading: Descriptor, writing: Descriptor) {
    (self.reading, self.writing) = (reading, writing)
  }

  private static func open(
    _ ends: inout (Int32, Int32), _ call: (UnsafeMutablePointer<Int32>?) -> Int32
  ) throws(SystemFailure) {
    let result = unsafe withUnsafeMutablePointer(to: &ends) { ends in
      unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe call($0) }
    }
    guard result == 0 else { throw SystemFailure(code: -result) }
  }
}
