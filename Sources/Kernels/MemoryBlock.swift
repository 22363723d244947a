internal import CKernels
internal import Glibc

/// Memory from which parts are taken one after the other, to be given back all at once.
///
/// Fresh pages take longer to get from the system than to fill: what a body keeps lies together, so that large pages do
/// for most of it. Its bytes are 0 until they are written.
///
/// One thread takes parts of it; another may fetch its pages.
@safe
package final class MemoryBlock: @unchecked Sendable {
  private static let largePage = 2 << 20
  /// Bytes that may remain unused of the last large page.
  private static let mostRest = 512 << 10

  private let block: UnsafeMutableRawPointer?
  private let base: UnsafeMutableRawPointer?
  private let mapped: Int
  private let capacity: Int
  private var taken = 0

  /// Room for about `byteCount` bytes. Memory that nobody has written takes none.
  package init(byteCount: Int) {
    let rest = byteCount % Self.largePage
    let large = byteCount - rest + (Self.largePage - rest <= Self.mostRest ? Self.largePage : 0)
    // It may be some more: rows are padded for each part of a product.
    capacity = max(large, byteCount + byteCount / 8 + (64 << 10))
    mapped = capacity + Self.largePage
    let block = unsafe mmap(
      nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard unsafe block != MAP_FAILED, let block = unsafe block else {
      unsafe (base, self.block) = (nil, nil)
      return
    }
    unsafe self.block = block
    let address = Int(bitPattern: block)
    let start = unsafe block + (-address & (Self.largePage - 1))
    unsafe base = start
    // Where there are none, or they are not allowed, small ones do.
    if large > 0 { unsafe madvise(start, large, MADV_HUGEPAGE) }
  }

  deinit {
    if let block = unsafe block { unsafe munmap(block, mapped) }
  }

  /// Gets the pages of the first `byteCount` bytes from the system while another thread begins to fill them: those of the
  /// first large page are left to it, which would wait for them.
  package func fetchPages(_ byteCount: Int) {
    let end = min(byteCount, capacity)
    guard let base = unsafe base, end > Self.largePage else { return }
    unsafe krn_fetch_pages(base + Self.largePage, end - Self.largePage)
  }

  /// The next `byteCount` bytes, at a multiple of 64; `nil` if there are not so many. They are there as long as the
  /// block is.
  @unsafe
  package func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let start = (taken + 63) & ~63
    guard let base = unsafe base, byteCount <= capacity - start else { return nil }
    taken = start + byteCount
    return unsafe base + start
  }
}
