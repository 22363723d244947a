import Board
import Testing

@Suite struct MotionDetectorTests {
  static let (width, height) = (64, 48)

  /// A picture with a pattern, brighter by `light`, with noise of ±`noise`, and a square of
  /// `size` pixels a side and 100 steps darker at `at` if there is one.
  static func picture(
    light: Int = 0, noise: Int = 0, square at: (x: Int, y: Int)? = nil, size: Int = 8,
    random: inout Seeded
  ) -> [UInt8] {
    (0..<width * height).map { index in
      let (x, y) = (index % width, index / width)
      var value = 120 + (x * 7 + y * 13) % 40 + light
      if noise > 0 { value += Int.random(in: -noise...noise, using: &random) }
      if let at, (at.x..<at.x + size).contains(x), (at.y..<at.y + size).contains(y) { value -= 100 }
      return UInt8(clamping: value)
    }
  }

  /// A detector that has learned the still picture.
  static func learned(noise: Int = 0, random: inout Seeded) -> MotionDetector {
    var detector = MotionDetector()
    for _ in 0..<10 {
      let verdict = detector.feed(
        picture(noise: noise, random: &random), width: width, height: height)
      #expect(!verdict.isMotion && !verdict.begins)
    }
    return detector
  }

  @Test("is silent before a still scene with noise", arguments: [0, 3, 8])
  func still(noise: Int) {
    var random = Seeded(seed: noise)
    var detector = Self.learned(noise: noise, random: &random)
    for _ in 0..<40 {
      let picture = Self.picture(noise: noise, random: &random)
      #expect(!detector.feed(picture, width: Self.width, height: Self.height).isMotion)
    }
  }

  @Test("sees a thing that passes, and says once that it begins")
  func passing() {
    var random = Seeded(seed: 1)
    var detector = Self.learned(noise: 3, random: &random)
    var begun = 0
    for step in 0..<6 {
      let verdict = detector.feed(
        Self.picture(noise: 3, square: (step * 9, 20), random: &random), width: Self.width,
        height: Self.height)
      #expect(verdict.isMotion && verdict.begins == (step == 0))
      // 64 of 3072 pixels, and the faint trace of where it was.
      #expect(verdict.changedShare >= 0.02 && verdict.changedShare < 0.06)
      begun += verdict.begins ? 1 : 0
    }
    for _ in 0..<5 {
      let picture = Self.picture(noise: 3, random: &random)
      #expect(!detector.feed(picture, width: Self.width, height: Self.height).isMotion)
    }
    let again = Self.picture(noise: 3, square: (5, 5), random: &random)
    #expect(detector.feed(again, width: Self.width, height: Self.height).begins)
    #expect(begun == 1)
  }

  @Test("does not take a change of light for motion, sudden or slow")
  func light() {
    var random = Seeded(seed: 2)
    var detector = Self.learned(noise: 3, random: &random)
    for step in 0..<80 {
      let light = step < 20 ? 45 : step < 60 ? 45 - step : -15
      let picture = Self.picture(light: light, noise: 3, random: &random)
      #expect(!detector.feed(picture, width: Self.width, height: Self.height).isMotion, "\(step)")
    }
    // A thing is still seen in the new light.
    let thing = Self.picture(light: -15, noise: 3, square: (30, 30), random: &random)
    #expect(detector.feed(thing, width: Self.width, height: Self.height).begins)
  }

  @Test("gets used to a thing that stays, within the pictures that are stated")
  func stays() {
    var random = Seeded(seed: 3)
    var detector = Self.learned(random: &random)
    let thing = Self.picture(square: (10, 10), random: &random)
    var pictures = 0
    while detector.feed(thing, width: Self.width, height: Self.height).isMotion, pictures < 500 {
      pictures += 1
    }
    #expect((90...115).contains(pictures), "\(pictures)")
  }

  @Test("is not disturbed by a thing that is smaller than the share")
  func small() {
    var random = Seeded(seed: 4)
    var detector = Self.learned(random: &random)
    let speck = Self.picture(square: (10, 10), size: 4, random: &random)
    let verdict = detector.feed(speck, width: Self.width, height: Self.height)
    #expect(!verdict.isMotion && verdict.changedShare > 0.005)
  }

  @Test("learns anew when the size changes, and takes the extremes of brightness")
  func sizes() {
    var random = Seeded(seed: 5)
    var detector = Self.learned(random: &random)
    for value in [UInt8(0), 255, 0, 255, 128] {
      let picture = [UInt8](repeating: value, count: 12)
      #expect(!detector.feed(picture, width: 4, height: 3).isMotion)
    }
    var one = MotionDetector(settings: MotionSettings(threshold: 1, share: 0, learningPictures: 1))
    for value in [UInt8(0), 255, 7] {
      #expect(!one.feed([value], width: 1, height: 1).isMotion, "one pixel is its own median")
    }
  }
}
