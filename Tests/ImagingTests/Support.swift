import FoundationEssentials
import Testing

@testable import Imaging

/// Photos and expected pictures beside this file; `Fixtures/make.py` makes them.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: folder.appending(path: name)))
  }

  static func photo(_ name: String) -> Photo { Photo(path: path(name + ".jpg")) }

  /// An expected picture (binary PPM of 255 levels).
  static func picture(_ name: String) throws -> PixelImage {
    let bytes = try bytes(name + ".ppm")
    let lines = bytes.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
    try #require(lines.count == 4)
    let sides = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap {
      Int($0)
    }
    try #require(sides.count == 2)
    return PixelImage(width: sides[0], height: sides[1], pixels: Array(lines[3]))
  }
}

/// Mean and largest absolute difference of two pictures, in levels of 255.
func difference(_ a: PixelImage, _ b: PixelImage) throws -> (mean: Double, largest: Int) {
  try #require(a.width == b.width && a.height == b.height)
  let differences = zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }
  return (Double(differences.reduce(0, +)) / Double(differences.count), differences.max() ?? 0)
}

/// FNV-1a of 64 bits, in hexadecimal: short enough to stand in a test.
func fingerprint(_ bytes: [UInt8]) -> String {
  let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  return String(hash, radix: 16)
}

/// A picture of smooth colours with some noise, the same for the same seed.
func drawing(width: Int, height: Int, seed: UInt64 = 1) -> PixelImage {
  var random = SplitMix64(mixing: seed)
  var image = PixelImage(width: width, height: height)
  for y in 0..<height {
    for x in 0..<width {
      let noise = Int(random.next() % 12)
      let start = (y * width + x) * 3
      image.pixels[start] = UInt8(x * 200 / width + noise)
      image.pixels[start + 1] = UInt8(y * 200 / height + noise)
      image.pixels[start + 2] = UInt8((x / 5 + y / 7) % 2 * 120 + noise)
    }
  }
  return image
}

/// The error of `body`, which must throw an ``ImagingError``.
func imagingError<Result>(_ body: () throws -> Result) throws -> ImagingError {
  do {
    _ = try body()
  } catch let error as ImagingError {
    return error
  }
  throw Unexpected(description: "no error was thrown")
}

struct Unexpected: Error, CustomStringConvertible {
  let description: String
}

/// A new folder, removed when `body` returns.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let name = "loam-imaging-\(UInt64.random(in: 0 ... .max))"
  let folder = FileManager.default.temporaryDirectory.appending(path: name)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
