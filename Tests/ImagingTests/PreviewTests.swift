import Testing

@testable import Imaging

@Suite("Previews")
struct PreviewTests {
  static let styles = Preview.Style.allCases

  private func lines(_ text: String) -> [String] {
    text.utf8.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Text without colour sequences.
  private func cells(_ line: String) -> String {
    var (plain, inSequence) = ("", false)
    for character in line.unicodeScalars where character != "\r" {
      if character == "\u{1B}" { inSequence = true }
      if !inSequence { plain.unicodeScalars.append(character) }
      if inSequence, character == "m" { inSequence = false }
    }
    return plain
  }

  @Test("has the columns and rows it says, within its byte limit", arguments: styles)
  func shape(style: Preview.Style) throws {
    for (width, height, columns) in [(64, 48, 40), (30, 90, 7), (200, 10, 80), (1, 1, 1)] {
      let image = drawing(width: width, height: height)
      let preview = Preview(
        style: style, columns: columns, photoWidth: width, photoHeight: height)
      let text = preview.render(image)
      #expect(text.utf8.count <= preview.byteLimit)
      #expect(text.hasSuffix("\r\n"))
      let lines = lines(text)
      #expect(lines.count == preview.rows)
      #expect(lines.allSatisfy { cells($0).count == columns })
    }
  }

  @Test("the byte limit is reached by the worst picture", arguments: Preview.Style.allCases)
  func worstCase(style: Preview.Style) {
    var image = PixelImage(width: 10, height: 8)
    for i in 0..<80 {
      let value: UInt8 = (i % 10 + i / 10) % 2 == 0 ? 255 : 231
      for channel in 0..<3 { image.pixels[i * 3 + channel] = value }
    }
    let preview = Preview(style: style, columns: 10, photoWidth: 10, photoHeight: 8)
    #expect(preview.rows == 4)
    let found = preview.render(image).utf8.count
    #expect(found == preview.byteLimit)
  }

  @Test("half blocks carry the colours of both pixels, once where they stay")
  func halfBlocks() {
    let red: [UInt8] = [255, 0, 0]
    let blue: [UInt8] = [0, 0, 255]
    let image = PixelImage(width: 3, height: 2, pixels: red + red + blue + blue + blue + blue)
    #expect(
      halfBlockPreview(image, columns: 3)
        == "\u{1B}[38;2;255;0;0;48;2;0;0;255m▀▀ \u{1B}[0m\r\n")
    #expect(
      halfBlockPreview(image, columns: 3, palette256: true)
        == "\u{1B}[38;5;196;48;5;21m▀▀ \u{1B}[0m\r\n")
  }

  @Test("ASCII is denser where the photo is brighter, and uses the whole ramp on a dim one")
  func ascii() {
    var image = PixelImage(width: 100, height: 2)
    for i in 0..<200 {
      for channel in 0..<3 { image.pixels[i * 3 + channel] = UInt8(20 + i % 100) }
    }
    let text = cells(lines(asciiPreview(image, columns: 100))[0])
    let ramp = Array(" .:-=+*#%@")
    let levels = text.compactMap { ramp.firstIndex(of: $0) }
    #expect(levels.count == 100 && levels == levels.sorted())
    #expect(levels.first == 0 && levels.last == 9)
    let grey = asciiPreview(PixelImage(width: 8, height: 8, filledWith: 120), columns: 8)
    #expect(Set(cells(grey).filter { $0 != "\n" }).count == 1)
  }

  @Test("the palette's colour is the nearest of all 240")
  func palette() {
    let levels = [0, 95, 135, 175, 215, 255]
    var colours: [Colour] = []
    for red in levels {
      for green in levels {
        for blue in levels { colours.append(Colour(red: red, green: green, blue: blue)) }
      }
    }
    for grey in 0..<24 {
      let level = 8 + 10 * grey
      colours.append(Colour(red: level, green: level, blue: level))
    }
    var random = SplitMix64(mixing: 1)
    for _ in 0..<500 {
      let word = Int(random.next() & 0xFF_FFFF)
      let colour = Colour(red: word & 255, green: word >> 8 & 255, blue: word >> 16)
      let chosen = colours[colour.paletteIndex - 16]
      let best = colours.map { colour.distance(to: $0) }.min()
      #expect(colour.distance(to: chosen) == best)
    }
  }

  @Test("fits the line: richer and larger on a faster one, nothing on one too slow")
  func fitting() throws {
    func preview(baud: Int, seconds: Double = 2) -> Preview? {
      Preview.fitting(
        bytesPerSecond: baud / 10, seconds: seconds, photoWidth: 640, photoHeight: 480)
    }
    for baud in [9600, 38_400, 115_200, 921_600] {
      let preview = try #require(preview(baud: baud))
      #expect(preview.byteLimit <= baud / 10 * 2 && preview.rows <= 22 && preview.columns <= 80)
    }
    #expect(preview(baud: 9600)?.style == .ascii)
    #expect(preview(baud: 115_200)?.style == .trueColour)
    #expect(preview(baud: 300, seconds: 0.5) == nil)
    let wide = Preview.fitting(
      bytesPerSecond: 92_160, seconds: 2, photoWidth: 3000, photoHeight: 500, columns: 100)
    #expect(wide?.columns == 100)
  }
}
