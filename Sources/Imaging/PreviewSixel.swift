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
  /// Pictures differ in what they take, so a size is tried and made smaller until it fits. `decode` is
  /// called once, with the first size; what is smaller is resized from that.
  package static func fitting<Failure: Error>(
    byteBudget: Int, width: Int, height: Int, photoWidth: Int, photoHeight: Int,
    decode: (_ width: Int, _ height: Int) throws(Failure) -> PixelImage
  ) throws(Failure) -> String? {
    let shape = Double(photoHeight) / Double(max(1, photoWidth))
    func size(_ width: Double) -> (Int, Int) {
      (max(1, Int(width)), max(1, Int((width * shape).rounded())))
    }
    // A sixel takes hardly less than an eighth of a byte a pixel.
    let affordable = (Double(max(0, byteBudget)) * 8 / max(shape, 0.01)).squareRoot()
    var across = min(Double(width), Double(height) / max(shape, 0.01), affordable)
    guard across >= Double(leastWidth) else { return nil }
    let (firstWidth, firstHeight) = size(across)
    let first = try decode(firstWidth, firstHeight)
    while across >= Double(leastWidth) {
      let (wide, high) = size(across)
      let image =
        first.width == wide && first.height == high
        ? first : first.resized(width: wide, height: high)
      // Fewer colours for a small picture: each costs some fifteen bytes, and passes in every band.
      let text = encode(image, colours: byteBudget < 8192 ? 16 : mostColours)
      if text.utf8.count <= byteBudget { return text }
      let ratio = (Double(byteBudget) / Double(text.utf8.count)).squareRoot()
      across *= min(0.95, ratio)
    }
    return nil
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
