import Graph
import Tensors

/// Gathers the inputs of output pixels into the rows of a matrix ("im2col"), a strip at a time.
struct Gatherer<Element: BitwiseCopyable> {
  let geometry: Geometry
  /// What padding holds.
  let zero: Element
  /// Elements of a row that are appended to it once more, for weights of two bytes.
  var repeated: [Int] = []

  /// Elements of a row with the repeated ones.
  var rowCount: Int { geometry.depth + repeated.count }

  /// Writes one row of `rowCount` elements for each of `pixels` to `strip`, for `group`'s channels,
  /// from the activation whose rows in `memory` are `rows`.
  func gather(
    pixels: Range<Int>, group: Int, from memory: WorkMemory<Element>, _ rows: Rows,
    to strip: WorkMemory<Element>
  ) {
    let window = geometry.window
    let (height, width, channels) = (
      geometry.input.height, geometry.input.width, geometry.input.channels
    )
    let outputWidth = geometry.output.width
    let (groupDepth, first) = (geometry.groupDepth, group * geometry.groupDepth)
    let isWhole = geometry.groups == 1 && window.dilationX == 1
    let windowDepth = window.width * channels
    var (y, x) = (pixels.lowerBound / outputWidth, pixels.lowerBound % outputWidth)
    var target = 0
    for _ in pixels {
      let top = y * window.strideY - window.padding.top
      let left = x * window.strideX - window.padding.left
      for tapRow in 0..<window.height {
        let inputRow = top + tapRow * window.dilationY
        guard inputRow >= 0, inputRow < height else {
          strip.fill(from: target, count: window.width * groupDepth, with: zero)
          target += window.width * groupDepth
          continue
        }
        let rowStart = rows.offset(inputRow) + first
        if isWhole, left >= 0, left + window.width <= width {
          strip.copy(from: rowStart + left * channels, of: memory, to: target, count: windowDepth)
          target += windowDepth
          continue
        }
        for column in 0..<window.width {
          let inputColumn = left + column * window.dilationX
          if inputColumn >= 0, inputColumn < width {
            strip.copy(
              from: rowStart + inputColumn * channels, of: memory, to: target, count: groupDepth)
          } else {
            strip.fill(from: target, count: groupDepth, with: zero)
          }
          target += groupDepth
        }
      }
      let row = target - geometry.depth
      for element in repeated {
        strip.copy(from: row + element, of: strip, to: target, count: 1)
        target += 1
      }
      x += 1
      if x == outputWidth { (y, x) = (y + 1, 0) }
    }
  }
}
