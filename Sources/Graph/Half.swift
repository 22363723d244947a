/// IEEE 754 half precision by its bits, so that each CPU and compiler converts alike.
package enum Half {
  /// The bits of infinity: all of the exponent.
  static let infinity: UInt16 = 0x7C00

  /// The fp32 number that `bits` stands for; exact. Without branches, so that many are converted at a time.
  package static func float(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF) << 13
    // The exponent's bias is 15 in a half, 127 in fp32; a subnormal half begins as a subnormal float.
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let isFinite = bits & infinity != infinity
    return Float(bitPattern: sign | (isFinite ? scaled : magnitude | 0x7F80_0000))
  }

  /// The half nearest to `value`, ties to even; infinity beyond 65,504.
  static func bits(_ value: Float) -> UInt16 {
    let pattern = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: (pattern >> 16) & 0x8000)
    let magnitude = pattern & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
    if magnitude >= 0x4780_0000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Subnormal: adding 2⁻¹·… aligns the fraction so that the FPU rounds it to even.
      let aligned = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: aligned.bitPattern - Float(0.5).bitPattern)
    }
    let odd = (magnitude >> 13) & 1
    let rounded = magnitude - (112 << 23) + 0xFFF + odd
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }
}
