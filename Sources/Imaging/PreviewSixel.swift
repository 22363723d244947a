/// A photo as sixels: the graphics of DEC's terminals, which xterm, foot, WezTerm, mlterm and others show.
///
/// A string `ESC P q … ESC \`: a palette, then bands of six rows, each colour's pixels of a band in one
/// pass, runs shortened. Nothing is dithered: it would cost bytes, and the line is slow.
package enum PreviewSixel {
  /// Most colours of a picture.
  package static let mostColours = 64
  /// Less than this many pixels across shows nothing; other previews do better.
  package static let leastWidth = 24

  /// `image` as one sixel picture with at most `colours` colours (2...64), without a line's end.
  package static func encode(_ image: PixelImage, colours: Int = mostColours) -> String {
    let palette = PreviewPalette(image, count: max(2, min(mostColours, colours)))
    let indices = palette.indices(of: image)
    // The raster's aspect 1:1 and its size, so that a terminal makes room at once.
    var text = "\u{1B}P0;1q\"1;1;\(image.width);\(image.height)"
    for (number, colour) in palette.colours.enumerated() {
      let parts = [colour.red, colour.green, colour.blue].map { String(($0 * 100 + 127) / 255) }
      text += "#\(number);2;" + parts.joined(separator: ";")
    }
    for top in stride(from: 0, to: image.height, by: 6) {
      if top > 0 { text += "-" }
      appendBand(
        indices, top: top, rows: min(6, image.height - top), width: image.width,
        colours: palette.colours.count, to: &text)
    }
    return text + "\u{1B}\\"
  }

  /// The largest sixel picture of `photo` that takes at most `byteBudget` bytes and fits into `width` ×
  /// `height` pixels; `nil` when even a tiny one does not.
  ///
  /// Pictures differ in what they take: a size is guessed, and changed a few times by what came of it.
  /// `decode` is called once, with the largest size that could do; what is smaller is resized from that.
  package static func fitting<Failure: Error>(
    byteBudget: Int, width: Int, height: Int, photoWidth: Int, photoHeight: Int,
    decode: (_ width: Int, _ height: Int) throws(Failure) -> PixelImage
  ) throws(Failure) -> String? {
    let shape = Double(photoHeight) / Double(max(1, photoWidth))
    func size(_ across: Double) -> (Int, Int) {
      (max(1, Int(across)), max(1, Int((across * shape).rounded())))
    }
    func across(pixelsPerByte: Double) -> Double {
      (Double(max(0, byteBudget)) * pixelsPerByte / max(shape, 0.01)).squareRoot()
    }
    // A sixel takes hardly less than an eighth of a byte a pixel, and mostly about half a byte.
    let most = min(Double(width), Double(height) / max(shape, 0.01), across(pixelsPerByte: 8))
    guard most >= Double(leastWidth) else { return nil }
    let (mostWidth, mostHeight) = size(most)
    let whole = try decode(mostWidth, mostHeight)
    var wanted = min(most, across(pixelsPerByte: 2))
    var (best, bestWidth): (String?, Double) = (nil, 0)
    for _ in 0..<8 {
      wanted = max(wanted, Double(leastWidth))
      let (wide, high) = size(wanted)
      let image =
        whole.width == wide && whole.height == high
        ? whole : whole.resized(width: wide, height: high)
      // Fewer colours for a small picture: each costs some fifteen bytes, and passes in every band.
      let text = encode(image, colours: byteBudget < 8192 ? 16 : mostColours)
      let ratio = (Double(byteBudget) / Double(text.utf8.count)).squareRoot()
      if text.utf8.count > byteBudget {
        if wanted <= max(Double(leastWidth), bestWidth * 1.1) { return best }
        wanted = best == nil ? wanted * min(0.95, ratio * 0.98) : (wanted + bestWidth) / 2
      } else {
        if wanted > bestWidth { (best, bestWidth) = (text, wanted) }
        guard ratio > 1.15, wanted < most else { return best }
        wanted = min(most, wanted * ratio * 0.96)
      }
    }
    return best
  }

  /// One band: for each colour in it the pixels that have it, and a return to the band's start between.
  private static func appendBand(
    _ indices: [Int], top: Int, rows: Int, width: Int, colours: Int, to text: inout String
  ) {
    var masks = [[UInt8]](repeating: [], count: colours)
    for row in 0..<rows {
      for x in 0..<width {
        let colour = indices[(top + row) * width + x]
        if masks[colour].isEmpty { masks[colour] = [UInt8](repeating: 0, count: width) }
        masks[colour][x] |= 1 << UInt8(row)
      }
    }
    var isFirst = true
    for (colour, mask) in masks.enumerated() where !mask.isEmpty {
      if !isFirst { text += "$" }
      isFirst = false
      text += "#\(colour)"
      let end = (mask.lastIndex { $0 != 0 } ?? -1) + 1
      var x = 0
      while x < end {
        var length = 1
        while x + length < end, mask[x + length] == mask[x] { length += 1 }
        let sixel = String(UnicodeScalar(63 + mask[x]))
        text += length > 3 ? "!\(length)\(sixel)" : String(repeating: sixel, count: length)
        x += length
      }
    }
  }
}
