import Graph
import Tensors

/// The extents of a convolution, int8 or fp32.
struct Geometry {
  let window: Window
  let groups: Int
  let input: Shape
  let output: Shape

  /// Taps of the window.
  var taps: Int { window.height * window.width }
  /// Input channels that one output channel sees.
  var groupDepth: Int { input.channels / groups }
  /// Products of one sum.
  var depth: Int { taps * groupDepth }
  /// Output channels of a group.
  var groupOutputs: Int { output.channels / groups }
  /// Pixels of the result.
  var pixels: Int { output.height * output.width }

  /// Whether each channel is convolved by itself, one result each.
  var isDepthwise: Bool { groups == input.channels && output.channels == groups }

  /// Whether the input's rows of channels are the rows of the matrix product as they lie.
  var isPointwise: Bool {
    taps == 1 && groups == 1 && window.strideY == 1 && window.strideX == 1
      && window.padding == .none
  }

  /// Whether any tap of any pixel falls outside the input.
  var touchesPadding: Bool {
    let padding = window.padding
    let reachY = (output.height - 1) * window.strideY + (window.height - 1) * window.dilationY
    let reachX = (output.width - 1) * window.strideX + (window.width - 1) * window.dilationX
    return padding.top > 0 || padding.left > 0 || reachY - padding.top >= input.height
      || reachX - padding.left >= input.width
  }

  /// Whether neighbouring pixels of a row can share pointers: no gaps inside the window.
  private var sharesColumns: Bool { window.dilationX == 1 }

  /// Pointers from one pixel to the next in a row of pointers.
  var rowStep: Int { sharesColumns ? window.strideX * window.height : taps }

  /// Pointers of one row of output pixels.
  var pointerCount: Int {
    sharesColumns
      ? ((output.width - 1) * window.strideX + window.width) * window.height
      : output.width * taps
  }

  /// Calls `body` with the place of each pointer of output row `row` and the element it points to,
  /// `nil` for padding. Window columns are outer, window rows inner.
  func forEachPointer(row: Int, _ body: (_ place: Int, _ element: Int?) -> Void) {
    let top = row * window.strideY - window.padding.top
    let columns = sharesColumns ? pointerCount / window.height : output.width * window.width
    for column in 0..<columns {
      let x =
        sharesColumns
        ? column - window.padding.left
        : column / window.width * window.strideX + column % window.width * window.dilationX
          - window.padding.left
      let isInside = x >= 0 && x < input.width
      for tapRow in 0..<window.height {
        let y = top + tapRow * window.dilationY
        body(
          column * window.height + tapRow,
          isInside && y >= 0 && y < input.height
            ? (y * input.width + x) * input.channels : nil)
      }
    }
  }

  /// Depthwise weights `[channels, height, width, 1]` as `[width × height, channels]`, the order of
  /// `forEachPointer`.
  func tapMajor<Element>(_ weights: Span<Element>) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(weights.count)
    for column in 0..<window.width {
      for row in 0..<window.height {
        for channel in 0..<input.channels {
          result.append(weights[(channel * window.height + row) * window.width + column])
        }
      }
    }
    return result
  }
}

/// Gathers the inputs of output pixels into the rows of a matrix ("im2col"), a strip at a time.
struct Gatherer<Element: BitwiseCopyable> {
  let geometry: Geometry
  /// What padding holds.
  let zero: Element

  /// Writes one row of `depth` elements for each of `pixels` to `strip`, for `group`'s channels.
  func gather(
    pixels: Range<Int>, group: Int, from memory: WorkMemory<Element>, at base: Int,
    to strip: WorkMemory<Element>
  ) {
    let (window, input) = (geometry.window, geometry.input)
    let groupDepth = geometry.groupDepth
    let isWhole = geometry.groups == 1 && window.dilationX == 1
    var target = 0
    for pixel in pixels {
      let top = pixel / geometry.output.width * window.strideY - window.padding.top
      let left = pixel % geometry.output.width * window.strideX - window.padding.left
      for row in 0..<window.height {
        let y = top + row * window.dilationY
        let rowBase = base + y * input.width * input.channels + group * groupDepth
        if isWhole, y >= 0, y < input.height, left >= 0, left + window.width <= input.width {
          let count = window.width * input.channels
          strip.copy(
            from: rowBase + left * input.channels, of: memory, to: target, count: count)
          target += count
          continue
        }
        for column in 0..<window.width {
          let x = left + column * window.dilationX
          if y >= 0, y < input.height, x >= 0, x < input.width {
            strip.copy(
              from: rowBase + x * input.channels, of: memory, to: target, count: groupDepth)
          } else {
            var hole = strip.write(target..<(target + groupDepth))
            hole.update(repeating: zero)
          }
          target += groupDepth
        }
      }
    }
  }
}
