internal import CImaging

/// One pass of libjpeg over a photo whose header has been read.
///
/// The C object is alive only inside ``Photo/withDecoder(_:)``, which owns it.
@safe
struct Decoder {
  fileprivate let handle: OpaquePointer
  fileprivate let photo: Photo

  /// Decodes all rows at `eighths`/8 of the size. `start` gets the reduced sides, as stored; `row`
  /// each row from the top, three bytes a pixel. `buffer` is used for the row and grows as needed.
  ///
  /// Throws if the data end or are damaged anywhere, even behind the last row that the caller wants.
  func decodeRows(
    eighths: Int, buffer: inout [UInt8], start: ((width: Int, height: Int)) -> Void,
    row: (Span<UInt8>) -> Void
  ) throws(ImagingError) {
    var (width, height): (UInt32, UInt32) = (0, 0)
    try check(unsafe cim_decoder_start(handle, Int32(eighths), &width, &height))
    let byteCount = Int(width) * 3
    if buffer.count < byteCount {
      buffer += repeatElement(0, count: byteCount - buffer.count)
    }
    start((Int(width), Int(height)))
    for _ in 0..<height {
      try check(unsafe cim_decoder_read_row(handle, &buffer))
      row(buffer.span.extracting(0..<byteCount))
    }
    try check(unsafe cim_decoder_finish(handle))
  }

  fileprivate func readHeader() throws(ImagingError) -> PhotoHeader {
    try check(unsafe cim_decoder_read_header(handle))
    let raw = unsafe cim_decoder_header(handle)
    let orientation = readOrientation()
    let (width, height) = (Int(raw.width), Int(raw.height))
    return PhotoHeader(
      width: orientation.swapsAxes ? height : width, height: orientation.swapsAxes ? width : height,
      orientation: orientation, components: Int(raw.components),
      isProgressive: raw.progressive != 0, coefficientByteCount: Int(raw.coefficient_bytes))
  }

  private func readOrientation() -> Orientation {
    var count = 0
    let payload = unsafe UnsafeBufferPointer(start: cim_decoder_exif(handle, &count), count: count)
    return unsafe Orientation(exifPayload: payload.span) ?? .upright
  }

  private func check(_ result: cim_result) throws(ImagingError) {
    guard result != CIM_OK else { return }
    let (name, limits) = (photo.name, photo.limits)
    let detail = unsafe String(cString: cim_decoder_message(handle))
    let header = unsafe cim_decoder_header(handle)
    switch result {
    case CIM_READ_FAILED: throw .unreadable(photo: name, reason: detail)
    case CIM_NOT_JPEG: throw .notJPEG(photo: name, looksLike: "no picture format known here")
    case CIM_TRUNCATED: throw .truncated(photo: name, detail: detail)
    case CIM_UNSUPPORTED: throw .unsupported(photo: name, detail: detail)
    case CIM_TOO_LARGE:
      throw .tooLarge(
        photo: name, width: Int(header.width), height: Int(header.height),
        limit: "at most \(limits.pixelCount) in all and \(limits.side) a side are decoded")
    case CIM_TOO_MUCH_MEMORY:
      throw .tooMuchMemory(
        photo: name, needed: Int(header.coefficient_bytes), limit: limits.coefficientByteCount)
    case CIM_TOO_MANY_SCANS: throw .tooManyScans(photo: name, limit: limits.scanCount)
    case CIM_OUT_OF_MEMORY: throw .outOfMemory(photo: name)
    default: throw .corrupt(photo: name, detail: detail)
    }
  }
}

extension Photo {
  /// Opens the photo, reads its header, and calls `body` with a decoder that is ready to start.
  func withDecoder<Result>(
    _ body: (Decoder, PhotoHeader) throws(ImagingError) -> Result
  ) throws(ImagingError) -> Result {
    switch source {
    case .file(let path): try withFileDecoder(path: path, body)
    case .bytes(let bytes): try withMemoryDecoder(bytes, body)
    }
  }

  private func withFileDecoder<Result>(
    path: String, _ body: (Decoder, PhotoHeader) throws(ImagingError) -> Result
  ) throws(ImagingError) -> Result {
    var descriptor: Int32 = -1
    var byteCount: UInt64 = 0
    var kind = CIM_REGULAR_FILE
    let error = unsafe cim_file_open(path, &descriptor, &byteCount, &kind)
    guard error == 0 else { throw openError(error) }
    defer { cim_file_close(descriptor) }
    if kind == CIM_DIRECTORY { throw .notAFile(photo: name, kind: "a directory") }
    if kind != CIM_REGULAR_FILE { throw .notAFile(photo: name, kind: "a device or pipe") }
    var start = [UInt8](repeating: 0, count: FileSignature.length)
    let peeked = unsafe cim_file_peek(descriptor, &start, start.count)
    guard peeked >= 0 else {
      throw .unreadable(photo: name, reason: systemText(Int32(-peeked)))
    }
    try checkStart(Array(start[..<peeked]), byteCount: byteCount)
    return try unsafe use(cim_decoder_from_file(descriptor, limits.bridged), body)
  }

  private func withMemoryDecoder<Result>(
    _ bytes: [UInt8], _ body: (Decoder, PhotoHeader) throws(ImagingError) -> Result
  ) throws(ImagingError) -> Result {
    try checkStart(Array(bytes.prefix(FileSignature.length)), byteCount: UInt64(bytes.count))
    return try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
      try unsafe use(
        cim_decoder_from_bytes(bytes.baseAddress, bytes.count, limits.bridged), body)
    }
  }

  private func use<Result>(
    _ handle: OpaquePointer?, _ body: (Decoder, PhotoHeader) throws(ImagingError) -> Result
  ) throws(ImagingError) -> Result {
    guard let handle = unsafe handle else { throw .outOfMemory(photo: name) }
    defer { unsafe cim_decoder_destroy(handle) }
    let decoder = unsafe Decoder(handle: handle, photo: self)
    return try body(decoder, decoder.readHeader())
  }

  private func checkStart(_ start: [UInt8], byteCount: UInt64) throws(ImagingError) {
    if start.isEmpty { throw .empty(photo: name) }
    guard FileSignature.isJPEG(start) else {
      throw .notJPEG(photo: name, looksLike: FileSignature.phrase(for: start))
    }
    if byteCount > UInt64(limits.fileByteCount) {
      throw .tooManyBytes(photo: name, found: byteCount, limit: limits.fileByteCount)
    }
  }

  private func openError(_ error: Int32) -> ImagingError {
    let text = systemText(error)
    let missing = error == CIM_NO_SUCH_FILE || error == CIM_NOT_A_DIRECTORY
    return missing ? .missing(photo: name) : .unreadable(photo: name, reason: text)
  }

  private func systemText(_ error: Int32) -> String {
    var text = [CChar](repeating: 0, count: 128)
    unsafe cim_error_text(error, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension DecodeLimits {
  fileprivate var bridged: cim_limits {
    cim_limits(
      pixels: UInt64(max(0, pixelCount)), side: UInt32(clamping: side),
      bytes: UInt64(max(0, fileByteCount)), coefficient_bytes: UInt64(max(0, coefficientByteCount)),
      scans: Int32(clamping: scanCount))
  }
}
