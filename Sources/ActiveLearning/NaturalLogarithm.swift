/// ln `x` for a normal number above 0, within 2 ulp: the same bits on every machine.
///
/// A ranking must not depend on which C library is installed. `x` = 2ᵉ m with m in √½ ..< √2, and
/// ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1) / (m + 1), |s| < 0.172: eleven terms
/// leave less than 2⁻⁵⁷. ln 2 is added in two parts, the first of them exact times any exponent.
func naturalLogarithm(_ x: Double) -> Double {
  precondition(x.isNormal && x > 0, "no logarithm is wanted of \(x)")
  var exponent = Double(x.exponent)
  var significand = x.significand
  if significand > 0x1.6a09e667f3bcdp0 {
    significand /= 2
    exponent += 1
  }
  let s = (significand - 1) / (significand + 1)
  let square = s * s
  // Written out: a loop takes twice as long, and logarithms are most of the time of a score.
  var series = 1.0 / 21
  series = series * square + 1.0 / 19
  series = series * square + 1.0 / 17
  series = series * square + 1.0 / 15
  series = series * square + 1.0 / 13
  series = series * square + 1.0 / 11
  series = series * square + 1.0 / 9
  series = series * square + 1.0 / 7
  series = series * square + 1.0 / 5
  series = series * square + 1.0 / 3
  let small = 2 * s * square * series + exponent * 0x1.ef35793c7673p-45
  return exponent * 0x1.62e42fefa38p-1 + (2 * s + small)
}
