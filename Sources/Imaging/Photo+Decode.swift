extension Photo {
  /// What happens to a photo that has not the shape of the picture asked for.
  package enum Fit: String, Hashable, Sendable, CaseIterable {
    /// The whole photo, squashed to the shape.
    case stretch
    /// The largest centred part that has the shape.
    case crop
  }

  /// The reduced photo has at least this many times the sides asked for, where the photo has them.
  ///
  /// libjpeg reduces by leaving out the highest frequencies of each 8×8 block, the resizer by a
  /// triangle across blocks; the further the first stays away from the target, the nearer is the
  /// result to resizing the whole photo. Patches cut from the same reduced photo keep their detail
  /// down to 1 / 1.4 of its side.
  static let oversampling = 1.4

  /// The photo upright in RGB, `width × height`; grey becomes three equal channels, inks become light.
  ///
  /// Rows are decoded at 1/8…8/8 of their size and streamed into the resizer; the whole photo is
  /// never held. Besides the result, memory is a few rows and libjpeg's tables: 0.14 MB for a
  /// baseline photo of 12 megapixels, plus ``PhotoHeader/coefficientByteCount`` for a progressive one
  /// (36 MB there), which goes back to the system at the end. The bytes are the
  /// same on every CPU for an undamaged photo (see the notes in `CImaging/decoder.c` and `resample.c`).
  ///
  /// - Throws: what is wrong with the photo; damaged or missing data anywhere in it are an error,
  ///   even where the rest could be shown.
  package func decode(
    width: Int, height: Int, fit: Fit = .stretch, filter: ResampleFilter = .triangle
  ) throws(ImagingError) -> PixelImage {
    try decode(width: width, height: height, fit: fit, filter: filter, eighths: nil)
  }

  /// As above, with the reduction in libjpeg forced to `eighths`/8 unless it is `nil`.
  func decode(
    width: Int, height: Int, fit: Fit, filter: ResampleFilter, eighths: Int?
  ) throws(ImagingError) -> PixelImage {
    var result = PixelImage(width: width, height: height)
    var output = result.pixels.mutableSpan
    var resizer = RowResizer()
    var buffer: [UInt8] = []
    try withDecoder { (decoder, header) throws(ImagingError) in
      let part = header.part(width: width, height: height, fit: fit)
      let eighths = eighths ?? header.eighths(part: part, width: width, height: height)
      try decoder.decodeRows(
        eighths: eighths, buffer: &buffer,
        start: { source in
          resizer.begin(
            source: source, box: part.scaled(eighths: eighths, limits: source), width: width,
            height: height, filter: filter, orientation: header.orientation)
        },
        row: { resizer.push($0, into: &output) })
    }
    return result
  }
}

extension PhotoHeader {
  /// The part of the stored picture that becomes a picture of `width × height` (as shown).
  func part(width: Int, height: Int, fit: Photo.Fit) -> PixelBox {
    let whole = PixelBox(width: Double(stored.width), height: Double(stored.height))
    switch fit {
    case .stretch: return whole
    case .crop where orientation.swapsAxes: return whole.centred(shape: (height, width))
    case .crop: return whole.centred(shape: (width, height))
    }
  }

  /// The smallest reduction, in eighths, that leaves `part` at least ``Photo/oversampling`` times
  /// `width × height` (as shown); 8 if the photo is too small for any.
  func eighths(part: PixelBox, width: Int, height: Int) -> Int {
    let across = Double(orientation.swapsAxes ? height : width) * Photo.oversampling
    let down = Double(orientation.swapsAxes ? width : height) * Photo.oversampling
    return (1...8).first {
      part.width * Double($0) / 8 >= across && part.height * Double($0) / 8 >= down
    } ?? 8
  }
}
