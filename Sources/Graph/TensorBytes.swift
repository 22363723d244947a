import Glibc
import Synchronization

/// The memory behind stored tensors: an allocation of its own or a mapped file. Never changes.
///
/// Sharing it between threads is safe because nothing writes to it after it is made.
@safe
final class TensorBytes: @unchecked Sendable {
  private let base: UnsafeRawPointer
  /// Bytes owned.
  let byteCount: Int
  private let isMapped: Bool
  /// Whether `releasePages` waits for better times.
  private let isKept = Atomic(false)

  /// Takes over a mapping made by `mmap`.
  init(mapping base: UnsafeRawPointer, byteCount: Int) {
    unsafe self.base = base
    self.byteCount = byteCount
    isMapped = true
  }

  /// A copy of `source`, 64-byte aligned.
  init<Element: BitwiseCopyable>(copying source: Span<Element>) {
    byteCount = source.count * MemoryLayout<Element>.stride
    let block = UnsafeMutableRawPointer.allocate(byteCount: max(1, byteCount), alignment: 64)
    unsafe source.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress {
        unsafe block.copyMemory(from: start, byteCount: bytes.count)
      }
    }
    unsafe base = UnsafeRawPointer(block)
    isMapped = false
  }

  deinit {
    if isMapped {
      unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
    } else {
      unsafe base.deallocate()
    }
  }

  /// All bytes; the view cannot outlive the owner.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { elements(at: 0, count: byteCount, as: UInt8.self) }
  }

  /// Lets go of the memory behind a mapped file, as when its bytes were copied or are not needed soon; it is
  /// read again when it is looked at. Does nothing for an allocation, nor between `keepPages` and `dropPages`.
  func releasePages() {
    if !isKept.load(ordering: .relaxed) { advise(0..<byteCount, MADV_DONTNEED) }
  }

  /// Keeps what is in memory there: somebody is reading all of it.
  func keepPages() { isKept.store(true, ordering: .relaxed) }

  /// Ends what `keepPages` began, and lets go of the memory behind `bytes`.
  func dropPages(_ bytes: Range<Int>) {
    isKept.store(false, ordering: .relaxed)
    advise(bytes, MADV_DONTNEED)
  }

  private func advise(_ bytes: Range<Int>, _ advice: Int32) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let start = bytes.lowerBound / page * page
    guard isMapped, start >= 0, bytes.upperBound <= byteCount, start < bytes.upperBound else {
      return
    }
    let first = unsafe UnsafeMutableRawPointer(mutating: base) + start
    unsafe madvise(first, bytes.upperBound - start, advice)
  }

  /// `count` elements from byte `offset` on, which must be inside and aligned.
  @_lifetime(borrow self)
  func elements<Element: BitwiseCopyable>(
    at offset: Int, count: Int, as _: Element.Type
  ) -> Span<Element> {
    let size = MemoryLayout<Element>.stride
    precondition(
      offset >= 0 && count >= 0 && offset <= byteCount && count <= (byteCount - offset) / size
        && offset % MemoryLayout<Element>.alignment == 0,
      "\(count) elements at \(offset) are not inside \(byteCount) bytes")
    let start = unsafe base.advanced(by: offset).assumingMemoryBound(to: Element.self)
    let span = unsafe Span(_unsafeStart: start, count: count)
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}
