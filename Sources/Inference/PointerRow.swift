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
  /// Words past the last pointer that may be written.
  private static var spare: Int { 3 }
  /// Bytes of all pointers; one is a word.
  var byteCount: Int { count * MemoryLayout<Int>.stride }

  /// Room for `count` pointers.
  init(count: Int) {
    self.count = count
    unsafe nothing = .allocate(capacity: 1)
    unsafe storage = allocateLines(
      of: UnsafePointer<Element>.self, count: count + Self.spare)
    unsafe storage.initialize(repeating: UnsafePointer(nothing), count: count + Self.spare)
  }

  deinit {
    unsafe storage.deallocate()
    unsafe nothing.deallocate()
  }

  /// Points at the taps of output row `row` in the activation whose rows in `memory` are `rows`.
  ///
  /// Four window rows at a time, or fewer if the window has not as many: their pointers are stored together, for one
  /// column after the other.
  func point(
    to memory: WorkMemory<Element>, _ rows: Rows, padding: WorkMemory<Element>,
    geometry: Geometry, row: Int
  ) {
    precondition(geometry.pointerCount <= count, "\(geometry.pointerCount) pointers in \(count)")
    let (window, input) = (geometry.window, geometry.input)
    let height = window.height * geometry.copies
    let zeros = SIMD4(repeating: unsafe Int(bitPattern: padding.address(0)))
    for first in stride(from: 0, to: height, by: 4) {
      let first = max(0, min(first, height - 4))
      // Pointers to the first column of the input, and bytes from one column to the next.
      var (starts, steps) = (zeros, SIMD4<Int>.zero)
      for lane in 0..<min(4, height) {
        let tapRow = (first + lane) % window.height
        let y = row * window.strideY - window.padding.top + tapRow * window.dilationY
        guard y >= 0, y < input.height else { continue }
        starts[lane] = unsafe Int(bitPattern: memory.address(rows.offset(y)))
        steps[lane] = input.channels * MemoryLayout<Element>.stride
      }
      fill(from: first, height: height, starts, steps, zeros: zeros, geometry)
    }
  }

  /// Stores the pointers of four rows of a window of `height`, whose first is `first`, for all columns.
  ///
  /// Of a window of fewer rows the words that are too many are the next column's, stored after them, or spare ones.
  private func fill(
    from first: Int, height: Int, _ starts: SIMD4<Int>, _ steps: SIMD4<Int>, zeros: SIMD4<Int>,
    _ geometry: Geometry
  ) {
    let (window, width) = (geometry.window, geometry.input.width)
    let columns = geometry.pointerCount / height
    var place = unsafe UnsafeMutableRawPointer(storage + first)
    func store(_ pointers: SIMD4<Int>) {
      unsafe place.storeBytes(of: pointers, as: SIMD4<Int>.self)
      unsafe place += height * MemoryLayout<Int>.stride
    }
    if geometry.sharesColumns {
      // Padding on the left, the row, padding on the right.
      let left = min(columns, window.padding.left)
      let right = min(columns, left + width)
      for _ in 0..<left { store(zeros) }
      var pointers = starts
      for _ in left..<right {
        store(pointers)
        pointers &+= steps
      }
      for _ in right..<columns { store(zeros) }
    } else {
      for column in 0..<columns {
        let x =
          column / window.width * window.strideX + column % window.width * window.dilationX
          - window.padding.left
        store(x >= 0 && x < width ? starts &+ steps &* SIMD4(repeating: x) : zeros)
      }
    }
  }
}
