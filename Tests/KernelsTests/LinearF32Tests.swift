import Kernels
import Testing

@Suite("gemm_f32, outer_f32")
struct LinearF32Tests {
  @Test(
    "sums in sixteen lanes and one tree", arguments: Candidate.all(.gemmF32),
    [1, 5, 15, 16, 17, 33, 100, 1280])
  func equalsLanes(candidate: Candidate, depth: Int) {
    guard let kernels = candidate.kernels else { return }
    let (rows, outputs) = (5, 7)
    var random = Seeded(depth)
    let (a, weights) = (random.floats(rows * depth), random.floats(outputs * depth))
    let bias = random.floats(outputs)
    var out = [Float](repeating: 0, count: rows * outputs)
    var span = out.mutableSpan
    gemmF32(
      a.span, rows: rows, weights: weights.span, outputs: outputs, depth: depth, bias: bias.span,
      into: &span, kernels: kernels)
    for m in 0..<rows {
      for n in 0..<outputs {
        var lanes = [Float](repeating: 0, count: 16)
        var exact = Double(bias[n])
        for k in 0..<depth {
          let (x, w) = (a[m * depth + k], weights[n * depth + k])
          lanes[k % 16].addProduct(x, w)
          exact += Double(x) * Double(w)
        }
        let expected = treeSum(lanes) + bias[n]
        #expect(out[m * outputs + n].bitPattern == expected.bitPattern, "row \(m), output \(n)")
        // depth / 16 + 5 roundings, each of a sum that stays below depth
        let tolerance = Double(depth / 16 + 6) * Double(depth) * 0x1p-24
        #expect(abs(Double(out[m * outputs + n]) - exact) <= tolerance)
      }
    }
  }

  @Test(
    "one row by halves has the bits of one by widened numbers", arguments: Candidate.all(.gemmF32),
    [1, 15, 16, 100, 1280])
  func halves(candidate: Candidate, depth: Int) {
    guard let kernels = candidate.kernels else { return }
    let outputs = 11
    var random = Seeded(depth)
    let (a, bias) = (random.floats(depth), random.floats(outputs))
    let bits = (0..<(outputs * depth)).map { _ in UInt16.random(in: 0..<0x7C00, using: &random) }
    var weights = [Float](repeating: 0, count: bits.count)
    var wide = weights.mutableSpan
    widenF16(bits.span, into: &wide)
    var (found, expected) = (
      [Float](repeating: 0, count: outputs), [Float](repeating: 1, count: outputs)
    )
    var first = found.mutableSpan
    gemvF32(
      a.span, halves: bits.span, outputs: outputs, depth: depth, bias: bias.span, into: &first,
      kernels: kernels)
    var second = expected.mutableSpan
    gemmF32(
      a.span, rows: 1, weights: weights.span, outputs: outputs, depth: depth, bias: bias.span,
      into: &second, kernels: kernels)
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(Set(found).count > 5)
  }

  @Test("leaves the sum alone without a bias", arguments: Candidate.all(.gemmF32))
  func noBias(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    let (a, weights, none): ([Float], [Float], [Float]) = ([1, 2, 3], [4, 5, 6], [])
    var out: [Float] = [0]
    var span = out.mutableSpan
    gemmF32(
      a.span, rows: 1, weights: weights.span, outputs: 1, depth: 3, bias: none.span, into: &span,
      kernels: kernels)
    #expect(out == [32])
  }

  @Test("leaves what is between its rows alone", arguments: Candidate.all(.gemmF32))
  func outStride(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    let (rows, outputs, depth, outStride) = (5, 6, 20, 9)
    var random = Seeded(7)
    let (a, weights) = (random.floats(rows * depth), random.floats(outputs * depth))
    let bias = random.floats(outputs)
    var dense = [Float](repeating: 0, count: rows * outputs)
    var denseSpan = dense.mutableSpan
    gemmF32(
      a.span, rows: rows, weights: weights.span, outputs: outputs, depth: depth, bias: bias.span,
      into: &denseSpan, kernels: kernels)
    var spread = [Float](repeating: 77, count: (rows - 1) * outStride + outputs)
    var spreadSpan = spread.mutableSpan
    gemmF32(
      a.span, rows: rows, weights: weights.span, outputs: outputs, depth: depth, bias: bias.span,
      into: &spreadSpan, outStride: outStride, kernels: kernels)
    var expected = [Float](repeating: 77, count: spread.count)
    for m in 0..<rows {
      for n in 0..<outputs { expected[m * outStride + n] = dense[m * outputs + n] }
    }
    #expect(spread == expected)
  }

  @Test(
    "accumulates outer products in the order of rows", arguments: Candidate.all(.outerF32),
    [1, 15, 16, 17, 50])
  func outer(candidate: Candidate, depth: Int) {
    guard let kernels = candidate.kernels else { return }
    let (rows, outputs) = (6, 5)
    var random = Seeded(depth)
    let (g, a) = (random.floats(rows * outputs), random.floats(rows * depth))
    let start = random.floats(outputs * depth)
    var (gW, expected) = (start, start)
    var span = gW.mutableSpan
    accumulateOuterF32(
      gradients: g.span, inputs: a.span, rows: rows, outputs: outputs, depth: depth, into: &span,
      kernels: kernels)
    for m in 0..<rows {
      for n in 0..<outputs {
        for k in 0..<depth {
          expected[n * depth + k].addProduct(g[m * outputs + n], a[m * depth + k])
        }
      }
    }
    #expect(gW.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  @Test(
    "passes gradients back in the order of outputs", arguments: Candidate.all(.outerF32),
    [1, 16, 37])
  func inputGradient(candidate: Candidate, depth: Int) {
    guard let kernels = candidate.kernels else { return }
    let (rows, outputs) = (3, 9)
    var random = Seeded(depth)
    let (g, weights) = (random.floats(rows * outputs), random.floats(outputs * depth))
    var gA = [Float](repeating: 0, count: rows * depth)
    var expected = gA
    var span = gA.mutableSpan
    accumulateInputGradientF32(
      gradients: g.span, weights: weights.span, rows: rows, outputs: outputs, depth: depth,
      into: &span, kernels: kernels)
    for m in 0..<rows {
      for n in 0..<outputs {
        for k in 0..<depth {
          expected[m * depth + k].addProduct(g[m * outputs + n], weights[n * depth + k])
        }
      }
    }
    #expect(gA.map(\.bitPattern) == expected.map(\.bitPattern))
  }
}
