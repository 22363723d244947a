import Kernels
import Testing

@Suite("gemm_s8")
struct GemmS8Tests {
  struct Case: Sendable {
    let rows, outputs, depth: Int
  }

  static let cases = [
    Case(rows: 1, outputs: 1, depth: 1), Case(rows: 2, outputs: 8, depth: 3),
    Case(rows: 5, outputs: 9, depth: 16), Case(rows: 6, outputs: 16, depth: 17),
    Case(rows: 7, outputs: 17, depth: 27), Case(rows: 13, outputs: 24, depth: 33),
    Case(rows: 49, outputs: 40, depth: 96), Case(rows: 4, outputs: 33, depth: 6001),
  ]

  @Test("is Σ a·w, requantised", arguments: Candidate.all(.gemmS8), cases)
  func equalsFormula(candidate: Candidate, shape: Case) {
    guard let kernels = candidate.kernels else { return }
    #expect(kernels.variant(of: .gemmS8) == candidate.variant.name)
    var random = Seeded(shape.rows * 1_000_003 + shape.outputs * 1009 + shape.depth)
    let (rowStride, outStride) = (shape.depth + 3, shape.outputs + 2)
    let a = random.bytes((shape.rows - 1) * rowStride + shape.depth)
    let weights = random.bytes(shape.outputs * shape.depth)
    let bias = random.integers(shape.outputs, in: -20_000...20_000)
    let scale = random.floats(shape.outputs, in: 0.0001...0.003)
    let gemm = GemmS8(
      weights: weights.span, outputs: shape.outputs, depth: shape.depth, bias: bias.span,
      scale: scale.span, kernels: kernels)
    var out = [Int8](repeating: 99, count: (shape.rows - 1) * outStride + shape.outputs)
    var span = out.mutableSpan
    gemm(
      a.span, rows: shape.rows, rowStride: rowStride, into: &span, outStride: outStride,
      output: OutputS8(zeroPoint: -7, low: -100, high: 90))
    var expected = [Int8](repeating: 99, count: out.count)
    for m in 0..<shape.rows {
      for n in 0..<shape.outputs {
        var sum = bias[n]
        for k in 0..<shape.depth {
          sum += Int32(a[m * rowStride + k]) * Int32(weights[n * shape.depth + k])
        }
        expected[m * outStride + n] = requantised(
          sum, scale[n], zeroPoint: -7, low: -100, high: 90)
      }
    }
    #expect(out == expected)
  }

  @Test(
    "reads and writes flipped bytes, if it takes them", arguments: Candidate.all(.gemmS8),
    [(7, 20, 12), (13, 33, 27), (3, 5, 64)])
  func flipped(candidate: Candidate, shape: (rows: Int, outputs: Int, depth: Int)) {
    guard let kernels = candidate.kernels, kernels.takesFlippedBytes else { return }
    var random = Seeded(shape.outputs)
    let a = random.bytes(shape.rows * shape.depth)
    let weights = random.bytes(shape.outputs * shape.depth)
    let bias = random.integers(shape.outputs, in: -20_000...20_000)
    let scale = random.floats(shape.outputs, in: 0.0001...0.003)
    let gemm = GemmS8(
      weights: weights.span, outputs: shape.outputs, depth: shape.depth, bias: bias.span,
      scale: scale.span, kernels: kernels)
    func product(_ forms: ByteForms) -> [Int8] {
      let input = a.map { $0 ^ forms.input.mask }
      var out = [Int8](repeating: 0, count: shape.rows * shape.outputs)
      var span = out.mutableSpan
      gemm(
        input.span, rows: shape.rows, rowStride: shape.depth, into: &span,
        outStride: shape.outputs, output: OutputS8(zeroPoint: -7, low: -100, high: 90),
        forms: forms)
      return out.map { $0 ^ forms.output.mask }
    }
    let plain = product(.plain)
    #expect(Set(plain).count > 9)
    for input in [ByteForm.plain, .flipped] {
      for output in [ByteForm.plain, .flipped] {
        #expect(product(ByteForms(input: input, output: output)) == plain, "\(input), \(output)")
      }
    }
  }

  @Test("does not saturate in between: all bytes −128", arguments: Candidate.all(.gemmS8))
  func extremes(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    let depth = 512
    let a = [Int8](repeating: -128, count: depth)
    let bias: [Int32] = [-512 * 16_384 + 40]
    let scale: [Float] = [1]
    let gemm = GemmS8(
      weights: a.span, outputs: 1, depth: depth, bias: bias.span, scale: scale.span,
      kernels: kernels)
    var out: [Int8] = [0]
    var span = out.mutableSpan
    gemm(
      a.span, rows: 1, rowStride: depth, into: &span, outStride: 1, output: OutputS8(zeroPoint: 3))
    #expect(out == [43])
  }

  @Test("rounds halves to even and saturates", arguments: Candidate.all(.gemmS8))
  func rounding(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    let bias: [Int32] = [1, 3, 5, -1, -3, 1000, -1000, .max, .min]
    let scale = [Float](repeating: 0.5, count: 7) + [1000, 1000]
    let weights = [Int8](repeating: 0, count: bias.count)
    let gemm = GemmS8(
      weights: weights.span, outputs: bias.count, depth: 1, bias: bias.span, scale: scale.span,
      kernels: kernels)
    let a: [Int8] = [5]
    var out = [Int8](repeating: 0, count: bias.count)
    var span = out.mutableSpan
    gemm(
      a.span, rows: 1, rowStride: 1, into: &span, outStride: bias.count,
      output: OutputS8(zeroPoint: 0))
    #expect(out == [0, 2, 2, 0, -2, 127, -128, 127, -128])
  }

  @Test("refuses an input that is too short")
  func shortInput() async {
    await #expect(processExitsWith: .failure) {
      let (weights, bias, scale): ([Int8], [Int32], [Float]) = ([1, 2, 3], [0], [1])
      let gemm = GemmS8(
        weights: weights.span, outputs: 1, depth: 3, bias: bias.span, scale: scale.span)
      let a: [Int8] = [1, 2, 3, 4, 5]
      var out: [Int8] = [0, 0]
      var span = out.mutableSpan
      gemm(a.span, rows: 2, rowStride: 3, into: &span, outStride: 1, output: OutputS8(zeroPoint: 0))
    }
  }
}
