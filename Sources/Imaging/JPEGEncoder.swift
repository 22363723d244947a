internal import CImaging

/// Encodes a picture as JPEG: 4:2:0, standard tables; the same pixels give the same bytes with the same
/// libjpeg.
///
/// - Parameter quality: libjpeg's 1...100.
package func encodeJPEG(
  _ image: PixelImage, quality: Int = 90, progressive: Bool = false
) throws(ImagingError) -> [UInt8] {
  let rowByteCount = image.width * 3
  return try encodeJPEG(
    width: image.width, height: image.height, quality: quality, progressive: progressive
  ) { y, row in
    for i in row.indices { row[i] = image.pixels[y * rowByteCount + i] }
  }
}

/// Encodes a picture whose rows are made as they are asked for, from the top: only one is held, besides
/// the compressed bytes.
package func encodeJPEG(
  width: Int, height: Int, quality: Int = 90, progressive: Bool = false,
  row fill: (_ y: Int, _ row: inout MutableSpan<UInt8>) -> Void
) throws(ImagingError) -> [UInt8] {
  guard (1...65_500).contains(width), (1...65_500).contains(height) else {
    throw .notEncoded(detail: "\(width)×\(height) pixels")
  }
  guard
    let encoder = unsafe cim_encoder_create(
      UInt32(width), UInt32(height), Int32(clamping: max(1, min(100, quality))),
      progressive ? 1 : 0)
  else { throw .notEncoded(detail: "no memory") }
  defer { unsafe cim_encoder_destroy(encoder) }
  func check(_ result: cim_result) throws(ImagingError) {
    guard result != CIM_OK else { return }
    throw .notEncoded(detail: unsafe String(cString: cim_encoder_message(encoder)))
  }
  var row = [UInt8](repeating: 0, count: width * 3)
  for y in 0..<height {
    var span = row.mutableSpan
    fill(y, &span)
    try check(unsafe cim_encoder_write_row(encoder, row))
  }
  var bytes: UnsafePointer<UInt8>?
  var count = 0
  try check(unsafe cim_encoder_finish(encoder, &bytes, &count))
  return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
}
