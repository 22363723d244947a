import Testing

@testable import Imaging

@Suite("Sixel previews")
struct PreviewSixelTests {
  /// What a terminal makes of one sixel picture: strict, so that what it takes any terminal takes.
  struct Decoder {
    private(set) var image: PixelImage
    /// How many pixels were drawn, and drawn more than once.
    private(set) var drawn = 0
    private(set) var overdrawn = 0

    init(_ text: String) throws {
      var rest = Array(text.utf8)[...]
      func need(_ condition: Bool, _ what: String) throws {
        if !condition {
          throw Unexpected(description: "\(what) at \(text.utf8.count - rest.count)")
        }
      }
      func number() throws -> Int {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        try need(!digits.isEmpty, "no number")
        rest = rest.dropFirst(digits.count)
        return Int(String(decoding: digits, as: UTF8.self)) ?? -1
      }
      func take(_ wanted: String) throws {
        try need(rest.starts(with: wanted.utf8), "no '\(wanted)'")
        rest = rest.dropFirst(wanted.utf8.count)
      }
      try take("\u{1B}P0;1q\"1;1;")
      let width = try number()
      try take(";")
      let height = try number()
      image = PixelImage(width: width, height: height)
      var seen = [Bool](repeating: false, count: width * height)
      var palette: [Int: [UInt8]] = [:]
      var (x, top, colour) = (0, 0, -1)
      while rest.first != 0x1B {
        let byte = rest.removeFirst()
        switch byte {
        case UInt8(ascii: "#"):
          colour = try number()
          if rest.first == UInt8(ascii: ";") {
            var parts: [Int] = []
            while rest.first == UInt8(ascii: ";") {
              rest.removeFirst()
              parts.append(try number())
            }
            try need(
              parts.count == 4 && parts[0] == 2 && parts[1...].allSatisfy { $0 <= 100 }, "RGB")
            palette[colour] = parts[1...].map { UInt8(($0 * 255 + 50) / 100) }
          }
        case UInt8(ascii: "$"): x = 0
        case UInt8(ascii: "-"): (x, top) = (0, top + 6)
        case UInt8(ascii: "!"), 63...126:
          let count = byte == UInt8(ascii: "!") ? try number() : 1
          let sixel = byte == UInt8(ascii: "!") ? rest.removeFirst() : byte
          try need((63...126).contains(sixel) && x + count <= width, "sixel")
          let bits = sixel - 63
          guard let rgb = palette[colour] else {
            throw Unexpected(description: "no colour \(colour)")
          }
          for column in x..<x + count {
            for row in 0..<6 where bits >> UInt8(row) & 1 == 1 {
              try need(top + row < height, "row")
              let place = (top + row) * width + column
              if seen[place] { overdrawn += 1 } else { drawn += 1 }
              seen[place] = true
              for channel in 0..<3 { image.pixels[place * 3 + channel] = rgb[channel] }
            }
          }
          x += count
        default: try need(false, "byte \(byte)")
        }
      }
      try take("\u{1B}\\")
      try need(rest.isEmpty, "something behind")
    }
  }

  @Test(
    "a picture of few colours comes back as it was", arguments: [(1, 1), (7, 6), (30, 13), (64, 5)])
  func exact(width: Int, height: Int) throws {
    let colours: [[UInt8]] = [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 102, 255]]
    var image = PixelImage(width: width, height: height)
    for place in 0..<width * height {
      let colour = colours[(place / 5 + place / width) % 4]
      for channel in 0..<3 { image.pixels[place * 3 + channel] = colour[channel] }
    }
    let decoded = try Decoder(PreviewSixel.encode(image))
    #expect(decoded.image == image)
    #expect(decoded.drawn == width * height && decoded.overdrawn == 0)
  }

  @Test("a photo comes back nearly as it was, in at most 64 colours")
  func near() throws {
    let photo = try Fixture.photo("rgb").decode(width: 96, height: 72)
    let text = PreviewSixel.encode(photo)
    let decoded = try Decoder(text)
    #expect(decoded.drawn == 96 * 72)
    let found = try difference(decoded.image, photo)
    #expect(found.mean < 8, "\(found)")
    #expect(text.split(separator: "#").count { $0.contains(";2;") } <= 64)
    let few = try difference(Decoder(PreviewSixel.encode(photo, colours: 4)).image, photo)
    #expect(few.mean > found.mean)
  }

  @Test("the same picture gives the same bytes")
  func golden() {
    let text = PreviewSixel.encode(drawing(width: 40, height: 20))
    #expect(text == PreviewSixel.encode(drawing(width: 40, height: 20)))
    #expect(fingerprint(Array(text.utf8)) == "83e9c8beb0824bc4")
  }

  @Test(
    "stays within its bytes and its size, in the photo's shape",
    arguments: [2000, 6000, 23_040, 32_768])
  func fits(budget: Int) throws {
    let photo = drawing(width: 640, height: 480)
    var sizes: [(Int, Int)] = []
    let text = try #require(
      try PreviewSixel.fitting(
        byteBudget: budget, width: 480, height: 320, photoWidth: 640, photoHeight: 480
      ) { (width, height) throws(Unexpected) in
        sizes.append((width, height))
        return photo.resized(width: width, height: height)
      })
    #expect(text.utf8.count <= budget)
    // Not much is left unused, unless the picture is as large as it may be.
    let image = try Decoder(text).image
    #expect(text.utf8.count * 3 > budget || image.height >= 300, "\(text.utf8.count) B")
    #expect(image.width <= 480 && image.height <= 320)
    #expect(abs(Double(image.width) * 480 / 640 - Double(image.height)) <= 1)
    #expect(sizes.count == 1)
  }

  @Test("what cannot carry even a tiny one gets none")
  func tooSmall() throws {
    let none = try PreviewSixel.fitting(
      byteBudget: 60, width: 480, height: 320, photoWidth: 640, photoHeight: 480
    ) { (width, height) throws(Unexpected) in drawing(width: width, height: height) }
    #expect(none == nil)
  }
}
