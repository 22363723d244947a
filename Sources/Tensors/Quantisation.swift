/// How the signed bytes of one tensor stand for real numbers: `real = scale × (byte − zeroPoint)`.
///
/// Activations are asymmetric, one scale a tensor. Weights have one scale per output channel, kept in a tensor
/// of its own, and are symmetric (`zeroPoint` 0) unless another tensor, `NAME.zero`, has a zero point for each.
package struct Quantisation: Hashable, Sendable, Codable {
  /// Real size of one step; finite and > 0.
  package var scale: Float
  /// The byte that stands for 0, in −128...127.
  package var zeroPoint: Int

  /// A quantisation with the given step and zero.
  package init(scale: Float, zeroPoint: Int) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// The quantisation that covers `range`, widened to contain 0 so that padding is exact.
  ///
  /// The zero point is rounded half to even; an empty range gives a step of 1/255.
  package init(covering range: ClosedRange<Float>) {
    let low = min(range.lowerBound, 0)
    let high = max(range.upperBound, 0)
    let span = high - low
    let step = span > 0 && span.isFinite ? span / 255 : 1 / 255
    let zero = (-128 - low / step).rounded(.toNearestOrEven)
    self.init(scale: step, zeroPoint: Int(max(-128, min(127, zero))))
  }

  /// The byte nearest to `real`: one division, round half to even, add `zeroPoint`, saturate.
  package func byte(_ real: Float) -> Int8 { saturated(steps: real / scale) }

  /// The byte `steps` of `scale` from 0: round half to even, add `zeroPoint`, saturate.
  @inlinable
  package func saturated(steps: Float) -> Int8 {
    Int8(max(-128, min(127, steps.rounded(.toNearestOrEven) + Float(zeroPoint))))
  }

  /// The real number that `byte` stands for.
  package func real(_ byte: Int8) -> Float {
    scale * Float(Int(byte) - zeroPoint)
  }
}
