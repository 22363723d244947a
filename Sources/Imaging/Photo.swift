/// What may be spent on one photo; a photo beyond it is refused before anything is allocated for it.
package struct DecodeLimits: Hashable, Sendable {
  /// Width × height.
  package var pixelCount: Int
  /// Width, height; libjpeg itself stops at 65,500.
  package var side: Int
  /// Compressed bytes.
  package var fileByteCount: Int
  /// Bytes of coefficients of a progressive or non-interleaved JPEG. libjpeg must hold all of them:
  /// 3 bytes a pixel for 4:2:0, 4 for 4:2:2, 6 for 4:4:4, at any output size. The default lets 12
  /// megapixels of 4:2:0 pass (36 MB); a device with a small memory budget sets less.
  package var coefficientByteCount: Int
  /// Scans of a progressive JPEG; each costs a pass over the whole picture. Cameras and libjpeg write
  /// about 10.
  package var scanCount: Int

  /// Limits; the defaults are 100 megapixels, 65,500 a side, 64 MB, 48 MB, 100 scans.
  package init(
    pixelCount: Int = 100_000_000, side: Int = 65_500, fileByteCount: Int = 64 << 20,
    coefficientByteCount: Int = 48 << 20, scanCount: Int = 100
  ) {
    self.pixelCount = pixelCount
    self.side = side
    self.fileByteCount = fileByteCount
    self.coefficientByteCount = coefficientByteCount
    self.scanCount = scanCount
  }
}

/// What a photo's header says.
package struct PhotoHeader: Hashable, Sendable {
  /// Pixels across as the photo is to be looked at, after `orientation`.
  package let width: Int
  /// Pixels down as the photo is to be looked at.
  package let height: Int
  /// How the stored rows are to be turned; upright where EXIF says nothing usable.
  package let orientation: Orientation
  /// Stored channels: 1 grey, 3 colour, 4 inks.
  package let components: Int
  package let isProgressive: Bool
  /// Bytes of coefficients that decoding needs besides rows; 0 unless progressive or non-interleaved.
  package let coefficientByteCount: Int

  /// Sides as stored, before they are turned.
  var stored: (width: Int, height: Int) {
    orientation.swapsAxes ? (height, width) : (width, height)
  }
}

/// A JPEG photo: where its bytes are and what may be spent on them. Nothing is read until asked for.
package struct Photo: Sendable {
  enum Source: Sendable {
    case file(path: String)
    case bytes([UInt8])
  }

  /// The path, or the name given with the bytes; it stands in every error.
  package let name: String
  package let limits: DecodeLimits
  let source: Source

  /// The photo in a file. It is read in pieces of 16 KB, never mapped or held: a file that is cut
  /// short while it is read gives an error, not a signal.
  package init(path: String, limits: DecodeLimits = DecodeLimits()) {
    self.name = path
    self.limits = limits
    self.source = .file(path: path)
  }

  /// A photo whose compressed bytes are in memory.
  package init(bytes: [UInt8], name: String, limits: DecodeLimits = DecodeLimits()) {
    self.name = name
    self.limits = limits
    self.source = .bytes(bytes)
  }

  /// Size and orientation, from the segments before the picture's data.
  ///
  /// Data behind the header are not looked at: a truncated photo may have a good header.
  package func readHeader() throws(ImagingError) -> PhotoHeader {
    try withDecoder { (_, header) throws(ImagingError) in header }
  }
}
