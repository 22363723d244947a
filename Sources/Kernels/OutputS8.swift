internal import CKernels

/// How results become signed bytes: the output's zero point and the limits of the bytes.
///
/// A fused ReLU or ReLU6 is nothing but tighter limits: the bytes that stand for 0 and 6.
package struct OutputS8: Hashable, Sendable {
  /// The byte that stands for 0.
  package let zeroPoint: Int8
  /// Least byte.
  package let low: Int8
  /// Greatest byte; ≥ `low`.
  package let high: Int8

  /// Output bytes in `low...high`; traps unless `zeroPoint` is in −128...127 and `low ≤ high`.
  package init(zeroPoint: Int, low: Int8 = .min, high: Int8 = .max) {
    precondition(low <= high, "no byte lies in \(low)...\(high)")
    self.zeroPoint = Int8(zeroPoint)
    self.low = low
    self.high = high
  }

  /// As the kernels take it.
  var parameters: krn_output_s8 {
    krn_output_s8(zero_point: Int32(zeroPoint), low: low, high: high)
  }
}
