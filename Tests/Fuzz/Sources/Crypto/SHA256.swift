/// The SHA-256 that the fuzzed modules ask of swift-crypto, and nothing else of it.
///
/// swift-crypto brings three hundred C++ files, which with sanitizers would take most of the build, and hashes are
/// not what is fuzzed.
///
/// - Source: FIPS 180-4, §6.2.
public struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  private var rest: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// The hash of nothing, so far.
  public init() {}

  /// Goes on with `data`.
  public mutating func update(data: [UInt8]) {
    byteCount += UInt64(data.count)
    rest += data
    let whole = rest.count / 64 * 64
    for start in stride(from: 0, to: whole, by: 64) { mix(start) }
    rest.removeFirst(whole)
  }

  /// Goes on with the bytes of a buffer.
  public mutating func update(bufferPointer: UnsafeRawBufferPointer) {
    unsafe update(data: Array(bufferPointer))
  }

  /// The hash of all that was given.
  public func finalize() -> SHA256Digest {
    var last = self
    let bits = byteCount * 8
    var padding: [UInt8] = [0x80]
    while (rest.count + padding.count) % 64 != 56 { padding.append(0) }
    for shift in (0..<UInt64(8)).reversed() {
      padding.append(UInt8(truncatingIfNeeded: bits >> (8 * shift)))
    }
    last.update(data: padding)
    return SHA256Digest(
      bytes: last.state.flatMap { word in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
      })
  }

  /// Mixes the 64 bytes of `rest` from `start` on into the state.
  private mutating func mix(_ start: Int) {
    func turned(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
    var words = (0..<16).map { index in
      (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(rest[start + 4 * index + $1]) }
    }
    for index in 16..<64 {
      let (a, b) = (words[index - 15], words[index - 2])
      let small = turned(a, 7) ^ turned(a, 18) ^ a >> 3
      let large = turned(b, 17) ^ turned(b, 19) ^ b >> 10
      words.append(words[index - 16] &+ small &+ words[index - 7] &+ large)
    }
    var s = state
    for index in 0..<64 {
      let e = turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25)
      let choice = (s[4] & s[5]) ^ (~s[4] & s[6])
      let first = s[7] &+ e &+ choice &+ Self.constants[index] &+ words[index]
      let a = turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22)
      let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
      s = [first &+ a &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
    }
    for index in 0..<8 { state[index] &+= s[index] }
  }

  /// The first 32 bits of the fractions of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = {
    let primes = (2...311).filter { number in
      !(2..<number).contains { number.isMultiple(of: $0) }
    }
    return primes.map { prime in
      // The greatest root with root³ ≤ prime × 2⁹⁶, bit by bit.
      var root: UInt64 = 0
      for bit in (0..<36).reversed() {
        let tried = root | 1 << UInt64(bit)
        let square = tried.multipliedFullWidth(by: tried)
        let low = square.low.multipliedFullWidth(by: tried)
        let high = square.high * tried + low.high
        if high < UInt64(prime) << 32 { root = tried }
      }
      return UInt32(truncatingIfNeeded: root)
    }
  }()
}

/// A SHA-256.
public struct SHA256Digest: Sequence, Sendable {
  fileprivate let bytes: [UInt8]

  /// Its 32 bytes.
  public func makeIterator() -> IndexingIterator<[UInt8]> { bytes.makeIterator() }
}
