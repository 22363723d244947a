internal import CKernels

/// Multiplies fp32 matrices: `out[m][n] = Σ a[m][k] · weights[n][k] + bias[n]`.
///
/// The sum is made by fused multiply-add in sixteen lanes (lane i takes k ≡ i mod 16; lanes i and i
/// + 8 are added, then i + 4, i + 2, i + 1), then the bias is added: the same bits for every
/// variant.
///
/// - Parameters:
///   - a: `[rows, depth]`, row-major.
///   - weights: `[outputs, depth]`, row-major.
///   - bias: `[outputs]`, or empty for none.
///   - out: `[rows, outputs]`, row-major.
///   - outStride: From one row of `out` to the next, if there is something between them, which is left alone.
/// - Complexity: O(rows × outputs × depth), no allocation.
@_lifetime(out: copy out)
package func gemmF32(
  _ a: Span<Float>, rows: Int, weights: Span<Float>, outputs: Int, depth: Int, bias: Span<Float>,
  into out: inout MutableSpan<Float>, outStride: Int? = nil, kernels: KernelSet = .chosen
) {
  let outStride = outStride ?? outputs
  precondition(rows >= 0 && outputs >= 1 && depth >= 1, "\(rows) × \(outputs) × \(depth)")
  precondition(a.count == rows * depth, "\(a.count) inputs are not \(rows) × \(depth)")
  precondition(weights.count == outputs * depth, "\(weights.count) weights")
  precondition(bias.isEmpty || bias.count == outputs, "\(bias.count) biases")
  checkRows(rows, of: outputs, stride: outStride, in: out.count)
  if rows == 0 { return }
  unsafe a.withUnsafeBufferPointer { a in
    unsafe weights.withUnsafeBufferPointer { weights in
      unsafe bias.withUnsafeBufferPointer { bias in
        unsafe out.withUnsafeMutableBufferPointer { out in
          var job = unsafe krn_gemm_f32_job(
            rows: rows, outputs: outputs, depth: depth, a: start(of: a), a_stride: depth,
            weights: start(of: weights), halves: nil, bias: bias.isEmpty ? nil : bias.baseAddress,
            out: start(of: out), out_stride: outStride)
          unsafe kernels.gemmF32.run(&job)
        }
      }
    }
  }
}

/// The same for one row, with weights in half precision, which must be finite: the bits that `gemmF32` gives with the
/// widened ones.
///
/// - Parameters:
///   - a: `[depth]`.
///   - halves: `[outputs, depth]`, row-major, as bits.
///   - bias: `[outputs]`, or empty for none.
///   - out: `[outputs]`.
/// - Complexity: O(outputs × depth), no allocation.
@_lifetime(out: copy out)
package func gemvF32(
  _ a: Span<Float>, halves: Span<UInt16>, outputs: Int, depth: Int, bias: Span<Float>,
  into out: inout MutableSpan<Float>, kernels: KernelSet = .chosen
) {
  precondition(outputs >= 1 && depth >= 1, "\(outputs) × \(depth)")
  precondition(a.count == depth, "\(a.count) inputs are not \(depth)")
  precondition(halves.count == outputs * depth, "\(halves.count) weights")
  precondition(bias.isEmpty || bias.count == outputs, "\(bias.count) biases")
  checkRows(1, of: outputs, stride: outputs, in: out.count)
  unsafe a.withUnsafeBufferPointer { a in
    unsafe halves.withUnsafeBufferPointer { halves in
      unsafe bias.withUnsafeBufferPointer { bias in
        unsafe out.withUnsafeMutableBufferPointer { out in
          var job = unsafe krn_gemm_f32_job(
            rows: 1, outputs: outputs, depth: depth, a: start(of: a), a_stride: depth,
            weights: nil, halves: start(of: halves), bias: bias.isEmpty ? nil : bias.baseAddress,
            out: start(of: out), out_stride: outputs)
          unsafe kernels.gemmF32.run(&job)
        }
      }
    }
  }
}

/// Adds a batch's outer products to a weight gradient: `gW[n][k] += g[m][n] · a[m][k]`, m = 0, 1, 2
/// … in that order, each step one fused multiply-add.
///
/// - Parameters:
///   - gradients: `[rows, outputs]`, row-major.
///   - inputs: `[rows, depth]`, row-major.
///   - gW: `[outputs, depth]`, row-major.
/// - Complexity: O(rows × outputs × depth), no allocation.
@_lifetime(gW: copy gW)
package func accumulateOuterF32(
  gradients g: Span<Float>, inputs a: Span<Float>, rows: Int, outputs: Int, depth: Int,
  into gW: inout MutableSpan<Float>, kernels: KernelSet = .chosen
) {
  precondition(rows >= 0 && outputs >= 1 && depth >= 1, "\(rows) × \(outputs) × \(depth)")
  precondition(g.count == rows * outputs, "\(g.count) gradients are not \(rows) × \(outputs)")
  precondition(a.count == rows * depth, "\(a.count) inputs are not \(rows) × \(depth)")
  precondition(gW.count == outputs * depth, "\(gW.count) sums are not \(outputs) × \(depth)")
  if rows == 0 { return }
  unsafe g.withUnsafeBufferPointer { g in
    unsafe a.withUnsafeBufferPointer { a in
      unsafe gW.withUnsafeMutableBufferPointer { out in
        var job = unsafe krn_outer_f32_job(
          rows: rows, outputs: outputs, depth: depth, g: start(of: g), g_row: outputs,
          g_column: 1, x: start(of: a), out: start(of: out))
        unsafe kernels.outerF32.run(&job)
      }
    }
  }
}

/// Adds what a linear layer passes back to its input: `gA[m][k] += g[m][n] · weights[n][k]`, n = 0,
/// 1, 2 … in that order, each step one fused multiply-add.
///
/// - Parameters:
///   - gradients: `[rows, outputs]`, row-major.
///   - weights: `[outputs, depth]`, row-major.
///   - gA: `[rows, depth]`, row-major.
/// - Complexity: O(rows × outputs × depth), no allocation.
@_lifetime(gA: copy gA)
package func accumulateInputGradientF32(
  gradients g: Span<Float>, weights: Span<Float>, rows: Int, outputs: Int, depth: Int,
  into gA: inout MutableSpan<Float>, kernels: KernelSet = .chosen
) {
  precondition(rows >= 0 && outputs >= 1 && depth >= 1, "\(rows) × \(outputs) × \(depth)")
  precondition(g.count == rows * outputs, "\(g.count) gradients are not \(rows) × \(outputs)")
  precondition(weights.count == outputs * depth, "\(weights.count) weights")
  precondition(gA.count == rows * depth, "\(gA.count) sums are not \(rows) × \(depth)")
  if rows == 0 { return }
  unsafe g.withUnsafeBufferPointer { g in
    unsafe weights.withUnsafeBufferPointer { weights in
      unsafe gA.withUnsafeMutableBufferPointer { out in
        var job = unsafe krn_outer_f32_job(
          rows: outputs, outputs: rows, depth: depth, g: start(of: g), g_row: 1,
          g_column: outputs, x: start(of: weights), out: start(of: out))
        unsafe kernels.outerF32.run(&job)
      }
    }
  }
}

/// An fp32 depthwise convolution: `sum = bias[c]`, then `sum = fma(row(p, t)[c], weights[t][c],
/// sum)` for t = 0, 1, 2 …; `out[p][c]` is the sum limited to `low...high`.
///
/// - Parameters:
///   - rows: `(pixels − 1) × rowStep + taps` pointers, each to `channels` readable floats that
///     `out` does not overlap, with the meaning of `DepthwiseS8`; padding points to a row of zeros.
///     Nothing checks them: that is what makes this unsafe.
///   - weights: `[taps, channels]`, row-major, taps in the order of `rows`.
///   - bias: `[channels]`.
///   - out: `[pixels, channels]`, row-major.
/// - Complexity: O(pixels × taps × channels), no allocation.
@unsafe
@_lifetime(out: copy out)
package func depthwiseF32(
  rows: UnsafePointer<UnsafePointer<Float>>, pixels: Int, rowStep: Int, taps: Int, channels: Int,
  weights: Span<Float>, bias: Span<Float>, into out: inout MutableSpan<Float>,
  low: Float = -.infinity, high: Float = .infinity, kernels: KernelSet = .chosen
) {
  precondition(pixels >= 0 && taps >= 1 && channels >= 1 && rowStep >= 1, "\(taps) × \(channels)")
  precondition(weights.count == taps * channels && bias.count == channels, "weights or bias count")
  precondition(out.count == pixels * channels, "\(out.count) outputs, not \(pixels) × \(channels)")
  if pixels == 0 { return }
  unsafe weights.withUnsafeBufferPointer { weights in
    unsafe bias.withUnsafeBufferPointer { bias in
      unsafe out.withUnsafeMutableBufferPointer { out in
        var job = unsafe krn_dwconv_f32_job(
          pixels: pixels, taps: taps, channels: channels, rows: rows, row_step: rowStep,
          weights: start(of: weights), bias: start(of: bias), out: start(of: out),
          out_stride: channels, low: low, high: high)
        unsafe kernels.depthwiseF32.run(&job)
      }
    }
  }
}
