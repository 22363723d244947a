internal import CBoard

/// The two ends of a pipe, or of a pair of sockets.
struct Pipe {
  let reading: Descriptor
  let writing: Descriptor

  /// A pipe; `nil` when the process has no descriptor left.
  init?() {
    var ends = (Int32(-1), Int32(-1))
    guard unsafe withUnsafeMutablePointer(to: &ends, { unsafe Self.open($0, cboard_pipe) }) else {
      return nil
    }
    (reading, writing) = (Descriptor(ends.0), Descriptor(ends.1))
  }

  /// Two joined sockets, each read from and written to.
  init?(sockets: Void) {
    var ends = (Int32(-1), Int32(-1))
    guard
      unsafe withUnsafeMutablePointer(to: &ends, { unsafe Self.open($0, cboard_socket_pair) })
    else { return nil }
    (reading, writing) = (Descriptor(ends.0), Descriptor(ends.1))
  }

  @unsafe private static func open(
    _ ends: UnsafeMutablePointer<(Int32, Int32)>,
    _ call: (UnsafeMutablePointer<Int32>?) -> Int32
  ) -> Bool {
    unsafe ends.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe call($0) } == 0
  }
}
