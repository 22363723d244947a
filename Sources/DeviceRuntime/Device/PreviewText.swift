import Imaging

/// `photo` drawn with characters as `request` says: `columns` wide, or less if the bytes would not
/// do. Rows end with a line feed.
func previewText(of photo: Photo, _ request: PreviewRequest) throws -> String {
  let header = try photo.readHeader()
  let style: Preview.Style = request.style == .ascii ? .ascii : .palette256
  var columns = request.columns
  var preview = Preview(
    style: style, columns: columns, photoWidth: header.width, photoHeight: header.height)
  while preview.byteLimit > request.byteBudget, columns > 8 {
    columns -= 1
    preview = Preview(
      style: style, columns: columns, photoWidth: header.width, photoHeight: header.height)
  }
  let (width, height) = preview.pixelSize
  return preview.render(try photo.decode(width: width, height: height))
    .split(separator: "\r\n").map { $0 + "\n" }.joined()
}
