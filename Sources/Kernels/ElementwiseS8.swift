internal import CKernels

/// One addend of `addS8`: what its bytes stand for, seen from the result's scale.
package struct AddendS8: Hashable, Sendable {
  /// The byte that stands for 0.
  package let zeroPoint: Int8
  /// Scale of the addend / scale of the result; > 0, and finite times 255: the sum of two infinities
  /// need be no number, of which each variant makes another byte.
  package let scale: Float

  /// An addend; traps unless `zeroPoint` is in −128...127.
  package init(zeroPoint: Int, scale: Float) {
    self.zeroPoint = Int8(zeroPoint)
    self.scale = scale
  }
}

/// Adds two tensors of signed bytes, element by element.
///
/// `out[i] = round((a[i] − zero of a) × scale of a + (b[i] − zero of b) × scale of b) + zero`,
/// limited: two products and a sum, each rounded to fp32 and never fused, then half to even. `a`,
/// `b` and `out` have the same count.
@_lifetime(out: copy out)
package func addS8(
  _ a: Span<Int8>, _ aForm: AddendS8, _ b: Span<Int8>, _ bForm: AddendS8,
  into out: inout MutableSpan<Int8>, output: OutputS8,
  kernels: KernelSet = .chosen
) {
  precondition(a.count == b.count && a.count == out.count, "\(a.count) + \(b.count) elements")
  if out.isEmpty { return }
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe out.withUnsafeMutableBufferPointer { out in
        var job = unsafe krn_add_s8_job(
          count: out.count, a: start(of: a), b: start(of: b), out: start(of: out),
          a_zero: Int32(aForm.zeroPoint), b_zero: Int32(bForm.zeroPoint), a_scale: aForm.scale,
          b_scale: bForm.scale,
          output: output.parameters)
        unsafe kernels.addS8.run(&job)
      }
    }
  }
}

/// Adds a tensor of signed bytes to another in its place, with the same rounding as
/// `addS8(_:_:_:_:into:)`: `accumulator` is the first addend and the result.
@_lifetime(accumulator: copy accumulator)
package func addInPlaceS8(
  _ accumulator: inout MutableSpan<Int8>, _ aForm: AddendS8, _ b: Span<Int8>, _ bForm: AddendS8,
  output: OutputS8, kernels: KernelSet = .chosen
) {
  precondition(accumulator.count == b.count, "\(accumulator.count) + \(b.count) elements")
  if b.isEmpty { return }
  unsafe b.withUnsafeBufferPointer { b in
    unsafe accumulator.withUnsafeMutableBufferPointer { out in
      var job = unsafe krn_add_s8_job(
        count: out.count, a: start(of: UnsafeBufferPointer(out)), b: start(of: b),
        out: start(of: out),
        a_zero: Int32(aForm.zeroPoint), b_zero: Int32(bForm.zeroPoint), a_scale: aForm.scale,
        b_scale: bForm.scale,
        output: output.parameters)
      unsafe kernels.addS8.run(&job)
    }
  }
}

/// How `fixedAddS8` adds: `(a − zero of a) × first + (b − zero of b) × second` in units of 2^−shift, halves up.
package struct FixedSumS8: Hashable, Sendable {
  /// Greatest multiplier: sums of bytes times it stay inside int32.
  package static let greatestMultiplier: Int32 = 1 << 21

  let first: Int32
  let second: Int32
  let bias: Int32
  let shift: Int32

  /// The rule for addends whose bytes `zeros` stand for 0; `nil` unless the multipliers are in
  /// 0...`greatestMultiplier`, `shift` in 1...30 and `zeros` bytes.
  package init?(first: Int32, second: Int32, shift: Int32, zeros: (first: Int, second: Int)) {
    let multipliers = 0...Self.greatestMultiplier
    guard multipliers.contains(first), multipliers.contains(second), (1...30).contains(shift),
      let firstZero = Int8(exactly: zeros.first), let secondZero = Int8(exactly: zeros.second)
    else { return nil }
    self.first = first
    self.second = second
    self.shift = shift
    bias = (1 << (shift - 1)) - Int32(firstZero) * first - Int32(secondZero) * second
  }
}

/// Adds two tensors of signed bytes in integers: `out[i] = ((a[i] × first + b[i] × second + bias) >>
/// shift) + zeroPoint`, limited. `a`, `b` and `out` have the same count.
@_lifetime(out: copy out)
package func fixedAddS8(
  _ a: Span<Int8>, _ b: Span<Int8>, by rule: FixedSumS8, into out: inout MutableSpan<Int8>,
  output: OutputS8, kernels: KernelSet = .chosen
) {
  precondition(a.count == b.count && a.count == out.count, "\(a.count) + \(b.count) elements")
  if out.isEmpty { return }
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe out.withUnsafeMutableBufferPointer { out in
        var job = unsafe krn_fixadd_s8_job(
          count: out.count, a: start(of: a), b: start(of: b), out: start(of: out),
          a_multiplier: rule.first, b_multiplier: rule.second, bias: rule.bias, shift: rule.shift,
          output: output.parameters)
        unsafe kernels.fixedAddS8.run(&job)
      }
    }
  }
}

/// Adds a tensor of signed bytes to another in its place, with the same rounding as
/// `fixedAddS8(_:_:by:into:)`: `accumulator` is the first addend and the result.
@_lifetime(accumulator: copy accumulator)
package func fixedAddInPlaceS8(
  _ accumulator: inout MutableSpan<Int8>, _ b: Span<Int8>, by rule: FixedSumS8, output: OutputS8,
  kernels: KernelSet = .chosen
) {
  precondition(accumulator.count == b.count, "\(accumulator.count) + \(b.count) elements")
  if b.isEmpty { return }
  unsafe b.withUnsafeBufferPointer { b in
    unsafe accumulator.withUnsafeMutableBufferPointer { out in
      var job = unsafe krn_fixadd_s8_job(
        count: out.count, a: start(of: UnsafeBufferPointer(out)), b: start(of: b),
        out: start(of: out), a_multiplier: rule.first, b_multiplier: rule.second, bias: rule.bias,
        shift: rule.shift, output: output.parameters)
      unsafe kernels.fixedAddS8.run(&job)
    }
  }
}

/// Sums signed bytes over pixels: `out[c] = float(Σ a[p][c] − pixels × zeroPoint) × scale`.
///
/// The sum is exact in int32; one fp32 product. `a` is `[pixels, channels]`, row-major; `out` holds
/// `channels` elements. For a mean, put 1 / pixels into `scale`. `pixels` is at most 2²³.
@_lifetime(out: copy out)
package func meanS8(
  _ a: Span<Int8>, pixels: Int, channels: Int, zeroPoint: Int, scale: Float,
  into out: inout MutableSpan<Float>, kernels: KernelSet = .chosen
) {
  precondition(
    pixels >= 1 && pixels <= 1 << 23 && channels >= 1 && a.count == pixels * channels
      && out.count == channels, "\(a.count) bytes are not \(pixels) × \(channels)")
  let zero = Int8(zeroPoint)
  unsafe a.withUnsafeBufferPointer { a in
    unsafe out.withUnsafeMutableBufferPointer { out in
      var job = unsafe krn_mean_s8_job(
        pixels: pixels, channels: channels, a: start(of: a), zero: Int32(zero), scale: scale,
        out: start(of: out))
      unsafe kernels.meanS8.run(&job)
    }
  }
}
