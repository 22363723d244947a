/// Why a photo cannot be used. Each case names the photo (its path, or the name given with its bytes).
package enum ImagingError: Error, Hashable, Sendable {
  /// Nothing is at the path.
  case missing(photo: String)
  /// The system refuses to open or read it; `reason` is the system's text.
  case unreadable(photo: String, reason: String)
  /// A directory, a device, a pipe.
  case notAFile(photo: String, kind: String)
  /// No bytes at all.
  case empty(photo: String)
  /// More compressed bytes than ``DecodeLimits/fileByteCount``.
  case tooManyBytes(photo: String, found: UInt64, limit: Int)
  /// Starts like something else; `looksLike` is a phrase such as "a PNG picture".
  case notJPEG(photo: String, looksLike: String)
  /// The header announces more than ``DecodeLimits/pixelCount`` or ``DecodeLimits/side``.
  case tooLarge(photo: String, width: Int, height: Int, limit: String)
  /// A progressive JPEG whose coefficients would not fit ``DecodeLimits/coefficientByteCount``.
  case tooMuchMemory(photo: String, needed: Int, limit: Int)
  /// More scans than ``DecodeLimits/scanCount``.
  case tooManyScans(photo: String, limit: Int)
  /// Ends before the end-of-image marker.
  case truncated(photo: String, detail: String)
  /// Damaged inside; `detail` is libjpeg's text.
  case corrupt(photo: String, detail: String)
  /// A kind of JPEG that is not decoded here; `detail` is libjpeg's text.
  case unsupported(photo: String, detail: String)
  /// The system has no memory left.
  case outOfMemory(photo: String)
  /// A picture could not be encoded.
  case notEncoded(detail: String)

  /// The photo's path or name; `nil` for what is not about one photo.
  package var photo: String? {
    switch self {
    case .missing(let photo), .unreadable(let photo, _), .notAFile(let photo, _),
      .empty(let photo), .tooManyBytes(let photo, _, _), .notJPEG(let photo, _),
      .tooLarge(let photo, _, _, _), .tooMuchMemory(let photo, _, _),
      .tooManyScans(let photo, _), .truncated(let photo, _), .corrupt(let photo, _),
      .unsupported(let photo, _), .outOfMemory(let photo):
      photo
    case .notEncoded:
      nil
    }
  }
}

extension ImagingError: CustomStringConvertible {
  /// One sentence for a person: the photo, what was found, what was expected, what to do.
  package var description: String {
    switch self {
    case .missing(let photo):
      "photo '\(photo)': there is no such file; check the path"
    case .unreadable(let photo, let reason):
      "photo '\(photo)': cannot be read (\(reason)); check its permissions and the medium"
    case .notAFile(let photo, let kind):
      "photo '\(photo)': is \(kind), not a file; name a JPEG file"
    case .empty(let photo):
      "photo '\(photo)': is empty (0 bytes), a JPEG was expected; copy or take it again"
    case .tooManyBytes(let photo, let found, let limit):
      "photo '\(photo)': has \(found) bytes, at most \(limit) are read; save it at a lower quality "
        + "or size"
    case .notJPEG(let photo, let looksLike):
      "photo '\(photo)': is not a JPEG but looks like \(looksLike); convert it to JPEG"
    case .tooLarge(let photo, let width, let height, let limit):
      "photo '\(photo)': says it has \(width)×\(height) pixels, \(limit); scale it down, or take "
        + "it again if the camera is not that large"
    case .tooMuchMemory(let photo, let needed, let limit):
      "photo '\(photo)': comes in several scans (progressive) and needs \(needed) B to decode, \(limit) B are "
        + "allowed; save it as a baseline JPEG (jpegtran does it without loss)"
    case .tooManyScans(let photo, let limit):
      "photo '\(photo)': has more than \(limit) scans, which no camera writes; save it as a "
        + "baseline JPEG"
    case .truncated(let photo, let detail):
      "photo '\(photo)': ends before its picture does (\(detail)); copy or take it again"
    case .corrupt(let photo, let detail):
      "photo '\(photo)': is damaged (\(detail)); copy or take it again"
    case .unsupported(let photo, let detail):
      "photo '\(photo)': is a kind of JPEG that is not decoded here (\(detail)); save it as an "
        + "8-bit baseline JPEG in RGB, grey or CMYK"
    case .outOfMemory(let photo):
      "photo '\(photo)': the system has no memory left to decode it; stop other programs or scale "
        + "it down"
    case .notEncoded(let detail):
      "the picture cannot be encoded as JPEG (\(detail)); width and height must be 1...65500"
    }
  }
}
