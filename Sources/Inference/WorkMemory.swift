/// One block of memory that steps read and write parts of.
///
/// Views of one block may be alive together: the plan gives what lives together disjoint ranges,
/// and a step never asks for a writable view that overlaps a readable one it holds.
@safe
final class WorkMemory<Element: BitwiseCopyable> {
  private let base: UnsafeMutablePointer<Element>
  /// Elements of the block.
  let count: Int

  /// A block of `count` elements of `value`, 64-byte aligned.
  init(count: Int, filledWith value: Element) {
    self.count = count
    let bytes = max(1, count) * MemoryLayout<Element>.stride
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe base = block.bindMemory(to: Element.self, capacity: max(1, count))
    unsafe base.initialize(repeating: value, count: max(1, count))
  }

  deinit {
    unsafe base.deallocate()
  }

  /// Bytes of the block.
  var byteCount: Int { count * MemoryLayout<Element>.stride }

  /// The elements of `range`, to read.
  @_lifetime(borrow self)
  func read(_ range: Range<Int>) -> Span<Element> {
    check(range)
    let start = unsafe UnsafePointer(base + range.lowerBound)
    let span = unsafe Span(_unsafeStart: start, count: range.count)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The elements of `range`, to write.
  @_lifetime(borrow self)
  func write(_ range: Range<Int>) -> MutableSpan<Element> {
    check(range)
    let start = unsafe base + range.lowerBound
    let span = unsafe MutableSpan(_unsafeStart: start, count: range.count)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The address of the element at `offset`; the block must outlive its use.
  @unsafe
  func address(_ offset: Int) -> UnsafeMutablePointer<Element> {
    precondition(offset >= 0 && offset < max(1, count), "element \(offset) of \(count)")
    return unsafe base + offset
  }

  /// Copies `count` elements from `source` on to `target` on; the two must not overlap.
  func copy(from source: Int, of other: WorkMemory<Element>, to target: Int, count: Int) {
    check(target..<(target + count))
    other.check(source..<(source + count))
    unsafe (base + target).update(from: other.base + source, count: count)
  }

  /// Makes `count` elements from `start` on `value`.
  func fill(from start: Int, count: Int, with value: Element) {
    check(start..<(start + count))
    unsafe (base + start).update(repeating: value, count: count)
  }

  private func check(_ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not inside \(count)")
  }
}
