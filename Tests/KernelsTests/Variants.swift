import Kernels

/// SplitMix64: the same numbers on every machine.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) {
    state = UInt64(bitPattern: Int64(seed))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [Int8] {
    (0..<count).map { _ in Int8.random(in: .min ... .max, using: &self) }
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }

  mutating func integers(_ count: Int, in range: ClosedRange<Int32>) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: range, using: &self) }
  }
}

/// A variant to test, and the set of kernels that has it.
struct Candidate: Sendable, CustomStringConvertible {
  let family: KernelFamily
  let variant: KernelVariant

  /// The kernels with this variant, or `nil`, said aloud, where the processor lacks it.
  var kernels: KernelSet? {
    guard variant.isSupported else {
      print("not run: \(self) needs \(variant.required), this processor has \(CPU.detected)")
      return nil
    }
    return KernelSet(limitedTo: variant.required)
  }

  var description: String { "\(family.rawValue) \(variant.name)" }

  /// Every variant of `family` that is compiled in, the reference among them.
  static func all(_ family: KernelFamily) -> [Candidate] {
    KernelSet.variants(of: family).map { Candidate(family: family, variant: $0) }
  }
}

/// Requantisation as the design states it, in the plainest Swift.
func requantised(
  _ sum: Int32, _ scale: Float, zeroPoint: Int, low: Int8 = .min, high: Int8 = .max
) -> Int8 {
  byte(Float(sum) * scale, zeroPoint: zeroPoint, low: low, high: high)
}

/// `real` rounded half to even, plus the zero point, limited.
func byte(_ real: Float, zeroPoint: Int, low: Int8, high: Int8) -> Int8 {
  let whole = real.rounded(.toNearestOrEven) + Float(zeroPoint)
  return Int8(min(max(whole, Float(low)), Float(high)))
}

/// The sum of sixteen lanes by the tree i + (i + 8), 4, 2, 1.
func treeSum(_ lanes: [Float]) -> Float {
  var lanes = lanes
  for half in [8, 4, 2, 1] {
    for i in 0..<half { lanes[i] = lanes[i] + lanes[i + half] }
  }
  return lanes[0]
}
