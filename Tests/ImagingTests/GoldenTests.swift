import Testing

@testable import Imaging

@Suite("Decoding and resizing, against Pillow")
struct GoldenTests {
  /// Decoded at 8/8: the arithmetic is Pillow's, so not one byte may differ.
  @Test(
    "equals Pillow's antialiased resize byte for byte",
    arguments: [
      ("rgb", 32, 24, ResampleFilter.triangle), ("rgb", 41, 53, .triangle),
      ("rgb", 41, 53, .catmullRom), ("rgb", 96, 72, .triangle), ("rgb444", 32, 24, .triangle),
      ("rgb422", 32, 24, .triangle), ("progressive", 32, 24, .triangle),
      ("restart", 32, 24, .triangle), ("grey", 32, 24, .triangle), ("17x3", 20, 30, .triangle),
      ("17x3", 20, 30, .catmullRom), ("1x1", 5, 4, .triangle), ("1x1", 5, 4, .catmullRom),
      ("cmyk", 32, 24, .triangle), ("ycck", 32, 24, .triangle),
    ] as [(String, Int, Int, ResampleFilter)])
  func equalsPillow(name: String, width: Int, height: Int, filter: ResampleFilter) throws {
    let expected = try Fixture.picture("\(name)-\(width)x\(height)-\(filter)")
    let decoded = try Fixture.photo(name).decode(
      width: width, height: height, fit: .stretch, filter: filter, eighths: 8)
    let (mean, largest) = try difference(decoded, expected)
    #expect(largest == 0, "mean \(mean)")
  }

  @Test("crop takes the largest centred part that has the shape")
  func crop() throws {
    let decoded = try Fixture.photo("rgb").decode(
      width: 32, height: 32, fit: .crop, filter: .triangle, eighths: 8)
    #expect(try difference(decoded, Fixture.picture("rgb-32x32-triangle-crop")).largest == 0)
  }

  /// Reduced by libjpeg first. Tolerance: twice what was measured when the fixture was made, and far
  /// below the noise of the photo (6 levels).
  @Test("reduced by libjpeg stays close to resizing the whole photo")
  func reduced() throws {
    let header = try Fixture.photo("large").readHeader()
    let part = header.part(width: 64, height: 48, fit: .stretch)
    #expect(header.eighths(part: part, width: 64, height: 48) == 2)
    let decoded = try Fixture.photo("large").decode(width: 64, height: 48)
    let (mean, largest) = try difference(decoded, Fixture.picture("large-64x48-triangle"))
    #expect(mean <= 1 && largest <= 24, "mean \(mean), largest \(largest)")
  }

  @Test("every reduction shows the same picture", arguments: 1...8)
  func eighths(_ eighths: Int) throws {
    let photo = Fixture.photo("large")
    let whole = try photo.decode(
      width: 24, height: 18, fit: .stretch, filter: .triangle, eighths: 8)
    let reduced = try photo.decode(
      width: 24, height: 18, fit: .stretch, filter: .triangle, eighths: eighths)
    let (mean, largest) = try difference(whole, reduced)
    #expect(mean <= 1.5 && largest <= 30, "mean \(mean), largest \(largest)")
  }

  @Test("the reduction leaves at least 1.4 times the sides asked for, and no more than it must")
  func reductionChoice() throws {
    for (width, height) in [(4000, 3000), (1920, 1080), (640, 480), (300, 300), (65_500, 100)] {
      let header = PhotoHeader(
        width: width, height: height, orientation: .upright, components: 3, isProgressive: false,
        coefficientByteCount: 0)
      let part = header.part(width: 224, height: 224, fit: .crop)
      let eighths = header.eighths(part: part, width: 224, height: 224)
      let side = min(part.width, part.height)
      #expect(side * Double(eighths) / 8 >= 224 * 1.4 || eighths == 8)
      #expect(eighths == 1 || side * Double(eighths - 1) / 8 < 224 * 1.4)
    }
  }

  @Test("a strip one pixel wide or high becomes any shape", arguments: Photo.Fit.allCases)
  func strips(fit: Photo.Fit) throws {
    for (width, height) in [(3000, 1), (1, 3000), (2, 2)] {
      let bytes = try encodeJPEG(PixelImage(width: width, height: height, filledWith: 99))
      let photo = Photo(bytes: bytes, name: "strip")
      for (across, down) in [(16, 16), (1, 40), (40, 1)] {
        let image = try photo.decode(width: across, height: down, fit: fit)
        #expect(image == PixelImage(width: across, height: down, filledWith: 99))
        let patches = try photo.patches(width: across, height: down, fit: fit)
        #expect(patches.count == 8 && patches[0] == image)
      }
    }
  }

  @Test("EXIF's eight orientations all come out upright", arguments: 1...8)
  func orientations(_ value: Int) throws {
    let photo = Fixture.photo("orientation\(value)")
    let header = try photo.readHeader()
    #expect(header.width == 64 && header.height == 40)
    #expect(header.orientation == Orientation(exif: value))
    let decoded = try photo.decode(width: 64, height: 40)
    let (mean, _) = try difference(decoded, Fixture.picture("upright"))
    // Measured 6.8: chroma at half resolution under the scene's noise. Turned wrongly it is over 40.
    #expect(mean < 8)
    let squeezed = try photo.decode(width: 20, height: 33)
    let expected = try Fixture.picture("upright").resized(width: 20, height: 33)
    #expect(try difference(squeezed, expected).mean < 4)
  }

  @Test("bytes in memory and the file give the same pixels")
  func bytesAndFile() throws {
    let photo = try Photo(bytes: Fixture.bytes("large.jpg"), name: "large")
    let file = Fixture.photo("large")
    #expect(try photo.decode(width: 50, height: 60) == file.decode(width: 50, height: 60))
    #expect(try photo.readHeader() == file.readHeader())
  }
}

@Suite("Same bytes on every processor")
struct FingerprintTests {
  /// Set once; run again with `JSIMD_FORCENONE=1` (libjpeg-turbo without vector code) and on aarch64.
  @Test(
    "decoded pixels have the recorded fingerprint",
    arguments: [
      ("rgb", 32, 24, "3a9311cb6f659254"),
      ("rgb422", 30, 22, "ffe93820449a3a05"),
      ("rgb444", 7, 9, "34b9fda83a80ac27"),
      ("progressive", 60, 60, "e996a5b73ea28cde"),
      ("cmyk", 32, 24, "c8bf9e2003c48099"),
      ("ycck", 32, 24, "55a26c234a3f2b25"),
      ("large", 224, 224, "29097cdf06635177"),
      ("large", 100, 80, "df3a0da767a3fe77"),
      ("large", 30, 20, "6c90ea1fb3fdbf16"),
    ])
  func decoded(name: String, width: Int, height: Int, expected: String) throws {
    let image = try Fixture.photo(name).decode(width: width, height: height)
    #expect(fingerprint(image.pixels) == expected)
  }

  @Test("patches have the recorded fingerprints")
  func patches() throws {
    let settings = PatchSettings(seed: 7, flips: [.horizontal, .vertical])
    let patches = try Fixture.photo("large").patches(
      width: 64, height: 64, settings: settings, identity: 99)
    #expect(
      patches.map { fingerprint($0.pixels) } == [
        "fd410e864a4db0be", "a81959efb1437b3e",
        "8bb8091d36ce6a52", "c20f0ab070662304",
        "283e8b1d25243816", "be4e95da83e8be30",
        "73a060612493fb48", "8de65e888aff7317",
      ])
  }
}
