import FoundationEssentials
import Testing

@testable import Imaging

@Suite("Damaged photos")
struct DamageTests {
  /// Every damage must end in a typed error or in a picture of the right size; a crash ends the run.
  private func outcome(_ bytes: [UInt8]) -> Result<PixelImage, ImagingError> {
    let photo = Photo(bytes: bytes, name: "damaged")
    return Result { () throws(ImagingError) in try photo.decode(width: 24, height: 24) }
  }

  @Test(
    "a photo cut off anywhere is truncated, damaged or no JPEG; never a picture",
    arguments: ["rgb", "progressive", "cmyk", "orientation6", "restart", "large"])
  func truncated(name: String) throws {
    let bytes = try Fixture.bytes(name + ".jpg")
    let whole = try outcome(bytes).get()
    #expect(whole.width == 24)
    let count = bytes.count
    let ends = (0..<32).map { count * $0 / 32 } + [1, 2, 3, 4, count - 2, count - 1]
    for end in ends {
      let error = try imagingError { try outcome(Array(bytes[..<end])).get() }
      switch error {
      case .truncated, .corrupt: #expect(end >= 1)
      case .empty: #expect(end == 0)
      default: Issue.record("\(name) cut to \(end) of \(bytes.count) B: \(error)")
      }
    }
  }

  @Test("cut off and ended by an end-of-image marker is damaged, not a half picture")
  func truncatedWithEnd() throws {
    for name in ["rgb", "large", "grey"] {
      let bytes = try Fixture.bytes(name + ".jpg")
      for part in 5...7 {
        let error = try imagingError {
          try outcome(bytes[..<(bytes.count * part / 8)] + [0xFF, 0xD9]).get()
        }
        guard case .corrupt = error else {
          Issue.record("\(name), \(part)/8: \(error)")
          continue
        }
      }
    }
  }

  @Test(
    "flipped bytes give a picture or a typed error",
    arguments: ["rgb", "progressive", "ycck", "orientation8"])
  func flippedBytes(name: String) throws {
    let original = try Fixture.bytes(name + ".jpg")
    var random = SplitMix64(mixing: UInt64(original.count))
    var (pictures, errors) = (0, 0)
    for _ in 0..<500 {
      var bytes = original
      for _ in 0...(random.next() % 4) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      switch outcome(bytes) {
      case .success(let image):
        #expect(image.pixels.count == 24 * 24 * 3)
        pictures += 1
      case .failure(let error):
        #expect(error.photo == "damaged")
        errors += 1
      }
    }
    #expect(pictures > 0 && errors > 0, "\(pictures) pictures, \(errors) errors")
  }

  @Test("a header that promises more than there is costs nothing but an error")
  func headerLies() throws {
    var bytes = try Fixture.bytes("rgb.jpg")
    setSides(&bytes, width: 65_500, height: 65_500)
    let tooLarge = try imagingError { try outcome(bytes).get() }
    guard case .tooLarge(_, 65_500, 65_500, _) = tooLarge else {
      throw Unexpected(description: "\(tooLarge)")
    }
    setSides(&bytes, width: 65_535, height: 10)
    guard case .tooLarge = try imagingError({ try outcome(bytes).get() }) else {
      throw Unexpected(description: "65,535 pixels across were accepted")
    }
    setSides(&bytes, width: 9000, height: 9000)
    switch try imagingError({ try outcome(bytes).get() }) {
    case .corrupt, .truncated: break
    case let error: throw Unexpected(description: "\(error)")
    }
    setSides(&bytes, width: 0, height: 10)
    guard case .corrupt = try imagingError({ try outcome(bytes).get() }) else {
      throw Unexpected(description: "a photo without pixels was accepted")
    }
  }

  @Test("limits on pixels, sides and bytes are the caller's")
  func limits() throws {
    let path = Fixture.path("rgb.jpg")
    func error(_ limits: DecodeLimits) throws -> ImagingError {
      try imagingError { try Photo(path: path, limits: limits).readHeader() }
    }
    guard case .tooLarge = try error(DecodeLimits(pixelCount: 96 * 72 - 1)),
      case .tooLarge = try error(DecodeLimits(side: 95)),
      case .tooManyBytes = try error(DecodeLimits(fileByteCount: 1000))
    else { throw Unexpected(description: "a limit was passed") }
    let exact = DecodeLimits(pixelCount: 96 * 72, side: 96)
    #expect(try Photo(path: path, limits: exact).readHeader().width == 96)
  }

  @Test("a progressive photo beyond the limits is refused with the number that would do")
  func progressiveLimits() throws {
    let path = Fixture.path("progressive.jpg")
    // 4:2:0 of 96×72: 6 × 5 MCUs of 6 blocks of 64 coefficients of 2 bytes.
    let needed = 6 * 5 * 6 * 64 * 2
    #expect(try Photo(path: path).readHeader().coefficientByteCount == needed)
    let error = try imagingError {
      try Photo(path: path, limits: DecodeLimits(coefficientByteCount: needed - 1))
        .decode(width: 8, height: 8)
    }
    #expect(error == .tooMuchMemory(photo: path, needed: needed, limit: needed - 1))
    let enough = DecodeLimits(coefficientByteCount: needed)
    #expect(try Photo(path: path, limits: enough).decode(width: 8, height: 8).width == 8)
    let scans = try imagingError {
      try Photo(path: path, limits: DecodeLimits(scanCount: 3)).decode(width: 8, height: 8)
    }
    #expect(scans == .tooManyScans(photo: path, limit: 3))
    #expect(try Fixture.photo("rgb").readHeader().coefficientByteCount == 0)
  }

  private func setSides(_ bytes: inout [UInt8], width: Int, height: Int) {
    for i in 0..<bytes.count - 9 where bytes[i] == 0xFF && bytes[i + 1] == 0xC0 {
      bytes[i + 5] = UInt8(height >> 8)
      bytes[i + 6] = UInt8(height & 255)
      bytes[i + 7] = UInt8(width >> 8)
      bytes[i + 8] = UInt8(width & 255)
      return
    }
  }
}

@Suite("EXIF")
struct ExifTests {
  @Test("bogus EXIF is ignored and the photo still shown")
  func bogus() throws {
    let plain = try Fixture.bytes("rgb.jpg")
    let expected = try Photo(bytes: plain, name: "plain").decode(width: 24, height: 24)
    var random = SplitMix64(mixing: 5)
    for round in 0..<200 {
      var payload = Array("Exif\0\0II*\0\u{8}\0\0\0".utf8)
      let length = Int(random.next() % 400)
      for _ in 0..<length { payload.append(UInt8(truncatingIfNeeded: random.next())) }
      if round % 3 == 0 { payload = Array(payload.dropFirst(Int(random.next() % 8))) }
      let segment = [0xFF, 0xE1, UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)]
      let photo = Photo(bytes: plain[..<2] + segment + payload + plain[2...], name: "bogus")
      #expect(try photo.decode(width: 24, height: 24) == expected)
    }
  }

  @Test("orientation is read from either byte order, and only if it is as the standard has it")
  func parser() {
    func payload(_ order: String, type: UInt8 = 3, count: UInt8 = 1, value: UInt8) -> [UInt8] {
      let little = order == "II"
      func short(_ low: UInt8) -> [UInt8] { little ? [low, 0] : [0, low] }
      func long(_ low: UInt8) -> [UInt8] { little ? [low, 0, 0, 0] : [0, 0, 0, low] }
      let tag: [UInt8] = little ? [0x12, 0x01] : [0x01, 0x12]
      let head = Array("Exif\0\0".utf8) + Array(order.utf8) + short(42) + long(8)
      let entry = tag + short(type) + long(count) + short(value) + [0, 0]
      return head + short(1) + entry
    }
    func read(_ bytes: [UInt8]) -> Orientation? { Orientation(exifPayload: bytes.span) }
    for order in ["II", "MM"] {
      for value in 1...8 {
        let bytes = payload(order, value: UInt8(value))
        #expect(read(bytes) == Orientation(exif: value))
        for end in 0..<bytes.count - 3 {
          #expect(read(Array(bytes[..<end])) == nil)
        }
      }
      #expect(read(payload(order, value: 0)) == nil)
      #expect(read(payload(order, value: 9)) == nil)
      #expect(read(payload(order, type: 4, value: 6)) == nil)
      #expect(read(payload(order, count: 2, value: 6)) == nil)
    }
  }
}
