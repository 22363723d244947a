/// The first element's address; traps on an empty buffer without one.
@unsafe
func start<Element>(of buffer: UnsafeBufferPointer<Element>) -> UnsafePointer<Element> {
  guard let base = buffer.baseAddress else { preconditionFailure("an empty buffer") }
  return unsafe base
}

/// The first element's address; traps on an empty buffer without one.
@unsafe
func start<Element>(
  of buffer: UnsafeMutableBufferPointer<Element>
) -> UnsafeMutablePointer<Element> {
  guard let base = buffer.baseAddress else { preconditionFailure("an empty buffer") }
  return unsafe base
}

/// Memory for packed weights, on a cache line's boundary: part of a block if there is one that has room.
@safe
struct PackedMemory {
  private(set) var start: UnsafeMutableRawPointer
  private let block: MemoryBlock?

  /// Memory of `byteCount` bytes.
  init(byteCount: Int, in block: MemoryBlock?) {
    if let block, let start = unsafe block.take(byteCount) {
      unsafe self.start = start
      self.block = block
    } else {
      unsafe start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
      self.block = nil
    }
  }

  /// Gives back what is no part of a block; to be called once.
  func deallocate() {
    if block == nil { unsafe start.deallocate() }
  }
}

/// Traps unless `rows` ≥ 0 rows of `length` elements, `stride` elements apart, lie in `count`
/// elements.
func checkRows(_ rows: Int, of length: Int, stride: Int, in count: Int) {
  precondition(
    rows >= 0 && stride >= length, "\(rows) rows of \(length), \(stride) apart")
  precondition(
    rows == 0 || (rows - 1) * stride + length <= count,
    "\(rows) rows of \(length), \(stride) apart, do not fit \(count) elements")
}
