import Kernels

/// One block of memory that steps read and write parts of.
///
/// Views of one block may be alive together: the plan gives what lives together disjoint ranges,
/// and a step never asks for a writable view that overlaps a readable one it holds.
@safe
final class WorkMemory<Element: BitwiseCopyable> {
  private let base: UnsafeMutablePointer<Element>
  /// Elements of the block.
  let count: Int
  /// What it is a part of, if it is none of its own.
  private let whole: MemoryBlock?

  /// A block of `count` elements of `value`, alone in its cache lines.
  init(count: Int, filledWith value: Element) {
    self.count = count
    unsafe base = allocateLines(of: Element.self, count: max(1, count))
    unsafe base.initialize(repeating: value, count: max(1, count))
    whole = nil
  }

  /// The next `count` elements of `whole`, all bits 0, if it has room for them; otherwise a block of its own.
  convenience init(count: Int, in whole: MemoryBlock) where Element: FixedWidthInteger {
    let bytes = max(1, count) * MemoryLayout<Element>.stride
    if let start = unsafe whole.take(bytes) {
      unsafe self.init(
        start.bindMemory(to: Element.self, capacity: max(1, count)), count: count, of: whole)
    } else {
      self.init(count: count, filledWith: 0)
    }
  }

  private init(_ base: UnsafeMutablePointer<Element>, count: Int, of whole: MemoryBlock) {
    unsafe self.base = base
    self.count = count
    self.whole = whole
  }

  deinit {
    if whole == nil { unsafe base.deallocate() }
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

  /// Copies `runs` times `count` elements, the first from `source` of `other` to `target`, each next one
  /// `sourceStep` and `targetStep` elements further on; they must not overlap.
  func copy(
    runs: Int, of count: Int, from source: Int, every sourceStep: Int,
    in other: WorkMemory<Element>, to target: Int, every targetStep: Int
  ) {
    guard runs > 0 else { return }
    other.check(source..<(source + (runs - 1) * sourceStep + count))
    check(target..<(target + (runs - 1) * targetStep + count))
    let bytes = count * MemoryLayout<Element>.stride
    guard bytes >= 8, bytes <= 16 else {
      for run in 0..<runs {
        unsafe (base + target + run * targetStep).update(
          from: other.base + source + run * sourceStep, count: count)
      }
      return
    }
    // Two words that overlap: a call for each run would take longer than the copy.
    var from = unsafe UnsafeRawPointer(other.base + source)
    var to = unsafe UnsafeMutableRawPointer(base + target)
    let (fromStep, toStep) = (
      sourceStep * MemoryLayout<Element>.stride, targetStep * MemoryLayout<Element>.stride
    )
    for _ in 0..<runs {
      let first = unsafe from.loadUnaligned(as: UInt64.self)
      let last = unsafe from.loadUnaligned(fromByteOffset: bytes - 8, as: UInt64.self)
      unsafe to.storeBytes(of: first, as: UInt64.self)
      unsafe to.storeBytes(of: last, toByteOffset: bytes - 8, as: UInt64.self)
      unsafe from += fromStep
      unsafe to += toStep
    }
  }

  /// Makes `runs` times `count` elements `value`, the first from `start` on, each next one `step` further on.
  func fill(runs: Int, of count: Int, from start: Int, every step: Int, with value: Element) {
    for run in 0..<runs { fill(from: start + run * step, count: count, with: value) }
  }

  private func check(_ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not inside \(count)")
  }
}

/// Memory for `count` elements that shares no cache line, nor the other one of a pair that processors fetch together,
/// with anything else: two threads that write to the same line wait for each other.
@unsafe
func allocateLines<Element>(of _: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
  let line = 128
  let bytes = (count * MemoryLayout<Element>.stride + line - 1) / line * line
  return unsafe UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: line)
    .bindMemory(to: Element.self, capacity: count)
}
