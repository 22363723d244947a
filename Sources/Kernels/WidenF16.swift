internal import CKernels

/// The numbers whose half-precision bits are `bits`, exactly; they must be finite.
///
/// `out` has as many elements as `bits`.
/// - Complexity: O(count), no allocation.
@_lifetime(out: copy out)
package func widenF16(
  _ bits: Span<UInt16>, into out: inout MutableSpan<Float>, kernels: KernelSet = .chosen
) {
  precondition(bits.count == out.count, "\(bits.count) halves for \(out.count) floats")
  if bits.isEmpty { return }
  unsafe bits.withUnsafeBufferPointer { bits in
    unsafe out.withUnsafeMutableBufferPointer { out in
      unsafe kernels.widenF16.run(bits.count, start(of: bits), start(of: out))
    }
  }
}
