/// A picture in memory: three bytes a pixel, red, green, blue; rows from the top, without padding.
package struct PixelImage: Hashable, Sendable {
  /// Pixels across, at least 1.
  package let width: Int
  /// Pixels down, at least 1.
  package let height: Int
  /// `[height, width, 3]`, row-major.
  package var pixels: [UInt8]

  /// A picture of `pixels`; traps unless there are exactly `width × height × 3` of them.
  package init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width >= 1 && height >= 1 && pixels.count == width * height * 3,
      "\(pixels.count) bytes are no \(width)×\(height) picture of three channels")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour, black unless said otherwise.
  package init(width: Int, height: Int, filledWith grey: UInt8 = 0) {
    self.init(
      width: width, height: height, pixels: [UInt8](repeating: grey, count: width * height * 3))
  }

  /// The whole picture, squeezed or stretched to `width × height`.
  ///
  /// - Complexity: O(pixels of the larger picture); one row of weights and a few rows of pixels are
  ///   held besides the result.
  package func resized(width: Int, height: Int, filter: ResampleFilter = .triangle) -> PixelImage {
    var result = PixelImage(width: width, height: height)
    var resizer = RowResizer()
    resizer.begin(
      source: (self.width, self.height),
      box: PixelBox(width: Double(self.width), height: Double(self.height)),
      width: width, height: height, filter: filter)
    let rowByteCount = self.width * 3
    var output = result.pixels.mutableSpan
    for y in 0..<self.height {
      let row = pixels.span.extracting(y * rowByteCount..<(y + 1) * rowByteCount)
      resizer.push(row, into: &output)
    }
    return result
  }
}
