/// Random numbers that a seed decides: the same on every machine and with every version of Swift.
///
/// SplitMix64. The draws below are spelt out here rather than taken from the standard library,
/// whose algorithms may change, because samples, batches and weights must come out the same.
///
/// - Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
package struct SeededRandom: RandomNumberGenerator, Hashable, Sendable {
  /// All there is to it: a generator made of the same state goes on with the same numbers.
  package private(set) var state: UInt64

  /// A generator whose numbers `seed` decides.
  package init(seed: UInt64) {
    state = seed
  }

  /// A generator for one purpose of many that share a seed, such as one candidate or one round.
  package init(seed: UInt64, stream: UInt64) {
    var mixer = SeededRandom(seed: stream)
    state = seed ^ mixer.next()
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// A number in `0 ..< bound`, each equally likely to within 2⁻⁶⁴; `bound` is at least 1.
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound >= 1, "no number lies below \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number in `0 ..< 1`, a multiple of 2⁻⁵³.
  package mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Puts `elements` into a random order (Fisher and Yates, from the end).
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, below(last + 1))
    }
  }

  /// An index drawn in proportion to `weights`, or `nil` if none of them is above 0.
  package mutating func index(weights: [Double]) -> Int? {
    let total = weights.reduce(0) { $0 + max($1, 0) }
    guard total > 0 else { return nil }
    var rest = unit() * total
    for (index, weight) in weights.enumerated() where weight > 0 {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 }
  }
}
