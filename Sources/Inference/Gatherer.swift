import Graph
import Tensors

/// Gathers the inputs of output pixels into the rows of a matrix ("im2col"), a strip at a time.
struct Gatherer<Element: BitwiseCopyable> {
  let geometry: Geometry
  /// What padding holds.
  let zero: Element
  /// Elements of a row that are appended to it once more, for weights of two bytes.
  var repeated: [Int] = []

  /// Rows begin at multiples of this many elements; what is between them may be anything.
  var grain = 1

  /// Elements from one row to the next, the repeated ones included.
  var rowStep: Int { (geometry.depth + repeated.count + grain - 1) / grain * grain }

  /// Writes a row for each of `pixels` to `strip`, for `group`'s channels, from the activation whose rows in
  /// `memory` are `rows`.
  func gather(
    pixels: Range<Int>, group: Int, from memory: WorkMemory<Element>, _ rows: Rows,
    to strip: WorkMemory<Element>
  ) {
    let outputWidth = geometry.output.width
    var (y, x) = (pixels.lowerBound / outputWidth, pixels.lowerBound % outputWidth)
    var (done, target) = (0, 0)
    while done < pixels.count {
      let columns = x..<min(outputWidth, x + pixels.count - done)
      gather(row: y, columns, group: group, from: memory, rows, to: strip, at: target)
      done += columns.count
      target += columns.count * rowStep
      (y, x) = (y + 1, 0)
    }
    for pixel in 0..<(repeated.isEmpty ? 0 : pixels.count) {
      let row = pixel * rowStep
      for (place, element) in repeated.enumerated() {
        strip.copy(from: row + element, of: strip, to: row + geometry.depth + place, count: 1)
      }
    }
  }

  /// The rows of the pixels `columns` of row `y` of the result, from `target` on.
  private func gather(
    row y: Int, _ columns: Range<Int>, group: Int, from memory: WorkMemory<Element>, _ rows: Rows,
    to strip: WorkMemory<Element>, at target: Int
  ) {
    let window = geometry.window
    let (channels, depth) = (geometry.input.channels, geometry.groupDepth)
    // Where all of a window's row is inside and lies together, it is copied at once.
    let isWhole = geometry.groups == 1 && window.dilationX == 1
    let inside = seen(columns, tap: 0).clamped(to: seen(columns, tap: window.width - 1))
    let inner = isWhole ? inside : columns.upperBound..<columns.upperBound
    for tapRow in 0..<window.height {
      let inputRow = y * window.strideY - window.padding.top + tapRow * window.dilationY
      let place = target + tapRow * window.width * depth
      guard inputRow >= 0, inputRow < geometry.input.height else {
        strip.fill(
          runs: columns.count, of: window.width * depth, from: place, every: rowStep, with: zero)
        continue
      }
      let start = rows.offset(inputRow) + group * depth
      /// One tap of some pixels, or as many as lie together.
      func copy(_ pixels: Range<Int>, tap column: Int, count: Int) {
        let left = pixels.lowerBound * window.strideX + offset(column)
        strip.copy(
          runs: pixels.count, of: count, from: start + left * channels,
          every: window.strideX * channels, in: memory,
          to: place + (pixels.lowerBound - columns.lowerBound) * rowStep + column * depth,
          every: rowStep)
      }
      func pad(_ pixels: Range<Int>, tap column: Int) {
        strip.fill(
          runs: pixels.count, of: depth,
          from: place + (pixels.lowerBound - columns.lowerBound) * rowStep + column * depth,
          every: rowStep, with: zero)
      }
      func border(_ pixels: Range<Int>) {
        for column in 0..<(pixels.isEmpty ? 0 : window.width) {
          let seen = seen(pixels, tap: column)
          if !seen.isEmpty { copy(seen, tap: column, count: depth) }
          pad(pixels.lowerBound..<seen.lowerBound, tap: column)
          pad(seen.upperBound..<pixels.upperBound, tap: column)
        }
      }
      border(columns.lowerBound..<inner.lowerBound)
      if !inner.isEmpty { copy(inner, tap: 0, count: window.width * channels) }
      border(inner.upperBound..<columns.upperBound)
    }
  }

  /// Column of the input that tap `column` of the pixel at 0 sees.
  private func offset(_ column: Int) -> Int {
    column * geometry.window.dilationX - geometry.window.padding.left
  }

  /// Those of `pixels`, columns of the result, whose tap `column` falls into the input; an empty range of
  /// them if none does.
  private func seen(_ pixels: Range<Int>, tap column: Int) -> Range<Int> {
    let (offset, stride) = (offset(column), geometry.window.strideX)
    let first = offset >= 0 ? 0 : (stride - 1 - offset) / stride
    let left = geometry.input.width - offset
    let end = left <= 0 ? 0 : (left + stride - 1) / stride
    let start = min(max(pixels.lowerBound, first), pixels.upperBound)
    return start..<max(start, min(pixels.upperBound, end))
  }
}
