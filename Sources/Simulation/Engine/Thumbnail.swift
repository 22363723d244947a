import FoundationEssentials
import Imaging

/// The photo at `path` as a data URI of a small JPEG, its longer side `side` pixels; `nil` if it cannot
/// be read.
func thumbnail(path: String, side: Int = 96) -> String? {
  let photo = Photo(path: path)
  guard let header = try? photo.readHeader() else { return nil }
  let longer = Double(max(header.width, header.height, 1))
  let scaled = { (length: Int) in max(1, Int((Double(length * side) / longer).rounded())) }
  guard
    let image = try? photo.decode(width: scaled(header.width), height: scaled(header.height)),
    let bytes = try? encodeJPEG(image, quality: 75)
  else { return nil }
  return "data:image/jpeg;base64," + Data(bytes).base64EncodedString()
}
