/// A walk over the markers and segments of one JPEG picture that may not all have come.
struct JPEGWalk: Sendable {
  /// What came of looking at the bytes from `position` on.
  enum Step { case needsMore, goesOn, broken, complete }

  /// A stream without an end of segments would be walked for ever; pictures have a few hundred at most.
  private static let mostSegments = 2000
  /// Segments that are looked through once more for another beginning when a picture breaks off. Ones with
  /// more are made to cost time.
  private static let mostWalkedAgain = 64
  /// FF bytes that may stand before a marker's code; the standard sets no limit, and nobody uses any.
  private static let mostFill = 16

  /// Up to where the bytes have been walked, and when it is complete the picture's end; may lie past the
  /// last byte, in a segment that has not all come.
  private(set) var position: Int
  /// Where to look for the next picture if this one breaks off.
  private(set) var resume: Int
  private var isInData = false
  private var hasFrameHeader = false
  private var hasScan = false
  private var segments = 0

  /// A walk over the picture whose FF D8 stands at `start`.
  init(start: Int) { (position, resume) = (start + 2, start + 2) }

  /// The bytes have lost their first `count`.
  mutating func moveToFront(by count: Int) {
    position -= count
    resume -= count
  }

  /// Goes one segment or one stretch of coded data further.
  mutating func step(_ bytes: Span<UInt8>) -> Step {
    let step = isInData ? data(bytes) : segment(bytes)
    if step == .broken, segments > Self.mostWalkedAgain { resume = max(resume, position) }
    return step
  }

  /// Walks over one marker and its segment.
  private mutating func segment(_ bytes: Span<UInt8>) -> Step {
    let count = bytes.count
    guard position < count else { return .needsMore }
    guard bytes[position] == 0xFF else { return .broken }
    var at = position + 1
    while at < count, bytes[at] == 0xFF, at - position <= Self.mostFill { at += 1 }
    guard at < count else { return .needsMore }
    let code = bytes[at]
    if code == 0xD9, hasScan {
      position = at + 1
      return .complete
    }
    guard code >= 0xC0, !(0xD0...0xD9).contains(code), code != 0xFF, segments < Self.mostSegments
    else {
      return .broken
    }
    guard at + 2 < count else { return .needsMore }
    let length = Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
    switch code {
    case 0xC4, 0xC8, 0xCC: guard length >= 2 else { return .broken }
    case 0xC0...0xCF:
      guard length >= 11 else { return .broken }
      hasFrameHeader = true
    case 0xDA:
      guard length >= 8, hasFrameHeader else { return .broken }
      hasScan = true
      isInData = true
    default: guard length >= 2 else { return .broken }
    }
    segments += 1
    position = at + 1 + length
    return .goesOn
  }

  /// Walks over coded data up to the marker that ends it.
  private mutating func data(_ bytes: Span<UInt8>) -> Step {
    let count = bytes.count
    var index = position
    while index + 1 < count {
      guard bytes[index] == 0xFF else {
        index += 1
        continue
      }
      switch bytes[index + 1] {
      case 0x00, 0xD0...0xD7: index += 2
      case 0xFF: index += 1
      case let code:
        // Nothing before the marker can begin a picture, so that what breaks off later is not
        // walked twice.
        (position, resume) = (index, index)
        if code == 0xD9 {
          position += 2
          return .complete
        }
        guard code >= 0xC0, code != 0xD8 else { return .broken }
        isInData = false
        return .goesOn
      }
    }
    position = index
    return .needsMore
  }
}
