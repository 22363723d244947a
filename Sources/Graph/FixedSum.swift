import Tensors

/// How an addition of bytes rounds where its network was quantised elsewhere:
/// `((a − zero of a) × first + (b − zero of b) × second + 2^(shift − 1)) >> shift`, plus the result's zero point.
///
/// Additions without it are done in fp32, half to even.
package struct FixedSum: Hashable, Sendable {
  /// Numbers of the parameter: two multipliers and the shift.
  static let count = 3
  /// Greatest multiplier: the sum stays inside int32.
  static let greatestMultiplier: Int32 = 1 << 21

  package let first: Int32
  package let second: Int32
  package let shift: Int32

  /// The rule that the parameter `tensor` states; `nil` if it is none.
  package init?(_ tensor: StoredTensor) {
    guard tensor.type == .int32, tensor.shape == [Self.count] else { return nil }
    let numbers = tensor.int32
    (first, second, shift) = (numbers[0], numbers[1], numbers[2])
    let multipliers = 0...Self.greatestMultiplier
    guard multipliers.contains(first), multipliers.contains(second), (1...30).contains(shift) else {
      return nil
    }
  }

  /// The rule by which XNNPACK, and so LiteRT where nothing else is asked for, adds bytes of scales `first`
  /// and `second`: the greater ratio to the scale of the result has 21 bits, the other the same unit. `nil`
  /// where it does not add them, as beyond 2⁻¹⁰ ≤ ratio < 2⁸.
  ///
  /// Source: XNNPACK, `src/microparams-init.c`, `xnn_init_qs8_add_minmax_scalar_params`.
  package init?(first: Float, second: Float, result: Float) {
    let ratios = (first / result, second / result)
    let usable = Float(sign: .plus, exponent: -10, significand: 1)..<256
    guard usable.contains(ratios.0), usable.contains(ratios.1) else { return nil }
    let shift = 20 - Int(max(ratios.0, ratios.1).exponent)
    let unit = Float(sign: .plus, exponent: shift, significand: 1)
    self.first = Int32((ratios.0 * unit).rounded(.toNearestOrEven))
    self.second = Int32((ratios.1 * unit).rounded(.toNearestOrEven))
    self.shift = Int32(shift)
  }

  /// The rule as a parameter.
  package var tensor: StoredTensor {
    StoredTensor(shape: [Self.count], int32: [first, second, shift])
  }
}
