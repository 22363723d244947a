internal import CKernels

/// An int8 depthwise convolution with its weights packed for one kernel variant.
///
/// `out[p][c] = requantise(bias[c] + Σ row(p, t)[c] · weights[t][c])` over `taps` taps `t`, where
/// the caller's indirection array says where each tap of each pixel lies. The same bytes for every
/// variant. Nothing allocates after `init`.
@safe
package final class DepthwiseS8 {
  /// Elements of the window: height × width.
  package let taps: Int
  /// Channels of the input and of the result.
  package let channels: Int
  /// Bytes held for packed weights, bias and scales.
  package let packedByteCount: Int

  private let variant: krn_dwconv_s8_variant
  private let packed: PackedMemory

  /// Packs `weights`, once.
  ///
  /// - Parameters:
  ///   - weights: `[taps, channels]`, row-major, taps in the order of the indirection array.
  ///   - taps: Elements of the window, 1...32 768.
  ///   - channels: ≥ 1.
  ///   - bias: One a channel, the input's zero point folded in: `bias − zeroPoint × Σ weights`.
  ///   - scale: Input scale × weight scale / output scale, one a channel; finite and > 0.
  ///   - kernels: Whose variant to use.
  ///   - memory: Where the packed weights go if there is room.
  package init(
    weights: Span<Int8>, taps: Int, channels: Int, bias: Span<Int32>, scale: Span<Float>,
    kernels: KernelSet = .chosen, memory: MemoryBlock? = nil
  ) {
    precondition(channels >= 1 && taps >= 1 && taps <= 32_768, "\(taps) × \(channels) weights")
    precondition(weights.count == taps * channels, "\(weights.count) weights")
    precondition(bias.count == channels && scale.count == channels, "bias or scale count")
    self.taps = taps
    self.channels = channels
    unsafe variant = kernels.depthwiseS8
    packedByteCount = unsafe variant.packed_size(taps, channels)
    packed = PackedMemory(byteCount: packedByteCount, in: memory)
    unsafe weights.withUnsafeBufferPointer { weights in
      unsafe bias.withUnsafeBufferPointer { bias in
        unsafe scale.withUnsafeBufferPointer { scale in
          unsafe variant.pack(
            taps, channels, start(of: weights), start(of: bias), start(of: scale), packed.start)
        }
      }
    }
  }

  /// Bytes that packed weights of `taps` × `channels`, bias and scales take.
  package static func packedByteCount(taps: Int, channels: Int, kernels: KernelSet) -> Int {
    unsafe kernels.depthwiseS8.packed_size(taps, channels)
  }

  deinit {
    packed.deallocate()
  }

  /// Computes `pixels` pixels of the result.
  ///
  /// Tap `t` of pixel `p` reads the `channels` bytes at `rows[p × rowStep + t]`. A tap that falls
  /// into the padding points to a row of `channels` bytes that hold the input's zero point.
  ///
  /// The order of taps is the caller's as long as `weights` has the same. For a window that slides
  /// by `strideX` along a row of the picture, without dilation, put them column by column (window
  /// column outer, window row inner) and let `rowStep` be `strideX × windowHeight`: neighbouring
  /// pixels then share pointers, a row of `n` pixels needs `((n − 1) × strideX + windowWidth) ×
  /// windowHeight` pointers, and kernels may use what neighbours share. Otherwise let `rowStep` be
  /// `taps`.
  ///
  /// - Parameters:
  ///   - rows: `(pixels − 1) × rowStep + taps` pointers, each to `channels` readable bytes that
  ///     `out` does not overlap. Nothing checks them: that is what makes this unsafe.
  ///   - out: `pixels` rows of `channels` bytes, `outStride` bytes apart.
  ///   - output: Zero point and limits of the result.
  ///   - forms: Other than `.plain` only with kernels that `takesFlippedBytes`; a row of padding has the input's.
  /// - Complexity: O(pixels × taps × channels), no allocation.
  @unsafe
  @_lifetime(out: copy out)
  package func callAsFunction(
    rows: UnsafePointer<UnsafePointer<Int8>>, pixels: Int, rowStep: Int,
    into out: inout MutableSpan<Int8>, outStride: Int,
    output: OutputS8, forms: ByteForms = .plain
  ) {
    if pixels == 0 { return }
    unsafe precondition(
      forms == .plain || variant.flips != 0, "these kernels take no flipped bytes")
    checkRows(pixels, of: channels, stride: outStride, in: out.count)
    precondition(rowStep >= 1, "pixels \(rowStep) pointers apart")
    unsafe out.withUnsafeMutableBufferPointer { out in
      var job = unsafe krn_dwconv_s8_job(
        pixels: pixels, taps: taps, channels: channels, rows: rows, row_step: rowStep,
        packed: packed.start, out: start(of: out), out_stride: outStride,
        output: output.parameters, in_flip: forms.input.mask, out_flip: forms.output.mask)
      unsafe variant.run(&job)
    }
  }
}
