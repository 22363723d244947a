/// How the patches of a photo differ from it.
///
/// Patch 0 is the photo itself. For every other one these are drawn, all uniform and independent, and
/// always in this order, so that switching one off leaves the others as they were:
///
/// 1. the side of the cut, as a share of the photo's, from `scales`;
/// 2. where it lies across, 3. where it lies down: over all places inside the photo, in whole pixels of
///    the reduced copy; the middle if `crops` is off;
/// 4. mirrored left to right, 5. top to bottom: with probability ½ if `flips` has it;
/// 6. brightness: all channels × a gain from 1 − `brightness` … 1 + `brightness`, saturated.
///
/// Flips are off by default. A patch must keep the photo's label: where a class has a direction (road
/// signs, letters, gauges, the heart's side) a flip makes a wrong label that nothing reports, whereas
/// without flips patches still differ, and networks trained on natural photos have mostly learned to
/// ignore a horizontal flip. Turn both on for subjects without a direction (solar cells, parts seen from
/// above), the horizontal one for animals and most things.
package struct PatchSettings: Hashable, Sendable, Codable {
  /// Directions in which a patch may be mirrored.
  package struct Flips: OptionSet, Hashable, Sendable, Codable {
    package let rawValue: Int
    /// Left to right.
    package static let horizontal = Flips(rawValue: 1)
    /// Top to bottom.
    package static let vertical = Flips(rawValue: 2)

    /// The directions with the given bits.
    package init(rawValue: Int) { self.rawValue = rawValue }
  }

  /// Patches of one photo, patch 0 included.
  package var count: Int
  package var seed: UInt64
  /// Whether cuts lie anywhere rather than in the middle.
  package var crops: Bool
  package var flips: Flips
  /// Share of the photo's side that a cut has, inside 0.1...1. Down to 0.72 a cut has at least as many
  /// pixels as the patch, if the photo has them.
  package var scales: ClosedRange<Double>
  /// Largest relative change of brightness, 0...0.9.
  package var brightness: Double

  /// Settings; the defaults keep the label in most tasks.
  package init(
    count: Int = 8, seed: UInt64 = 0, crops: Bool = true, flips: Flips = [],
    scales: ClosedRange<Double> = 0.75...1, brightness: Double = 0.1
  ) {
    self.count = count
    self.seed = seed
    self.crops = crops
    self.flips = flips
    self.scales = scales
    self.brightness = brightness
  }

  /// The patch `index` of the photo that `identity` stands for. A pure function: patches need not be
  /// drawn in order.
  package func augmentation(_ index: Int, identity: UInt64) -> Augmentation {
    guard index > 0 else { return Augmentation() }
    var random = SplitMix64(mixing: seed, identity, UInt64(index))
    let scale = random.unit()
    let (x, y) = (random.unit(), random.unit())
    let (mirrored, upsideDown) = (random.unit() < 0.5, random.unit() < 0.5)
    let gain = random.unit()
    let (low, high) = (max(0.1, scales.lowerBound), min(1, scales.upperBound))
    let change = min(0.9, max(0, brightness))
    return Augmentation(
      scale: min(1, low + (high - low) * scale), x: crops ? x : 0.5, y: crops ? y : 0.5,
      mirrorsColumns: flips.contains(.horizontal) && mirrored,
      mirrorsRows: flips.contains(.vertical) && upsideDown,
      gain: change == 0 ? 1 : 1 + change * (2 * gain - 1))
  }
}

/// What makes one patch out of a photo. As initialised: the whole photo unchanged.
package struct Augmentation: Hashable, Sendable {
  /// The cut's side as a share of the photo's.
  package var scale = 1.0
  /// Where the cut lies between the left (0) and the right edge (1).
  package var x = 0.5
  /// Where the cut lies between the top (0) and the bottom edge (1).
  package var y = 0.5
  package var mirrorsColumns = false
  package var mirrorsRows = false
  /// Factor of each channel.
  package var gain = 1.0

  /// The cut in a picture of the given sides: whole pixels, at least one.
  func box(width: Int, height: Int) -> PixelBox {
    func cut(_ side: Int, at place: Double) -> (start: Double, length: Double) {
      let length = max(1, min(side, Int((Double(side) * scale).rounded())))
      let places = side - length + 1
      return (Double(min(places - 1, Int(place * Double(places)))), Double(length))
    }
    let (across, down) = (cut(width, at: x), cut(height, at: y))
    return PixelBox(x: across.start, y: down.start, width: across.length, height: down.length)
  }
}

/// Steele, Lea and Flood's SplitMix64, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SplitMix64 {
  private var state: UInt64

  /// A generator whose stream depends on each of the words and their order.
  init(mixing words: UInt64...) {
    state = 0
    for word in words { state = next() ^ word }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in 0 ..< 1, 53 bits.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
