/// Bytes on their way to the operator, in order, each knowing what it belongs to.
///
/// A picture can be dropped while it waits. The last byte of an announced question carries the
/// number of the announcement, so that the session learns when it stands on the screen.
struct OutputQueue {
  /// Beyond this the queue takes no more: the line is stuck, and memory is bounded.
  static let capacity = 64 * 1024

  private struct Segment {
    var bytes: [UInt8]
    var isPicture: Bool
    var announcement: Int?
    /// Ends a picture that may be under way: it is sent even if the picture is dropped.
    var endsPicture = false
  }

  private var segments: [Segment] = []
  private var first = 0
  private var sentOfFirst = 0
  /// Bytes that wait.
  private(set) var byteCount = 0

  /// Whether nothing waits.
  var isEmpty: Bool { byteCount == 0 }

  /// Whether rows of a picture wait that can still be dropped or are being sent.
  var hasPicture: Bool { segments[first...].contains { $0.isPicture && !$0.endsPicture } }
  /// Whether a picture is under way whose end has not left: a terminal would take all else for a part.
  var isWithinGraphics: Bool { segments[first...].contains { $0.endsPicture } }

  /// Puts `text` at the end; `false` when the queue is full and nothing was put.
  mutating func append(
    _ text: String, isPicture: Bool = false, announcement: Int? = nil, endsPicture: Bool = false
  ) -> Bool {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { return true }
    guard byteCount + bytes.count <= Self.capacity else { return false }
    segments.append(
      Segment(
        bytes: bytes, isPicture: isPicture, announcement: announcement, endsPicture: endsPicture))
    byteCount += bytes.count
    return true
  }

  /// The next bytes, at most `limit`; they stay until `removeFirst` says that they have left.
  func next(limit: Int) -> [UInt8] {
    var result: [UInt8] = []
    var offset = sentOfFirst
    for segment in segments[first...] where result.count < limit {
      result += segment.bytes[offset...].prefix(limit - result.count)
      offset = 0
    }
    return result
  }

  /// Takes `count` bytes out, and returns the latest announcement that they ended, if any.
  mutating func removeFirst(_ count: Int) -> Int? {
    var left = min(count, byteCount)
    byteCount -= left
    var ended: Int?
    while left > 0 {
      let rest = segments[first].bytes.count - sentOfFirst
      if left < rest {
        sentOfFirst += left
        return ended
      }
      left -= rest
      ended = segments[first].announcement ?? ended
      first += 1
      sentOfFirst = 0
    }
    if first == segments.count || first > 256 {
      segments.removeSubrange(..<first)
      first = 0
    }
    return ended
  }

  /// Takes out the rows of a picture that have not begun to leave; the row under way stays whole, and
  /// so does what ends the picture.
  mutating func dropPicture() {
    let begun = sentOfFirst > 0 ? first + 1 : first
    let isDropped = { (segment: Segment) in segment.isPicture && !segment.endsPicture }
    let dropped = segments[begun...].reduce(0) { $0 + (isDropped($1) ? $1.bytes.count : 0) }
    segments[begun...].removeAll(where: isDropped)
    byteCount -= dropped
  }

  /// Takes everything out, as after a disconnect.
  mutating func removeAll() {
    self = OutputQueue()
  }
}
