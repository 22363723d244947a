internal import CKernels

/// Raises e to every element, in place: within 2 units in the last place, the same bits everywhere.
@_lifetime(x: copy x)
package func expF32(_ x: inout MutableSpan<Float>, kernels: KernelSet = .chosen) {
  if x.isEmpty { return }
  unsafe x.withUnsafeMutableBufferPointer { x in
    unsafe kernels.expF32.run(x.count, start(of: UnsafeBufferPointer(x)), start(of: x))
  }
}

/// e to the power of `x`, with the bits of `expF32(_:)` on a span; +∞ above 88.72, 0 below −103.97.
package func expF32(_ x: Float) -> Float {
  var (input, result) = (x, x)
  unsafe KernelSet.chosen.expF32.run(1, &input, &result)
  return result
}

/// Takes the natural logarithm of every element, in place: within 2 units in the last place, the
/// same bits everywhere. −∞ at 0, not a number below.
@_lifetime(x: copy x)
package func logF32(_ x: inout MutableSpan<Float>, kernels: KernelSet = .chosen) {
  if x.isEmpty { return }
  unsafe x.withUnsafeMutableBufferPointer { x in
    unsafe kernels.logF32.run(x.count, start(of: UnsafeBufferPointer(x)), start(of: x))
  }
}

/// The natural logarithm of `x`, with the bits of `logF32(_:)` on a span.
package func logF32(_ x: Float) -> Float {
  var (input, result) = (x, x)
  unsafe KernelSet.chosen.logF32.run(1, &input, &result)
  return result
}

/// Turns each row of logits into probabilities, in place: `e / Σ e` with `e = exp(x − max of the
/// row)`.
///
/// The sum is made in sixteen lanes, as in `gemmF32`. `x` is `[rows, columns]`, row-major, without
/// NaN.
@_lifetime(x: copy x)
package func softmaxF32(
  rows: Int, columns: Int, _ x: inout MutableSpan<Float>, kernels: KernelSet = .chosen
) {
  precondition(
    rows >= 0 && columns >= 1 && x.count == rows * columns,
    "\(x.count) elements are not \(rows) × \(columns)")
  if rows == 0 { return }
  unsafe x.withUnsafeMutableBufferPointer { x in
    unsafe kernels.softmaxF32.run(rows, columns, start(of: x))
  }
}
