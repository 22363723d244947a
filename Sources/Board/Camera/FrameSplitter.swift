/// Cuts a stream of bytes into JPEG pictures: whatever lies between them (headers of a multipart
/// stream, padding, the rest of a torn picture) is passed over and counted.
///
/// The segments of a picture are walked by their lengths, so that a thumbnail inside one does not
/// end it; in the coded data after a scan's header, a marker ends it. A picture has a frame header and at
/// least one scan. Whether it can be decoded is the decoder's business.
///
/// The same frames come out however the stream is cut into pieces. Holds at most `mostFrameBytes`;
/// each byte is looked at a bounded number of times, whatever the stream holds.
///
/// - Source: ITU-T T.81, annex B, for the markers.
package struct FrameSplitter: Sendable {
  /// Most bytes of one picture; longer ones are thrown away.
  package let mostFrameBytes: Int
  /// Bytes that belonged to no picture.
  package private(set) var garbageByteCount: UInt64 = 0
  /// Pictures that were longer than `mostFrameBytes`.
  package private(set) var oversizedCount = 0

  /// The candidate for a picture from its first byte on, or what may become one.
  private var held: [UInt8] = []
  /// How far the candidate has been walked; `nil` while one is looked for.
  private var picture: JPEGWalk?

  /// A splitter for pictures of up to `mostFrameBytes`, at least 16.
  package init(mostFrameBytes: Int) { self.mostFrameBytes = max(16, mostFrameBytes) }

  /// Bytes held of a picture that is not complete.
  package var heldByteCount: Int { held.count }

  /// Takes the next bytes of the stream; the pictures that they complete, in order.
  ///
  /// - Complexity: O(bytes), and a copy of each picture.
  package mutating func feed(_ bytes: [UInt8]) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(mostFrameBytes - held.count)
      held.append(contentsOf: piece)
      rest = rest.dropFirst(piece.count)
      walk(into: &frames)
      if held.count == mostFrameBytes {
        oversizedCount += 1
        drop(held.count)
      }
    }
    return frames
  }

  /// Ends the stream: what is held is garbage, and a new stream may follow.
  package mutating func finish() {
    drop(held.count)
  }

  /// Whether `bytes` are exactly one picture.
  package static func isOnePicture(_ bytes: [UInt8]) -> Bool {
    var splitter = FrameSplitter(mostFrameBytes: bytes.count + 1)
    return splitter.feed(bytes) == [bytes]
  }

  private mutating func drop(_ count: Int) {
    garbageByteCount += UInt64(count)
    held.removeFirst(count)
    picture = nil
  }

  private mutating func walk(into frames: inout [[UInt8]]) {
    // Nothing is moved to the front before the end: many false starts would cost a move each.
    var start = 0
    loop: while true {
      guard var current = picture ?? begin(&start) else { break loop }
      let step = current.step(held.span)
      picture = nil
      switch step {
      case .needsMore:
        picture = current
        break loop
      case .goesOn: picture = current
      case .complete:
        frames.append(Array(held[start..<current.position]))
        start = current.position
      case .broken:
        garbageByteCount += UInt64(current.resume - start)
        start = current.resume
      }
    }
    held.removeFirst(start)
    picture?.moveToFront(by: start)
  }

  /// Looks for the beginning of a picture, and counts what comes before it; `nil` when more is needed.
  private mutating func begin(_ start: inout Int) -> JPEGWalk? {
    let found = firstStart(from: start)
    garbageByteCount += UInt64(found - start)
    start = found
    return held.count - start >= 3 ? JPEGWalk(start: start) : nil
  }

  /// Where the first picture may begin: FF D8 FF, or as much of that as has come.
  private func firstStart(from start: Int) -> Int {
    let (bytes, count) = (held.span, held.count)
    var index = start
    while index < count {
      if bytes[index] == 0xFF, index + 1 == count || bytes[index + 1] == 0xD8,
        index + 2 >= count || bytes[index + 2] == 0xFF
      {
        break
      }
      index += 1
    }
    return index
  }
}
