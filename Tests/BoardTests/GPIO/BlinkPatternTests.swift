import Testing

@testable import Board

private let ms: UInt64 = 1_000_000

@Suite struct BlinkPatternTests {
  /// Flashes as (start, length) in milliseconds, of `pattern` from `start` for `length`.
  private func flashes(_ pattern: BlinkPattern, from start: UInt64, for length: UInt64)
    -> [[UInt64]]
  {
    var found: [[UInt64]] = []
    var time = start * ms
    while time < (start + length) * ms {
      let (isOn, until) = pattern.state(at: time)
      guard let until else { break }
      #expect(until > time)
      if isOn { found.append([time / ms, (until - time) / ms]) }
      time = until
    }
    return found
  }

  @Test("is dark for nothing", arguments: [0, -1])
  func dark(count: Int) {
    let state = BlinkPattern(count: count, start: 5).state(at: 1000)
    #expect(!state.isOn && state.until == nil)
  }

  @Test("counts out one to five, with a pause after each", arguments: 1...5)
  func counts(count: Int) {
    let found = flashes(BlinkPattern(count: count, start: 100 * ms), from: 100, for: 10_000)
    let period = UInt64(count) * 400 - 200 + 1000
    for (index, flash) in found.enumerated() {
      let (round, place) = (UInt64(index / count), UInt64(index % count))
      #expect(flash == [100 + round * period + place * 400, 200])
    }
    #expect(found.count > 2 * count)
  }

  @Test("flickers for more than can be counted", arguments: [6, 7, 1000, Int.max])
  func many(count: Int) {
    let found = flashes(BlinkPattern(count: count, start: 0), from: 0, for: 1000)
    #expect(found == (0..<5).map { [$0 * 200, 100] })
  }

  @Test("shows a new number only when the old one has been shown whole")
  func follows() {
    let three = BlinkPattern(count: 3, start: 0)
    let two = three.followed(by: 2, at: 500 * ms)
    #expect(
      flashes(two, from: 0, for: 3500) == [
        [0, 200], [400, 200], [800, 200], [2000, 200], [2400, 200],
      ])
    // Another change before that takes its place.
    let one = two.followed(by: 1, at: 900 * ms)
    #expect(flashes(one, from: 900, for: 1800) == [[900, 100], [2000, 200]])
  }

  @Test("lights at once for the first, and darkens at once for none")
  func atOnce() {
    let first = BlinkPattern(count: 0, start: 0).followed(by: 4, at: 777 * ms)
    #expect(first.state(at: 777 * ms).isOn)
    #expect(!first.followed(by: 0, at: 800 * ms).state(at: 800 * ms).isOn)
  }
}
