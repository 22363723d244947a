/// A photo drawn with characters, of a size chosen for a terminal and the speed of its line.
///
/// Lines end in CR LF; colours are reset at the end of each. A cell of the terminal is taken to be twice
/// as high as wide.
package struct Preview: Hashable, Sendable {
  /// What a cell shows.
  package enum Style: String, Hashable, Sendable, CaseIterable {
    /// Two pixels one above the other (`▀`), in 24-bit colour.
    case trueColour
    /// The same in xterm's 256 colours: about half the bytes.
    case palette256
    /// One ASCII character by brightness: for any terminal and the slowest line.
    case ascii

    /// The most bytes a cell can take: colour of both halves and `▀`.
    var cellByteLimit: Int {
      switch self {
      case .trueColour: "\u{1B}[38;2;255;255;255;48;2;255;255;255m▀".utf8.count
      case .palette256: "\u{1B}[38;5;255;48;5;255m▀".utf8.count
      case .ascii: 1
      }
    }

    /// Bytes that end a line.
    var lineEnd: String { self == .ascii ? "\r\n" : "\u{1B}[0m\r\n" }
  }

  package let style: Style
  /// Cells across.
  package let columns: Int
  /// Cells down.
  package let rows: Int

  /// A preview `columns` wide; rows follow from the photo's shape.
  package init(style: Style, columns: Int, photoWidth: Int, photoHeight: Int) {
    precondition(
      columns >= 1 && photoWidth >= 1 && photoHeight >= 1,
      "no preview of \(photoWidth)×\(photoHeight) in \(columns) columns")
    self.style = style
    self.columns = columns
    let height = Double(columns) * Double(photoHeight) / Double(photoWidth) / 2
    self.rows = max(1, Int(height.rounded()))
  }

  /// The best preview that `seconds` of the line can carry and the terminal can show.
  ///
  /// Tries `styles` in order and takes the first that is at least `minimumColumns` wide, as wide as
  /// possible; else the last style, if at least 8 columns fit; else `nil`. A line of 8 data bits carries
  /// a tenth of its baud as bytes: 115,200 baud are 11,520 bytes a second.
  package static func fitting(
    bytesPerSecond: Int, seconds: Double, photoWidth: Int, photoHeight: Int,
    styles: [Style] = Style.allCases, columns: Int = 80, rows: Int = 22, minimumColumns: Int = 32
  ) -> Preview? {
    let budget = Double(bytesPerSecond) * seconds
    for style in styles {
      let least = style == styles.last ? 8 : minimumColumns
      guard columns >= least else { continue }
      for width in (least...columns).reversed() {
        let preview = Preview(
          style: style, columns: width, photoWidth: photoWidth, photoHeight: photoHeight)
        if preview.rows <= rows, Double(preview.byteLimit) <= budget { return preview }
      }
    }
    return nil
  }

  /// Size at which to decode the photo so that nothing is scaled again.
  package var pixelSize: (width: Int, height: Int) {
    (columns, style == .ascii ? rows : rows * 2)
  }

  /// The most bytes that ``render(_:)`` gives (UTF-8). Colours that stay the same from cell to cell are
  /// not repeated, so a plain picture takes far fewer.
  package var byteLimit: Int {
    rows * (columns * style.cellByteLimit + style.lineEnd.utf8.count)
  }

  /// The picture as text, `rows` lines of `columns` cells.
  package func render(_ image: PixelImage) -> String {
    let size = pixelSize
    let fitted =
      image.width == size.width && image.height == size.height
      ? image : image.resized(width: size.width, height: size.height)
    var text = ""
    text.reserveCapacity(byteLimit)
    switch style {
    case .trueColour:
      appendHalfBlocks(of: fitted, to: &text) { "2;\($0.red);\($0.green);\($0.blue)" }
    case .palette256:
      appendHalfBlocks(of: fitted, to: &text) { "5;\($0.paletteIndex)" }
    case .ascii: appendASCII(of: fitted, to: &text)
    }
    return text
  }

  private func appendHalfBlocks(
    of image: PixelImage, to text: inout String, code: (Colour) -> String
  ) {
    for row in 0..<rows {
      var (foreground, background) = ("", "")
      for x in 0..<columns {
        let upper = code(Colour(image, x: x, y: row * 2))
        let lower = code(Colour(image, x: x, y: row * 2 + 1))
        let plain = upper == lower
        var changes: [String] = []
        if !plain, upper != foreground { changes.append("38;" + upper) }
        if lower != background { changes.append("48;" + lower) }
        if !changes.isEmpty { text += "\u{1B}[" + changes.joined(separator: ";") + "m" }
        if !plain { foreground = upper }
        background = lower
        text += plain ? " " : "▀"
      }
      text += style.lineEnd
    }
  }

  /// Brighter is denser, for light text on a dark screen; the darkest and brightest fiftieth of the
  /// pixels are clipped, so that a dim photo is still seen.
  private func appendASCII(of image: PixelImage, to text: inout String) {
    let ramp = Array(" .:-=+*#%@")
    let brightness = (0..<image.width * image.height).map {
      Colour(image, x: $0 % image.width, y: $0 / image.width).brightness
    }
    let sorted = brightness.sorted()
    let clipped = sorted.count / 50
    var (dark, bright) = (sorted[clipped], sorted[sorted.count - 1 - clipped])
    let leastContrast = 48
    if bright - dark < leastContrast {
      dark = max(0, min(255 - leastContrast, (dark + bright - leastContrast) / 2))
      bright = dark + leastContrast
    }
    for row in 0..<rows {
      for x in 0..<columns {
        let level = (brightness[row * columns + x] - dark) * ramp.count / (bright - dark + 1)
        text.append(ramp[max(0, min(ramp.count - 1, level))])
      }
      text += style.lineEnd
    }
  }
}

/// `image` in 24-bit half blocks, or in 256 colours, `columns` wide.
package func halfBlockPreview(
  _ image: PixelImage, columns: Int, palette256: Bool = false
) -> String {
  Preview(
    style: palette256 ? .palette256 : .trueColour, columns: columns, photoWidth: image.width,
    photoHeight: image.height
  ).render(image)
}

/// `image` in ASCII characters, `columns` wide.
package func asciiPreview(_ image: PixelImage, columns: Int) -> String {
  Preview(style: .ascii, columns: columns, photoWidth: image.width, photoHeight: image.height)
    .render(image)
}

/// One pixel.
struct Colour: Hashable {
  let red: Int
  let green: Int
  let blue: Int

  init(red: Int, green: Int, blue: Int) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  init(_ image: PixelImage, x: Int, y: Int) {
    let start = (y * image.width + x) * 3
    let pixels = image.pixels
    self.init(red: Int(pixels[start]), green: Int(pixels[start + 1]), blue: Int(pixels[start + 2]))
  }

  /// Luma of BT.601, 0...255.
  var brightness: Int { (77 * red + 150 * green + 29 * blue) >> 8 }

  /// The nearest of xterm's colours 16...255: a cube of six levels a channel, then 24 greys.
  var paletteIndex: Int {
    let cube = [red, green, blue].map(Self.nearestLevel)
    let grey = max(0, min(23, ((red + green + blue) / 3 - 3) / 10))
    let inCube = Colour(
      red: Self.levels[cube[0]], green: Self.levels[cube[1]], blue: Self.levels[cube[2]])
    let inGreys = Colour(red: 8 + 10 * grey, green: 8 + 10 * grey, blue: 8 + 10 * grey)
    return distance(to: inGreys) < distance(to: inCube)
      ? 232 + grey : 16 + 36 * cube[0] + 6 * cube[1] + cube[2]
  }

  private static let levels = [0, 95, 135, 175, 215, 255]

  private static func nearestLevel(_ value: Int) -> Int {
    value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40
  }

  /// Sum of squared differences.
  func distance(to other: Colour) -> Int {
    let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
    return r * r + g * g + b * b
  }
}
