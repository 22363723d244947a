/// A frame as a camera's driver gave it.
package struct CameraFrame: Hashable, Sendable {
  /// How its bytes are to be read.
  package enum Format: Hashable, Sendable {
    /// One JPEG, perhaps with something after it.
    case jpeg
    /// Two pixels in four bytes: Y₀ Cb Y₁ Cr; a row takes `bytesPerRow`.
    case yuyv(bytesPerRow: Int)
  }

  package var format: Format
  package var width: Int
  package var height: Int
  package var bytes: [UInt8]

  /// A frame of `width × height` pixels.
  package init(format: Format, width: Int, height: Int, bytes: [UInt8]) {
    (self.format, self.width, self.height, self.bytes) = (format, width, height, bytes)
  }

  /// Whether `bytes` holds as much as the format and the size say: of a JPEG, that it is one.
  package var isComplete: Bool {
    switch format {
    case .jpeg: FrameSplitter.isOnePicture(bytes)
    case .yuyv(let bytesPerRow):
      width >= 2 && width.isMultiple(of: 2) && height >= 1 && bytesPerRow >= 2 * width
        && bytes.count >= bytesPerRow * (height - 1) + 2 * width
    }
  }

  /// The JPEG at the beginning of `bytes`, without the padding that drivers leave after it.
  package mutating func trimPadding() {
    guard format == .jpeg, !isComplete else { return }
    var splitter = FrameSplitter(mostFrameBytes: bytes.count + 1)
    if let first = splitter.feed(bytes).first { bytes = first }
  }

  /// Writes row `y` of a YUYV frame as red, green, blue bytes into `row`, which holds 3 × `width`.
  ///
  /// Video range (black is 16, white 235), the colours of ITU-R BT.601, as webcams give it; whole numbers,
  /// so that the same bytes come out everywhere. The frame has to be complete.
  ///
  /// - Source: ITU-R BT.601-7, its equations for E'Y, E'CB, E'CR, inverted and scaled by 256.
  package func writeRGBRow(_ y: Int, into row: inout MutableSpan<UInt8>) {
    guard case .yuyv(let bytesPerRow) = format else {
      preconditionFailure("a JPEG frame has no rows of pixels")
    }
    precondition((0..<height).contains(y) && row.count >= 3 * width, "row \(y) of \(height)")
    let bytes = bytes.span
    let start = y * bytesPerRow
    for pair in 0..<width / 2 {
      let at = start + 4 * pair
      let (blue, red) = (Int32(bytes[at + 1]) - 128, Int32(bytes[at + 3]) - 128)
      // 256 × 1.596, 0.391, 0.813 and 2.018; half of 256 rounds.
      let (r, g, b) = (409 * red + 128, -100 * blue - 208 * red + 128, 516 * blue + 128)
      for pixel in 0..<2 {
        let light = 298 * (Int32(bytes[at + 2 * pixel]) - 16)
        let to = 3 * (2 * pair + pixel)
        row[to] = UInt8(clamping: (light + r) >> 8)
        row[to + 1] = UInt8(clamping: (light + g) >> 8)
        row[to + 2] = UInt8(clamping: (light + b) >> 8)
      }
    }
  }
}
