import Board
import Testing

@Suite struct CameraFrameTests {
  /// The red, green and blue bytes of a YUYV frame.
  static func pixels(_ frame: CameraFrame) -> [[UInt8]] {
    (0..<frame.height).map { y in
      var row = [UInt8](repeating: 77, count: 3 * frame.width)
      var span = row.mutableSpan
      frame.writeRGBRow(y, into: &span)
      return row
    }
  }

  @Test("turns the colours of a test chart into the ones they stand for")
  func colours() {
    // Y, Cb, Cr of BT.601 at full saturation, and what they are; one step of rounding is allowed.
    let chart: [([UInt8], [Int])] = [
      ([16, 128, 128], [0, 0, 0]), ([235, 128, 128], [255, 255, 255]),
      ([126, 128, 128], [128, 128, 128]),
      ([81, 90, 240], [255, 0, 0]), ([145, 54, 34], [0, 255, 0]), ([41, 240, 110], [0, 0, 255]),
      ([0, 128, 128], [0, 0, 0]), ([255, 128, 128], [255, 255, 255]),
    ]
    for (yuv, rgb) in chart {
      let frame = CameraFrame(
        format: .yuyv(bytesPerRow: 4), width: 2, height: 1, bytes: [yuv[0], yuv[1], yuv[0], yuv[2]])
      let row = Self.pixels(frame)[0].map(Int.init)
      for index in 0..<6 { #expect(abs(row[index] - rgb[index % 3]) <= 1, "\(yuv): \(row)") }
    }
  }

  @Test("agrees with the equations of BT.601 in floating point, for every colour and both pixels")
  func equations() {
    for seed in 0..<2000 {
      var random = Seeded(seed: seed)
      let bytes = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
      let frame = CameraFrame(format: .yuyv(bytesPerRow: 4), width: 2, height: 1, bytes: bytes)
      let row = Self.pixels(frame)[0]
      let (blue, red) = (Double(bytes[1]) - 128, Double(bytes[3]) - 128)
      for pixel in 0..<2 {
        let light = 255 / 219 * (Double(bytes[2 * pixel]) - 16)
        let wanted = [
          light + 1.402 * 255 / 224 * red,
          light - 0.344136 * 255 / 224 * blue - 0.714136 * 255 / 224 * red,
          light + 1.772 * 255 / 224 * blue,
        ]
        for channel in 0..<3 {
          let found = Double(row[3 * pixel + channel])
          #expect(abs(found - min(max(wanted[channel], 0), 255)) <= 1.5, "\(bytes)")
        }
      }
    }
  }

  @Test("passes over the padding at the end of rows")
  func padding() {
    let (dark, light): ([UInt8], [UInt8]) = ([16, 128, 16, 128], [235, 128, 235, 128])
    let frame = CameraFrame(
      format: .yuyv(bytesPerRow: 7), width: 2, height: 2, bytes: dark + [9, 9, 9] + light)
    #expect(frame.isComplete)
    #expect(
      Self.pixels(frame) == [[UInt8](repeating: 0, count: 6), [UInt8](repeating: 255, count: 6)])
  }

  @Test("knows frames that are too short for what they claim")
  func incomplete() {
    let full = CameraFrame(
      format: .yuyv(bytesPerRow: 8), width: 4, height: 2, bytes: [UInt8](repeating: 1, count: 16))
    #expect(full.isComplete)
    var frame = full
    frame.bytes.removeLast()
    #expect(!frame.isComplete)
    for (width, height, bytesPerRow) in [(3, 2, 8), (4, 0, 8), (4, 2, 7), (0, 2, 8), (4, 3, 8)] {
      frame = full
      (frame.width, frame.height) = (width, height)
      frame.format = .yuyv(bytesPerRow: bytesPerRow)
      #expect(!frame.isComplete)
    }
    #expect(!CameraFrame(format: .jpeg, width: 1, height: 1, bytes: [1, 2]).isComplete)
  }
}
