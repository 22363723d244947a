import Glibc
import Kernels
import Testing

@Suite("exp_f32, log_f32, softmax_f32")
struct ElementaryF32Tests {
  /// |value − exact| in units of the last place of `exact` as a float.
  static func error(_ value: Float, _ exact: Double) -> Double {
    let place = max(Double(Float(exact).ulp), Double(Float.leastNonzeroMagnitude))
    return abs(Double(value) - exact) / place
  }

  @Test("exp stays within 2 units in the last place", arguments: Candidate.all(.expF32))
  func exponential(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    let x = (0..<40_001).map { -104 + Float($0) * 0.0048 }
    var y = x
    var span = y.mutableSpan
    expF32(&span, kernels: kernels)
    let worst = zip(x, y).filter { $0.0 < 88.72 }.map { Self.error($1, exp(Double($0))) }.max()
    #expect((worst ?? .infinity) <= 2)
  }

  @Test("log stays within 2 units in the last place", arguments: Candidate.all(.logF32))
  func logarithm(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    let spread = (0..<40_000).map { Float(bitPattern: 1 + UInt32($0) * 53_687) }
    let x = spread.filter { $0.isFinite && $0 > 0 } + (1..<4000).map { 0.5 + Float($0) * 0.00025 }
    var y = x
    var span = y.mutableSpan
    logF32(&span, kernels: kernels)
    let worst = zip(x, y).map { Self.error($1, log(Double($0))) }.max()
    #expect((worst ?? .infinity) <= 2)
  }

  @Test("special values", arguments: Candidate.all(.expF32))
  func specials(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    var e: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 89, 200, -104, -1e30]
    var span = e.mutableSpan
    expF32(&span, kernels: kernels)
    #expect(e[0] == 1 && e[1] == 1 && e[2] == .infinity && e[3] == 0 && e[4].isNaN)
    #expect(e[5] == .infinity && e[6] == .infinity && e[7] == 0 && e[8] == 0)
    var l: [Float] = [1, 0, -0.0, -1, .infinity, .nan, .leastNonzeroMagnitude]
    var lSpan = l.mutableSpan
    logF32(&lSpan, kernels: kernels)
    #expect(l[0] == 0 && l[1] == -.infinity && l[2] == -.infinity && l[3].isNaN)
    #expect(l[4] == .infinity && l[5].isNaN && abs(l[6] + 103.27893) < 1e-4)
  }

  @Test("one number gives the bits of a span")
  func single() {
    for x in stride(from: Float(0.01), to: 20, by: 0.37) {
      var (e, l) = ([x], [x])
      var eSpan = e.mutableSpan
      expF32(&eSpan)
      var lSpan = l.mutableSpan
      logF32(&lSpan)
      #expect(expF32(x).bitPattern == e[0].bitPattern && logF32(x).bitPattern == l[0].bitPattern)
    }
  }

  @Test(
    "softmax is e / Σ e in the fixed order", arguments: Candidate.all(.softmaxF32),
    [1, 2, 15, 16, 17, 40, 1000])
  func softmax(candidate: Candidate, columns: Int) throws {
    guard let kernels = candidate.kernels else { return }
    var random = Seeded(columns)
    let x = random.floats(3 * columns, in: -60...60)
    var y = x
    var span = y.mutableSpan
    softmaxF32(rows: 3, columns: columns, &span, kernels: kernels)
    for row in 0..<3 {
      let logits = Array(x[row * columns..<(row + 1) * columns])
      let most = try #require(logits.max())
      let e = logits.map { expF32($0 - most) }
      var lanes = [Float](repeating: 0, count: 16)
      for (i, value) in e.enumerated() { lanes[i % 16] += value }
      let sum = treeSum(lanes)
      let expected = e.map { ($0 / sum).bitPattern }
      #expect(Array(y[row * columns..<(row + 1) * columns]).map(\.bitPattern) == expected)
      let total = y[row * columns..<(row + 1) * columns].reduce(0.0) { $0 + Double($1) }
      #expect(abs(total - 1) < 1e-5)
    }
  }
}
