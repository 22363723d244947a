import Board
import Testing

@Suite struct FrameSplitterTests {
  /// The pictures and the garbage of `stream`, fed in pieces of random length up to `most`.
  static func split(_ stream: [UInt8], pieces most: Int, seed: Int, bound: Int = 1 << 20)
    -> (frames: [[UInt8]], garbage: UInt64)
  {
    var (random, splitter) = (Seeded(seed: seed), FrameSplitter(mostFrameBytes: bound))
    var (rest, frames) = (stream[...], [[UInt8]]())
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...most, using: &random))
      rest = rest.dropFirst(piece.count)
      frames += splitter.feed(Array(piece))
      if splitter.heldByteCount >= splitter.mostFrameBytes { Issue.record("seed \(seed): bound") }
    }
    splitter.finish()
    return (frames, splitter.garbageByteCount)
  }

  @Test("finds every picture, whatever the pieces it comes in", arguments: [1, 2, 3, 7, 64, 5000])
  func anyPieces(most: Int) {
    let pictures = (0..<6).map { FakePictures.jpeg($0, dataByteCount: $0 * 50) }
    let header = Array("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 9\r\n\r\n".utf8)
    let lineEnd: [UInt8] = [13, 10]
    let stream: [UInt8] = pictures.flatMap { picture in header + picture + lineEnd }
    for seed in 0..<5 {
      let (frames, garbage) = Self.split(stream, pieces: most, seed: seed)
      #expect(frames == pictures, "seed \(seed)")
      #expect(garbage == UInt64(pictures.count * (header.count + 2)), "seed \(seed)")
    }
  }

  @Test("does not take a thumbnail's markers for the picture's")
  func thumbnail() {
    let picture = FakePictures.jpeg(1)
    #expect(
      picture.indices.dropLast().filter { picture[$0...].starts(with: [0xFF, 0xD9]) }.count > 1)
    #expect(FrameSplitter.isOnePicture(picture))
    #expect(!FrameSplitter.isOnePicture(picture + [0]))
    #expect(!FrameSplitter.isOnePicture(picture.dropLast()))
    #expect(!FrameSplitter.isOnePicture([]))
  }

  @Test(
    "loses nothing to a picture torn off in its data, and one more at most to one torn elsewhere")
  func torn() {
    let (torn, whole) = (FakePictures.jpeg(1), FakePictures.jpeg(2, dataByteCount: 2000))
    // The coded data of the first scan, behind which segments follow again.
    let data = torn.count - 68..<torn.count - 22
    // Where the length of a segment is torn, up to 64 KiB are taken for the segment at first.
    let rest = [UInt8](repeating: 0, count: 65_600)
    let next = FakePictures.jpeg(3)
    for length in 0..<torn.count {
      let stream: [UInt8] = Array(torn[..<length]) + whole + rest + next
      let (frames, garbage) = Self.split(stream, pieces: 9999, seed: length)
      let all = "torn after \(length): \(frames.map { $0.count }), \(garbage)"
      #expect(frames.last == next, "\(all)")
      if data.contains(length) {
        #expect(frames.count == 2 && frames[0] == whole, "\(all)")
        #expect(garbage == UInt64(length + rest.count), "\(all)")
      }
    }
  }

  @Test("passes over pictures without a frame header, a scan or an end")
  func incomplete() {
    let scan = FakePictures.segment(0xDA, [1, 1, 0, 0, 63, 0])
    let frame = FakePictures.segment(0xC0, [8, 0, 16, 0, 16, 1, 1, 0x11, 0])
    let bad: [[UInt8]] = [
      [0xFF, 0xD8, 0xFF, 0xD9], [0xFF, 0xD8] + scan + [1, 2, 0xFF, 0xD9],
      [0xFF, 0xD8] + frame + [0xFF, 0xD9], [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0, 0xFF, 0xD9],
      [0xFF, 0xD8] + frame + [0xFF, 0xDA, 0, 2, 0xFF, 0xD9], [0xFF, 0xD8, 0xFF, 0x02, 0, 2],
    ]
    let good = FakePictures.jpeg(3)
    for stream in bad {
      let (frames, garbage) = Self.split(stream + good, pieces: 4, seed: 1)
      #expect(frames == [good] && garbage == UInt64(stream.count), "\(stream)")
    }
  }

  @Test("throws away a picture that is too long, and goes on behind it")
  func tooLong() {
    let (long, short) = (FakePictures.jpeg(1, dataByteCount: 9000), FakePictures.jpeg(2))
    var splitter = FrameSplitter(mostFrameBytes: 4096)
    #expect(splitter.feed(long + short) == [short])
    #expect(splitter.oversizedCount == 1)
    #expect(splitter.garbageByteCount == UInt64(long.count))
    // A segment that says it is longer than all that is allowed ends the same way.
    var other = FrameSplitter(mostFrameBytes: 4096)
    let claims: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF]
    #expect(other.feed(claims + [UInt8](repeating: 0, count: 70_000) + short) == [short])
  }

  @Test("counts every byte once, holds its bound and survives what is made of damaged streams")
  func damaged() {
    let stream = (0..<5).flatMap { FakePictures.jpeg($0, dataByteCount: 300) }
    let interesting: [UInt8] = [0x00, 0xFF, 0xD8, 0xD9, 0xDA, 0xC0, 0xC4, 0xE1, 0x02, 0xD0]
    for seed in 0..<100 {
      var random = Seeded(seed: seed)
      var bytes = stream
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let value =
          Bool.random(using: &random)
          ? interesting.randomElement(using: &random) ?? 0
          : UInt8.random(in: 0...255, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.insert(value, at: at)
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + 30))
        default: bytes[at] = value
        }
      }
      let bound = Bool.random(using: &random) ? 1 << 20 : Int.random(in: 100...900, using: &random)
      let a = Self.split(bytes, pieces: 1, seed: seed, bound: bound)
      let b = Self.split(bytes, pieces: 700, seed: seed, bound: bound)
      #expect(a == b, "seed \(seed)")
      let inPictures = a.frames.reduce(0) { $0 + $1.count }
      #expect(inPictures + Int(a.garbage) == bytes.count, "seed \(seed)")
      #expect(a.frames.allSatisfy { $0.count <= bound && FrameSplitter.isOnePicture($0) })
    }
  }

  @Test("gives nothing for noise, and still finds the picture behind it")
  func noise() {
    let picture = FakePictures.jpeg(9, dataByteCount: 5000)
    for seed in 0..<12 {
      var random = Seeded(seed: seed)
      // Half of it is made of marker bytes, which noise alone would seldom have.
      let values: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x04]
      let noise = (0..<20_000).map { _ in
        seed.isMultiple(of: 2)
          ? UInt8.random(in: 0...255, using: &random) : values.randomElement(using: &random) ?? 0
      }
      // Up to 64 KiB may be taken for a segment that has begun.
      let stream = noise + [UInt8](repeating: 0, count: 65_536) + picture
      let (frames, garbage) = Self.split(stream, pieces: 3000, seed: seed)
      #expect(frames == [picture], "seed \(seed)")
      #expect(Int(garbage) + picture.count == stream.count, "seed \(seed)")
    }
  }

  @Test("takes time in proportion to the bytes when a stream is made to break off at every step")
  func hostile() {
    // Starts nested in segments, each of which leads far ahead to the same place that breaks off.
    var stream: [UInt8] = []
    for _ in 0..<8000 { stream += [0xFF, 0xD8, 0xFF, 0xE0, 0x20, 0x02] }
    stream += [UInt8](repeating: 0xFF, count: 50_000) + [0x01]
    let (frames, garbage) = Self.split(stream, pieces: 65_536, seed: 0)
    #expect(frames.isEmpty && garbage == UInt64(stream.count))
  }
}
