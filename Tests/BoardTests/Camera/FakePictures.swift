/// Pictures that have the shape of a JPEG, and streams of them.
enum FakePictures {
  /// A segment with its marker and length.
  static func segment(_ code: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let length = payload.count + 2
    return [0xFF, code, UInt8(length >> 8), UInt8(length & 0xFF)] + payload
  }

  /// A picture with `number` in a comment, a thumbnail with its own markers, and coded data with
  /// stuffing, a restart and fill bytes, `dataByteCount` bytes and a few more long.
  static func jpeg(_ number: Int, dataByteCount: Int = 40) -> [UInt8] {
    let comment = segment(0xFE, Array("photo \(number)".utf8))
    let thumbnail: [UInt8] = [0x45, 0x78, 0xFF, 0xD8, 0xFF, 0xDA, 0xFF, 0xD9, 0xFF, 0xD8, 0xFF]
    let head: [[UInt8]] = [
      [0xFF, 0xD8], segment(0xE1, thumbnail), comment, segment(0xDB, [UInt8](1...65)),
      segment(0xC0, [8, 0, 16, 0, 16, 1, 1, 0x11, 0]), segment(0xC4, [UInt8](1...30)),
    ]
    let scan = segment(0xDA, [1, 1, 0, 0, 63, 0])
    let data = (0..<dataByteCount).map { UInt8(truncatingIfNeeded: ($0 &* 37 &+ number) % 251) }
    let between: [UInt8] = [0xFF, 0x00, 0xFF, 0xD3, 5, 0xFF, 0xFF, 0xC4, 0, 3, 1]
    let second: [UInt8] = [7, 0xFF, 0x00, 9, 0xFF, 0xFF, 0xD9]
    return Array((head + [scan, data, between, scan, second]).joined())
  }

  /// The number in a picture's comment.
  static func number(in picture: [UInt8]) -> Int? {
    let text = Array("photo ".utf8)
    guard let start = picture.indices.first(where: { picture[$0...].starts(with: text) }) else {
      return nil
    }
    let digits = picture[(start + text.count)...].prefix { (48...57).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
