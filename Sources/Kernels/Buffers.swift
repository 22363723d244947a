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

/// Memory for packed weights, on a cache line's boundary; the caller deallocates it.
@unsafe
func allocatePacked(byteCount: Int) -> UnsafeMutableRawPointer {
  UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
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
