import Kernels
import Testing

@Suite("dwconv_s8, dwconv_f32")
struct DepthwiseTests {
  struct Case: Sendable {
    let pixels, taps, rowStep, channels: Int
  }

  static let cases = [
    Case(pixels: 1, taps: 1, rowStep: 1, channels: 1),
    Case(pixels: 3, taps: 9, rowStep: 3, channels: 7),
    Case(pixels: 5, taps: 9, rowStep: 6, channels: 16),
    Case(pixels: 6, taps: 25, rowStep: 5, channels: 24),
    Case(pixels: 9, taps: 25, rowStep: 25, channels: 40),
    Case(pixels: 14, taps: 9, rowStep: 3, channels: 144),
  ]

  @Test("is Σ row(p, t)·w, requantised", arguments: Candidate.all(.depthwiseS8), cases)
  func equalsFormula(candidate: Candidate, shape: Case) {
    guard let kernels = candidate.kernels else { return }
    var random = Seeded(shape.pixels * 1009 + shape.channels)
    let pointers = (shape.pixels - 1) * shape.rowStep + shape.taps
    let input = random.bytes(pointers * shape.channels)
    let order = (0..<pointers).map { _ in Int.random(in: 0..<pointers, using: &random) }
    let weights = random.bytes(shape.taps * shape.channels)
    let bias = random.integers(shape.channels, in: -3000...3000)
    let scale = random.floats(shape.channels, in: 0.0005...0.01)
    let convolution = DepthwiseS8(
      weights: weights.span, taps: shape.taps, channels: shape.channels, bias: bias.span,
      scale: scale.span, kernels: kernels)
    var out = [Int8](repeating: 99, count: shape.pixels * shape.channels)
    unsafe input.withUnsafeBufferPointer { input in
      guard let base = input.baseAddress else { return }
      let rows = unsafe order.map { unsafe base + $0 * shape.channels }
      unsafe rows.withUnsafeBufferPointer { rows in
        var span = out.mutableSpan
        guard let rows = rows.baseAddress else { return }
        unsafe convolution(
          rows: rows, pixels: shape.pixels, rowStep: shape.rowStep, into: &span,
          outStride: shape.channels, output: OutputS8(zeroPoint: 11))
      }
    }
    var expected: [Int8] = []
    for p in 0..<shape.pixels {
      for c in 0..<shape.channels {
        var sum = bias[c]
        for t in 0..<shape.taps {
          let row = order[p * shape.rowStep + t]
          sum += Int32(input[row * shape.channels + c]) * Int32(weights[t * shape.channels + c])
        }
        expected.append(requantised(sum, scale[c], zeroPoint: 11))
      }
    }
    #expect(out == expected)
  }

  @Test(
    "is a chain of fused multiply-adds in the order of taps, limited",
    arguments: Candidate.all(.depthwiseF32), cases)
  func equalsChain(candidate: Candidate, shape: Case) {
    guard let kernels = candidate.kernels else { return }
    var random = Seeded(shape.pixels * 1013 + shape.channels)
    let pointers = (shape.pixels - 1) * shape.rowStep + shape.taps
    let input = random.floats(pointers * shape.channels)
    let weights = random.floats(shape.taps * shape.channels)
    let bias = random.floats(shape.channels)
    var out = [Float](repeating: 99, count: shape.pixels * shape.channels)
    unsafe input.withUnsafeBufferPointer { input in
      guard let base = input.baseAddress else { return }
      let rows = unsafe (0..<pointers).map { unsafe base + $0 * shape.channels }
      unsafe rows.withUnsafeBufferPointer { rows in
        var span = out.mutableSpan
        guard let rows = rows.baseAddress else { return }
        unsafe depthwiseF32(
          rows: rows, pixels: shape.pixels, rowStep: shape.rowStep, taps: shape.taps,
          channels: shape.channels, weights: weights.span, bias: bias.span, into: &span,
          low: -1.5, high: 2, kernels: kernels)
      }
    }
    var expected: [UInt32] = []
    for p in 0..<shape.pixels {
      for c in 0..<shape.channels {
        var sum = bias[c]
        for t in 0..<shape.taps {
          let x = input[(p * shape.rowStep + t) * shape.channels + c]
          sum.addProduct(x, weights[t * shape.channels + c])
        }
        expected.append(min(max(sum, -1.5), 2).bitPattern)
      }
    }
    #expect(out.map(\.bitPattern) == expected)
  }
}
