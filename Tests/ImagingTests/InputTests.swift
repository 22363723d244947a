import FoundationEssentials
import Testing

@testable import Imaging

@Suite("What is no photo")
struct InputTests {
  @Test(
    "says what a file looks like instead",
    arguments: [
      ([0x89] + Array("PNG\r\n\u{1A}\n".utf8), "PNG"), (Array("GIF89a".utf8), "GIF"),
      (Array("RIFF\0\0\0\0WEBPVP8 ".utf8), "WebP"), (Array("\0\0\0\u{18}ftypheic".utf8), "HEIC"),
      (Array("\0\0\0\u{1C}ftypavif".utf8), "AVIF"), (Array("\0\0\0\u{20}ftypisom".utf8), "film"),
      (Array("II*\0\u{8}\0\0\0".utf8), "TIFF"), (Array("%PDF-1.7".utf8), "PDF"),
      (Array("BM6\0\0\0".utf8), "BMP"), ([0xFF, 0x0A, 0, 0], "JPEG XL"),
      (Array("hello, world\n".utf8), "text"), (Array("<html><body>404".utf8), "web page"),
      ([UInt8](repeating: 0, count: 4096), "zeros"),
      ([0xDE, 0xAD, 0xBE, 0xEF], "no picture format"),
      ([0xFF, 0xD8, 0x00, 0x00], "third byte"),
    ] as [([UInt8], String)])
  func signature(bytes: [UInt8], phrase: String) throws {
    let error = try imagingError { try Photo(bytes: bytes, name: "x.jpg").readHeader() }
    guard case .notJPEG("x.jpg", let looksLike) = error else {
      throw Unexpected(description: "\(error)")
    }
    #expect(looksLike.contains(phrase))
    #expect("\(error)".contains("x.jpg") && "\(error)".contains("convert"))
  }

  @Test("missing, empty, a directory, a pipe, not allowed: each its own error with the path")
  func paths() throws {
    try withTemporaryFolder { folder in
      func error(_ name: String) throws -> ImagingError {
        let path = folder.appending(path: name).path
        let error = try imagingError { try Photo(path: path).decode(width: 8, height: 8) }
        #expect(error.photo == path && "\(error)".contains(path))
        return error
      }
      guard case .missing = try error("none.jpg"), case .notAFile(_, "a directory") = try error("")
      else { throw Unexpected(description: "missing or directory") }
      try Data().write(to: folder.appending(path: "empty.jpg"))
      guard case .empty = try error("empty.jpg") else { throw Unexpected(description: "empty") }
      guard case .missing = try error("empty.jpg/inside.jpg") else {
        throw Unexpected(description: "inside a file")
      }
      let device = try imagingError { try Photo(path: "/dev/null").readHeader() }
      #expect(device == .notAFile(photo: "/dev/null", kind: "a device or pipe"))
      // A regular file whose first byte cannot be read.
      let unmapped = try imagingError { try Photo(path: "/proc/self/mem").readHeader() }
      guard case .unreadable("/proc/self/mem", _) = unmapped else {
        throw Unexpected(description: "\(unmapped)")
      }
      let long = try imagingError {
        try Photo(path: String(repeating: "x", count: 5000)).readHeader()
      }
      guard case .unreadable = long else { throw Unexpected(description: "\(long)") }
    }
  }

  @Test("one bad photo leaves the next one good")
  func goesOn() throws {
    let cutter = PatchCutter(width: 16, height: 16)
    try cutter.load(Fixture.photo("rgb"))
    let before = cutter.patch(3)
    let bytes = try Fixture.bytes("large.jpg")
    let bad = Photo(bytes: Array(bytes[..<5000]), name: "bad")
    #expect(throws: ImagingError.self) { try cutter.load(bad) }
    try cutter.load(Fixture.photo("rgb"))
    #expect(cutter.patch(3) == before)
  }
}

@Suite("Encoding")
struct EncoderTests {
  @Test("a picture survives encoding", arguments: [false, true])
  func roundTrip(progressive: Bool) throws {
    var image = PixelImage(width: 40, height: 30)
    for i in image.pixels.indices {
      let (x, y) = (i / 3 % 40, i / 120)
      image.pixels[i] = UInt8(x * 4 + y * 2)
    }
    let bytes = try encodeJPEG(image, quality: 95, progressive: progressive)
    let photo = Photo(bytes: bytes, name: "encoded")
    #expect(try photo.readHeader().isProgressive == progressive)
    let (mean, largest) = try difference(photo.decode(width: 40, height: 30), image)
    #expect(mean < 1.5 && largest < 12, "mean \(mean), largest \(largest)")
    #expect(try encodeJPEG(image, quality: 95, progressive: progressive) == bytes)
  }

  @Test("sides that JPEG cannot hold are refused")
  func sides() throws {
    let error = try imagingError { try encodeJPEG(width: 70_000, height: 1) { _, _ in } }
    guard case .notEncoded = error else { throw Unexpected(description: "\(error)") }
  }

  /// 12 megapixels through all buffers of this module: the whole photo would be 36 MB.
  @Test("a photo of 12 megapixels needs a few hundred KB of buffers")
  func largePhoto() throws {
    let (width, height) = (4000, 3000)
    let bytes = try encodeJPEG(width: width, height: height) { y, row in
      unsafe row.withUnsafeMutableBufferPointer { row in
        unsafe row.update(repeating: UInt8(y * 255 / height))
      }
    }
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "12.jpg").path
      try Data(bytes).write(to: URL(filePath: path))
      let cutter = PatchCutter(width: 224, height: 224)
      try cutter.load(Photo(path: path))
      let pictures = 224 * 224 * 3 + 314 * 314 * 3
      #expect(cutter.workingByteCount - pictures < 100_000, "\(cutter.workingByteCount)")
      let image = cutter.patch(0)
      #expect(abs(Int(image.pixels[112 * 224 * 3]) - 127) < 3)
      let before = cutter.workingByteCount
      try cutter.load(Photo(path: path))
      for index in 0..<8 { _ = cutter.patch(index) }
      let after = cutter.workingByteCount
      for index in 0..<8 { _ = cutter.patch(index) }
      #expect(cutter.workingByteCount == after && after - before < 100_000)
    }
  }
}
