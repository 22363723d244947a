/// What the first bytes of a file look like, for the message that says it is no JPEG.
enum FileSignature {
  /// How many bytes are looked at.
  static let length = 64

  /// Whether the bytes start as a JPEG does, or end while they still could.
  static func isJPEG(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && zip(bytes, [0xFF, 0xD8, 0xFF]).allSatisfy { $0 == $1 }
  }

  /// A phrase with its article, as in "a PNG picture"; never the bytes themselves.
  static func phrase(for bytes: [UInt8]) -> String {
    for (offset, text, phrase) in signatures where matches(bytes, Array(text.utf8), at: offset) {
      return phrase
    }
    for (signature, phrase) in binarySignatures where matches(bytes, signature, at: 0) {
      return phrase
    }
    if bytes.allSatisfy({ $0 == 0 }) { return "zeros (a file that was never written to disk)" }
    if looksLikeText(bytes) { return "text" }
    return "no picture format known here"
  }

  private static let signatures: [(offset: Int, text: String, phrase: String)] = [
    (1, "PNG\r\n", "a PNG picture"),
    (0, "GIF8", "a GIF picture"),
    (8, "WEBP", "a WebP picture"),
    (8, "WAVE", "a WAV sound"),
    (8, "AVI ", "an AVI film"),
    (4, "ftypheic", "a HEIC picture"),
    (4, "ftypheix", "a HEIC picture"),
    (4, "ftypmif1", "a HEIC picture"),
    (4, "ftypavif", "an AVIF picture"),
    (4, "ftypcrx", "a Canon raw picture"),
    (4, "ftyp", "an MP4 or QuickTime film"),
    (4, "JXL ", "a JPEG XL picture"),
    (4, "jP  ", "a JPEG 2000 picture"),
    (0, "II*\0", "a TIFF or camera raw picture"),
    (0, "MM\0*", "a TIFF or camera raw picture"),
    (0, "FUJIFILM", "a Fuji raw picture"),
    (0, "BM", "a BMP picture"),
    (0, "%PDF", "a PDF document"),
    (0, "PK\u{3}\u{4}", "a ZIP archive"),
    (0, "P5\n", "a PGM picture"),
    (0, "P6\n", "a PPM picture"),
    (0, "<svg", "an SVG drawing"),
    (0, "<!DOCTYPE", "a web page"),
    (0, "<!doctype", "a web page"),
    (0, "<html", "a web page"),
    (0, "SQLite format 3", "an SQLite database"),
    (0, "\u{7F}ELF", "a program"),
  ]

  private static let binarySignatures: [(bytes: [UInt8], phrase: String)] = [
    ([0xFF, 0x0A], "a JPEG XL picture"),
    ([0x1F, 0x8B], "a gzip archive"),
    ([0xFF, 0xD8], "a JPEG whose third byte is wrong"),
    ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy array"),
  ]

  private static func matches(_ bytes: [UInt8], _ signature: [UInt8], at offset: Int) -> Bool {
    bytes.count >= offset + signature.count
      && bytes[offset..<offset + signature.count].elementsEqual(signature)
  }

  /// Printable UTF-8; a character that the end cuts in two does not count against it.
  private static func looksLikeText(_ bytes: [UInt8]) -> Bool {
    let printable = bytes.allSatisfy {
      $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D
    }
    let cut = bytes.count < length ? 0 : 3
    return printable
      && (0...cut).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
  }
}
