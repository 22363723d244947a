import Testing

@testable import Board

private let ms: UInt64 = 1_000_000

@Suite struct ButtonDecoderTests {
  /// What `changes` (button, level, milliseconds) come to, and then time up to `end`.
  private func run(
    _ changes: [(Int, Bool, UInt64)], until end: UInt64, buttons: Int = 3
  ) -> [ButtonDecoder.Outcome] {
    var decoder = ButtonDecoder(levels: Array(repeating: false, count: buttons), at: 0)
    var outcomes: [ButtonDecoder.Outcome] = []
    for (button, isOn, time) in changes {
      outcomes += decoder.change(button: button, isOn: isOn, at: time * ms)
    }
    return outcomes + decoder.advance(to: end * ms)
  }

  @Test("tells a short press when the button is let go of, with the time it went down")
  func short() {
    #expect(run([(1, true, 100)], until: 900) == [])
    #expect(run([(1, true, 100), (1, false, 300)], until: 309) == [])
    #expect(
      run([(1, true, 100), (1, false, 300)], until: 310) == [.short(button: 1, at: 100 * ms)])
  }

  @Test("tells a long press while the button is held, and nothing when it is let go of")
  func long() {
    #expect(run([(0, true, 100)], until: 1099) == [])
    #expect(run([(0, true, 100)], until: 1100) == [.long(button: 0, at: 100 * ms)])
    #expect(
      run([(0, true, 100), (0, false, 2000)], until: 3000) == [.long(button: 0, at: 100 * ms)])
  }

  @Test("takes a button that bounces when its time is reached for what it settles to")
  func bouncingAtTheLimit() {
    // Let go of 5 ms too early, which counts 10 ms later: short.
    #expect(
      run([(0, true, 100), (0, false, 1095)], until: 2000) == [.short(button: 0, at: 100 * ms)])
    // A gap of 5 ms is no release.
    #expect(
      run([(0, true, 100), (0, false, 1095), (0, true, 1100)], until: 2000) == [
        .long(button: 0, at: 100 * ms)
      ])
  }

  @Test("does not take a short disturbance for a press or a release")
  func glitch() {
    #expect(run([(0, true, 100), (0, false, 109)], until: 2000) == [])
    #expect(
      run([(0, true, 100), (0, false, 200), (0, true, 209), (0, false, 300)], until: 2000) == [
        .short(button: 0, at: 100 * ms)
      ])
  }

  @Test("voids buttons that go down together, tells it, and serves them again later")
  func together() {
    let both: [(Int, Bool, UInt64)] = [
      (0, true, 100), (1, true, 140), (0, false, 300), (1, false, 2500),
    ]
    #expect(run(both, until: 3000) == [.together(buttons: [0, 1])])
    #expect(
      run(both + [(1, true, 3000), (1, false, 3100)], until: 4000).last
        == .short(button: 1, at: 3000 * ms))
  }

  @Test("voids a press that is over when the other button goes down a moment later")
  func togetherAfterRelease() {
    let changes: [(Int, Bool, UInt64)] = [
      (0, true, 100), (0, false, 115), (1, true, 140), (1, false, 300),
    ]
    #expect(run(changes, until: 1000) == [.together(buttons: [0, 1])])
    // A third one within the time of the second is with them.
    #expect(
      run(changes.prefix(3) + [(2, true, 155), (1, false, 300), (2, false, 301)], until: 1000)
        == [.together(buttons: [0, 1]), .together(buttons: [1, 2])])
  }

  @Test("serves a button pressed while another one is held for a while")
  func overlapping() {
    #expect(
      run([(0, true, 100), (1, true, 200), (1, false, 300), (0, false, 400)], until: 1000)
        == [.short(button: 1, at: 200 * ms), .short(button: 0, at: 100 * ms)])
  }

  @Test("tells a stuck button once, ignores it, and tells when it is free")
  func stuck() {
    let outcomes = run([(0, true, 100), (1, true, 40_000), (1, false, 40_100)], until: 100_000)
    #expect(
      outcomes == [
        .long(button: 0, at: 100 * ms), .stuck(button: 0), .short(button: 1, at: 40_000 * ms),
      ])
    let freed = run(
      [(0, true, 100), (0, false, 50_000), (0, true, 50_500), (0, false, 50_600)], until: 60_000)
    #expect(
      freed == [
        .long(button: 0, at: 100 * ms), .stuck(button: 0), .freed(button: 0),
        .short(button: 0, at: 50_500 * ms),
      ])
  }

  @Test("ignores a button that is on at the start until it is let go of")
  func onAtStart() {
    var decoder = ButtonDecoder(levels: [true], at: 0)
    #expect(decoder.advance(to: 29_999 * ms) == [])
    #expect(decoder.advance(to: 30_000 * ms) == [.stuck(button: 0)])
    decoder = ButtonDecoder(levels: [true], at: 0)
    #expect(decoder.change(button: 0, isOn: false, at: 500 * ms) == [])
    #expect(decoder.change(button: 0, isOn: true, at: 600 * ms) == [])
    #expect(decoder.change(button: 0, isOn: false, at: 700 * ms) == [])
    #expect(decoder.advance(to: 800 * ms) == [.short(button: 0, at: 600 * ms)])
  }

  @Test("takes times that go back, other buttons and repeated levels without harm")
  func hostile() {
    var decoder = ButtonDecoder(levels: [false], at: 0)
    #expect(decoder.change(button: 0, isOn: true, at: 1000 * ms) == [])
    #expect(decoder.change(button: 0, isOn: false, at: 5 * ms) == [])
    #expect(decoder.change(button: 7, isOn: true, at: 1100 * ms) == [])
    #expect(decoder.change(button: -1, isOn: true, at: 1100 * ms) == [])
    #expect(decoder.change(button: 0, isOn: false, at: 1200 * ms) == [])
    #expect(decoder.nextDeadline == nil)
  }

  @Test("counts without a time to stand still if there is none")
  func noDebounce() {
    var times = ButtonDecoder.Times()
    times.debounce = 0
    var decoder = ButtonDecoder(levels: [false], at: 0, times: times)
    _ = decoder.change(button: 0, isOn: true, at: 100 * ms)
    _ = decoder.change(button: 0, isOn: false, at: 101 * ms)
    #expect(decoder.advance(to: 1000 * ms) == [.short(button: 0, at: 100 * ms)])
  }

  @Test("finds every press behind any bouncing, and no other one", arguments: 0..<200)
  func random(seed: Int) {
    var random = Xorshift(seed: UInt64(seed))
    var changes: [(button: Int, isOn: Bool, at: UInt64)] = []
    var expected: [ButtonDecoder.Outcome] = []
    var time: UInt64 = 1000 * ms
    /// Changes back and forth, each less than the time to stand still, that rest at `isOn`; its end.
    func bounce(_ button: Int, _ isOn: Bool) {
      changes.append((button, isOn, time))
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        time += UInt64.random(in: 1..<10 * ms, using: &random)
        changes.append((button, !isOn, time))
        time += UInt64.random(in: 1..<10 * ms, using: &random)
        changes.append((button, isOn, time))
      }
    }
    for _ in 0..<20 {
      let button = Int.random(in: 0..<4, using: &random)
      let start = time
      bounce(button, true)
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        time += UInt64.random(in: 60 * ms..<800 * ms, using: &random)
        expected.append(.short(button: button, at: start))
      case 1:
        time = start + UInt64.random(in: 1200 * ms..<20_000 * ms, using: &random)
        expected.append(.long(button: button, at: start))
      default:
        // A disturbance while it is held.
        time += 100 * ms
        changes.append((button, false, time))
        changes.append((button, true, time + 9 * ms))
        time += UInt64.random(in: 60 * ms..<500 * ms, using: &random)
        expected.append(.short(button: button, at: start))
      }
      bounce(button, false)
      time += UInt64.random(in: 100 * ms..<3000 * ms, using: &random)
    }
    var decoder = ButtonDecoder(levels: [false, false, false, false], at: 0)
    var outcomes: [ButtonDecoder.Outcome] = []
    for change in changes {
      // Time passes in steps of any length between the changes.
      if Bool.random(using: &random), let next = decoder.nextDeadline, next < change.at {
        outcomes += decoder.advance(to: next)
      }
      outcomes += decoder.change(button: change.button, isOn: change.isOn, at: change.at)
    }
    outcomes += decoder.advance(to: time + 60_000 * ms)
    #expect(outcomes == expected, "seed \(seed)")
  }

  @Test(
    "never lets two buttons act that went down together, whatever the lines do", arguments: 0..<200)
  func chaos(seed: Int) {
    var random = Xorshift(seed: UInt64(seed) &+ 1_000_000)
    var decoder = ButtonDecoder(levels: [false, false, false], at: 0)
    var outcomes: [ButtonDecoder.Outcome] = []
    var time: UInt64 = 0
    for _ in 0..<300 {
      time += UInt64.random(in: 0..<60 * ms, using: &random)
      outcomes += decoder.change(
        button: Int.random(in: 0..<3, using: &random), isOn: Bool.random(using: &random), at: time)
    }
    for button in 0..<3 { outcomes += decoder.change(button: button, isOn: false, at: time) }
    outcomes += decoder.advance(to: time + 100_000 * ms)
    #expect(decoder.nextDeadline == nil)
    let acted = outcomes.compactMap { outcome -> (Int, UInt64)? in
      switch outcome {
      case .short(let button, let time), .long(let button, let time): (button, time)
      default: nil
      }
    }
    for (index, (button, time)) in acted.enumerated() {
      for (other, otherTime) in acted[..<index] where other != button {
        #expect(max(time, otherTime) - min(time, otherTime) > 50 * ms, "seed \(seed)")
      }
    }
  }
}

/// Random numbers that a seed repeats.
private struct Xorshift: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
