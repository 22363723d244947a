import Imaging

/// `photo` drawn as `request` says: with characters, at most 24 rows of them, that end with a line feed,
/// or as one sixel picture; smaller if the line could not carry it in time.
func previewText(of photo: Photo, _ request: PreviewRequest) throws -> String {
  let header = try photo.readHeader()
  if request.style == .sixel, let text = try sixelText(of: photo, header, request) { return text }
  let style: Preview.Style =
    switch request.style {
    case .ascii: .ascii
    case .halfBlocks, .sixel: .palette256
    case .trueColour: .trueColour
    }
  let preview =
    Preview.fitting(
      bytesPerSecond: request.byteBudget, seconds: 1, photoWidth: header.width,
      photoHeight: header.height, styles: [style], columns: request.columns, rows: 24)
    ?? Preview(style: .ascii, columns: 8, photoWidth: header.width, photoHeight: header.height)
  let (width, height) = preview.pixelSize
  return preview.render(try photo.decode(width: width, height: height))
    .split(separator: "\r\n").map { $0 + "\n" }.joined()
}

/// At most 8 pixels a column and 320 rows: a terminal of 24 lines shows that much, whatever its font.
private func sixelText(
  of photo: Photo, _ header: PhotoHeader, _ request: PreviewRequest
) throws -> String? {
  try PreviewSixel.fitting(
    byteBudget: request.byteBudget, width: min(480, request.columns * 8), height: 320,
    photoWidth: header.width, photoHeight: header.height
  ) { (width, height) throws(ImagingError) in try photo.decode(width: width, height: height) }
}

/// `photo` as a JPEG of at most `byteLimit` bytes and 480 pixels on its longer side.
func thumbnail(of photo: Photo, byteLimit: Int) throws -> [UInt8] {
  let header = try photo.readHeader()
  let longer = max(header.width, header.height)
  var side = min(480, longer)
  while true {
    let bytes = try encodeJPEG(
      photo.decode(
        width: max(1, header.width * side / longer), height: max(1, header.height * side / longer)),
      quality: 75)
    if bytes.count <= byteLimit || side <= 16 { return bytes }
    side = max(
      16,
      min(side * 4 / 5, Int(Double(side) * (Double(byteLimit) / Double(bytes.count)).squareRoot())))
  }
}
