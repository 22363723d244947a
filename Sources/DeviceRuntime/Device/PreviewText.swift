import Imaging

/// `photo` drawn with characters as `request` says, at most 24 rows of them; smaller if the line could
/// not carry it in time. Rows end with a line feed.
func previewText(of photo: Photo, _ request: PreviewRequest) throws -> String {
  let header = try photo.readHeader()
  let style: Preview.Style = request.style == .ascii ? .ascii : .palette256
  let preview =
    Preview.fitting(
      bytesPerSecond: request.byteBudget, seconds: 1, photoWidth: header.width,
      photoHeight: header.height, styles: [style], columns: request.columns, rows: 24)
    ?? Preview(style: .ascii, columns: 8, photoWidth: header.width, photoHeight: header.height)
  let (width, height) = preview.pixelSize
  return preview.render(try photo.decode(width: width, height: height))
    .split(separator: "\r\n").map { $0 + "\n" }.joined()
}
