import Kernels
import Testing

@Suite("widen_f16")
struct WidenF16Tests {
  @Test("gives every finite half's number exactly", arguments: Candidate.all(.widenF16))
  func exact(candidate: Candidate) {
    guard let kernels = candidate.kernels else { return }
    let bits = (UInt16.min...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 }
    var wide = [Float](repeating: .nan, count: bits.count)
    var span = wide.mutableSpan
    widenF16(bits.span, into: &span, kernels: kernels)
    for (bits, value) in zip(bits, wide) {
      // Its definition: sign, exponent of bias 15, fraction of ten bits.
      let fraction = Float(bits & 0x3FF)
      let exponent = Int(bits >> 10 & 0x1F)
      let magnitude =
        exponent == 0
        ? fraction * 0x1p-24
        : (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
      let expected = bits & 0x8000 == 0 ? magnitude : -magnitude
      #expect(value.bitPattern == expected.bitPattern, "\(bits)")
    }
  }

  @Test("writes as many as it is given", arguments: 0...33)
  func counts(count: Int) {
    let bits = [UInt16](repeating: 0x3C00, count: count)
    var wide = [Float](repeating: 0, count: count)
    var span = wide.mutableSpan
    widenF16(bits.span, into: &span)
    #expect(wide.allSatisfy { $0 == 1 })
  }
}
