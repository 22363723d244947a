import Graph
import Tensors

/// The extents of a convolution, int8 or fp32.
struct Geometry {
  let window: Window
  let groups: Int
  let input: Extent
  let output: Extent
  /// How often a pointer to each tap is kept: twice for depthwise weights of two bytes.
  var copies = 1

  /// Height, width and channels of an activation, at hand: a shape must look for them.
  struct Extent {
    let height: Int
    let width: Int
    let channels: Int

    init(_ shape: Shape) {
      height = shape.height
      width = shape.width
      channels = shape.channels
    }
  }

  init(window: Window, groups: Int, input: Shape, output: Shape) {
    self.window = window
    self.groups = groups
    self.input = Extent(input)
    self.output = Extent(output)
  }

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
  var sharesColumns: Bool { window.dilationX == 1 }

  /// Pointers from one pixel to the next in a row of pointers.
  var rowStep: Int { sharesColumns ? window.strideX * window.height * copies : taps * copies }

  /// Pointers of one row of output pixels.
  var pointerCount: Int {
    sharesColumns
      ? ((output.width - 1) * window.strideX + window.width) * window.height * copies
      : output.width * taps * copies
  }

  /// Depthwise weights `[channels, height, width, 1]` as `[width × height, channels]`, the order of
  /// `PointerRow`.
  ///
  /// `second` are those of the second pointers to each tap, if there are.
  func tapMajor<Element: BitwiseCopyable>(_ weights: Span<Element>, second: [Element] = [])
    -> [Element]
  {
    let (height, width, channels) = (window.height, window.width, input.channels)
    precondition(
      weights.count == taps * channels, "\(weights.count) weights for \(taps) × \(channels)")
    return unsafe weights.withUnsafeBufferPointer { weights in
      unsafe Array(unsafeUninitializedCapacity: weights.count * copies) { result, count in
        for column in 0..<width {
          for row in 0..<(height * copies) {
            var place = row % height * width + column
            if row < height {
              for channel in 0..<channels {
                unsafe result.initializeElement(at: count + channel, to: weights[place])
                place += height * width
              }
            } else {
              for channel in 0..<channels {
                unsafe result.initializeElement(at: count + channel, to: second[place])
                place += height * width
              }
            }
            count += channels
          }
        }
      }
    }
  }
}
