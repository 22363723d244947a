internal import CKernels

/// An int8 matrix product with its weights packed for one kernel variant: a 1×1 convolution, a
/// general convolution over gathered rows, or a fully connected layer.
///
/// `out[m][n] = requantise(bias[n] + Σ a[m][k] · weights[n][k])`: int32 sums; float(sum) × scale[n]
/// with one fp32 rounding; round half to even; add the zero point; limit. The same bytes for every
/// variant. Nothing allocates after `init`.
@safe
package final class GemmS8 {
  /// Columns of the result: output channels.
  package let outputs: Int
  /// Length of a row of the input.
  package let depth: Int
  /// Bytes held for packed weights, bias and scales.
  package let packedByteCount: Int

  private let variant: krn_gemm_s8_variant
  private let packed: PackedMemory

  /// Packs `weights`, once.
  ///
  /// - Parameters:
  ///   - weights: `[outputs, depth]`, row-major; symmetric.
  ///   - outputs: Output channels, ≥ 1.
  ///   - depth: Length of the sum, 1...32 768.
  ///   - bias: One an output, in units of input scale × weight scale, the input's zero point folded
  ///     in: `bias − zeroPoint × Σ weights`. A sum that leaves 32 bits wraps.
  ///   - scale: Input scale × weight scale / output scale, one an output; finite and > 0.
  ///   - kernels: Whose variant to use.
  ///   - memory: Where the packed weights go if there is room.
  package init(
    weights: Span<Int8>, outputs: Int, depth: Int, bias: Span<Int32>, scale: Span<Float>,
    kernels: KernelSet = .chosen, memory: MemoryBlock? = nil
  ) {
    precondition(outputs >= 1 && depth >= 1 && depth <= 32_768, "\(outputs) × \(depth) weights")
    precondition(weights.count == outputs * depth, "\(weights.count) weights")
    precondition(bias.count == outputs && scale.count == outputs, "bias or scale is not [outputs]")
    self.outputs = outputs
    self.depth = depth
    unsafe variant = kernels.gemmS8
    packedByteCount = unsafe variant.packed_size(outputs, depth)
    packed = PackedMemory(byteCount: packedByteCount, in: memory)
    unsafe weights.withUnsafeBufferPointer { weights in
      unsafe bias.withUnsafeBufferPointer { bias in
        unsafe scale.withUnsafeBufferPointer { scale in
          unsafe variant.pack(
            outputs, depth, start(of: weights), start(of: bias), start(of: scale), packed.start)
        }
      }
    }
  }

  /// Bytes that packed weights of `outputs` × `depth`, bias and scales take.
  package static func packedByteCount(outputs: Int, depth: Int, kernels: KernelSet) -> Int {
    unsafe kernels.gemmS8.packed_size(outputs, depth)
  }

  deinit {
    packed.deallocate()
  }

  /// Computes `rows` rows of the result.
  ///
  /// - Parameters:
  ///   - a: `rows` rows of `depth` bytes, `rowStride` bytes apart.
  ///   - out: `rows` rows of `outputs` bytes, `outStride` bytes apart; bytes between them are left
  ///     alone.
  ///   - output: Zero point and limits of the result.
  ///   - forms: Other than `.plain` only with kernels that `takesFlippedBytes`.
  /// - Complexity: O(rows × outputs × depth), no allocation.
  @_lifetime(out: copy out)
  package func callAsFunction(
    _ a: Span<Int8>, rows: Int, rowStride: Int, into out: inout MutableSpan<Int8>, outStride: Int,
    output: OutputS8, forms: ByteForms = .plain
  ) {
    if rows == 0 { return }
    unsafe precondition(
      forms == .plain || variant.flips != 0, "these kernels take no flipped bytes")
    checkRows(rows, of: depth, stride: rowStride, in: a.count)
    checkRows(rows, of: outputs, stride: outStride, in: out.count)
    unsafe a.withUnsafeBufferPointer { a in
      unsafe out.withUnsafeMutableBufferPointer { out in
        var job = unsafe krn_gemm_s8_job(
          rows: rows, outputs: outputs, depth: depth, a: start(of: a), a_stride: rowStride,
          packed: packed.start, out: start(of: out), out_stride: outStride,
          output: output.parameters, a_flip: forms.input.mask, out_flip: forms.output.mask)
        unsafe variant.run(&job)
      }
    }
  }
}
