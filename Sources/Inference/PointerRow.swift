import Graph
import Tensors

/// Pointers to the taps of one row of output pixels: window columns outer, window rows inner.
@safe
final class PointerRow<Element: BitwiseCopyable> {
  /// The pointers; valid after `point` as long as what they point into.
  @unsafe var base: UnsafePointer<UnsafePointer<Element>> { unsafe UnsafePointer(storage) }
  private let storage: UnsafeMutablePointer<UnsafePointer<Element>>
  private let nothing: UnsafeMutablePointer<Element>
  let count: Int
  /// Bytes of all pointers; one is a word.
  var byteCount: Int { count * MemoryLayout<Int>.stride }

  /// Room for `count` pointers.
  init(count: Int) {
    self.count = count
    unsafe nothing = .allocate(capacity: 1)
    unsafe storage = allocateLines(of: UnsafePointer<Element>.self, count: max(1, count))
    unsafe storage.initialize(repeating: UnsafePointer(nothing), count: max(1, count))
  }

  deinit {
    unsafe storage.deallocate()
    unsafe nothing.deallocate()
  }

  /// Points at the taps of output row `row` in the activation whose rows in `memory` are `rows`.
  func point(
    to memory: WorkMemory<Element>, _ rows: Rows, padding: WorkMemory<Element>,
    geometry: Geometry, row: Int
  ) {
    precondition(geometry.pointerCount <= count, "\(geometry.pointerCount) pointers in \(count)")
    let window = geometry.window
    let (height, width, channels) = (
      geometry.input.height, geometry.input.width, geometry.input.channels
    )
    let (windowHeight, windowWidth) = (window.height * geometry.copies, window.width)
    let columns = geometry.pointerCount / windowHeight
    let sharesColumns = geometry.sharesColumns
    let zeros = unsafe UnsafePointer(padding.address(0))
    for tapRow in 0..<windowHeight {
      let inputRow =
        row * window.strideY - window.padding.top + tapRow % window.height * window.dilationY
      guard inputRow >= 0, inputRow < height else {
        for column in 0..<columns { unsafe storage[column * windowHeight + tapRow] = zeros }
        continue
      }
      let source = unsafe UnsafePointer(memory.address(rows.offset(inputRow)))
      if sharesColumns {
        // Padding on the left, the row, padding on the right.
        let left = min(columns, window.padding.left)
        let right = min(columns, left + width)
        for column in 0..<left { unsafe storage[column * windowHeight + tapRow] = zeros }
        var (slot, next) = unsafe (storage + left * windowHeight + tapRow, source)
        for _ in left..<right {
          unsafe slot.pointee = next
          unsafe slot += windowHeight
          unsafe next += channels
        }
        for column in right..<columns { unsafe storage[column * windowHeight + tapRow] = zeros }
      } else {
        for column in 0..<columns {
          let x =
            column / windowWidth * window.strideX + column % windowWidth * window.dilationX
            - window.padding.left
          unsafe storage[column * windowHeight + tapRow] =
            x >= 0 && x < width ? source + x * channels : zeros
        }
      }
    }
  }
}
