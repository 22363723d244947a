/// How the attention LED shows a number.
///
/// Dark for 0. For 1 to 5, that many flashes of 200 ms, 200 ms apart, then a pause of 1 s. For more,
/// 100 ms on and 100 ms off without a pause. A pure function of the number and the time.
package struct BlinkPattern: Sendable {
  /// Most flashes that are counted out.
  package static let most = 5
  private static let flash: UInt64 = 200_000_000
  private static let pause: UInt64 = 1_000_000_000
  private static let fast: UInt64 = 100_000_000

  /// The number shown.
  package let count: Int
  /// When it begins, with the first flash.
  package let start: UInt64
  /// The number that is blinked to its end before `start`, and when it began.
  private var earlier: (count: Int, start: UInt64) = (0, 0)

  /// The pattern of `count`, negative ones being 0, from `start` on.
  package init(count: Int, start: UInt64) {
    self.count = max(0, count)
    self.start = start
  }

  /// Whether the LED is on at `time`, and when that changes next; never for 0.
  package func state(at time: UInt64) -> (isOn: Bool, until: UInt64?) {
    if time >= start { return Self.state(count, time: time, start: start) }
    let (isOn, until) = Self.state(earlier.count, time: time, start: min(time, earlier.start))
    return (isOn, min(until ?? start, start))
  }

  /// The pattern that shows `count` from `time` on: at once if either number is 0, else when the
  /// present one has been shown whole, so that nobody counts a part of it.
  package func followed(by count: Int, at time: UInt64) -> BlinkPattern {
    guard self.count > 0, count > 0 else { return BlinkPattern(count: count, start: time) }
    // What waits has not been seen; only its number changes.
    guard time > start else {
      var next = BlinkPattern(count: count, start: start)
      next.earlier = earlier
      return next
    }
    let rest = (time - start) % Self.period(self.count)
    let end = rest == 0 ? time : time - rest + Self.period(self.count)
    var next = BlinkPattern(count: count, start: end)
    next.earlier = (self.count, start)
    return next
  }

  /// Nanoseconds after which `count` repeats; `count` ≥ 1.
  private static func period(_ count: Int) -> UInt64 {
    count > most ? 2 * fast : UInt64(count) * 2 * flash - flash + pause
  }

  private static func state(_ count: Int, time: UInt64, start: UInt64) -> (
    isOn: Bool, until: UInt64?
  ) {
    guard count > 0 else { return (false, nil) }
    let place = (time - start) % period(count)
    let began = time - place
    let length = count > most ? fast : flash
    let step = place / length
    // The last dark step of a number is its pause.
    if count <= most, step >= UInt64(2 * count - 1) { return (false, began + period(count)) }
    return (step % 2 == 0, began + (step + 1) * length)
  }
}
