import Kernels
import Testing

@Suite("add_s8, fixadd_s8, mean_s8")
struct ElementwiseS8Tests {
  @Test(
    "adds in fp32, rounds half to even, limits", arguments: Candidate.all(.addS8),
    [0, 1, 7, 8, 15, 16, 17, 100])
  func adds(candidate: Candidate, count: Int) {
    guard let kernels = candidate.kernels else { return }
    var random = Seeded(count)
    let (a, b) = (random.bytes(count), random.bytes(count))
    let (aForm, bForm) = (
      AddendS8(zeroPoint: -3, scale: 0.75), AddendS8(zeroPoint: 20, scale: 1.3)
    )
    var out = [Int8](repeating: 0, count: count)
    var span = out.mutableSpan
    addS8(
      a.span, aForm, b.span, bForm, into: &span,
      output: OutputS8(zeroPoint: 5, low: -90, high: 110),
      kernels: kernels)
    var inPlace = a
    var inPlaceSpan = inPlace.mutableSpan
    addInPlaceS8(
      &inPlaceSpan, aForm, b.span, bForm, output: OutputS8(zeroPoint: 5, low: -90, high: 110),
      kernels: kernels)
    let expected = (0..<count).map { i in
      let x = Float(Int(a[i]) + 3) * Float(0.75)
      let y = Float(Int(b[i]) - 20) * Float(1.3)
      return byte(x + y, zeroPoint: 5, low: -90, high: 110)
    }
    #expect(out == expected)
    #expect(inPlace == expected)
  }

  @Test(
    "adds in integers, halves up, limits", arguments: Candidate.all(.fixedAddS8),
    [0, 1, 7, 8, 15, 16, 17, 100])
  func addsInIntegers(candidate: Candidate, count: Int) throws {
    guard let kernels = candidate.kernels else { return }
    var random = Seeded(count)
    let (a, b) = (random.bytes(count), random.bytes(count))
    // 1/2 and 1/4: every fourth sum ends in a half.
    let rule = try #require(
      FixedSumS8(first: 1 << 20, second: 1 << 19, shift: 21, zeros: (first: -3, second: 20)))
    let output = OutputS8(zeroPoint: 5, low: -90, high: 110)
    var out = [Int8](repeating: 0, count: count)
    var span = out.mutableSpan
    fixedAddS8(a.span, b.span, by: rule, into: &span, output: output, kernels: kernels)
    var inPlace = a
    var inPlaceSpan = inPlace.mutableSpan
    fixedAddInPlaceS8(&inPlaceSpan, b.span, by: rule, output: output, kernels: kernels)
    let expected = (0..<count).map { i in
      let quarters = Double(2 * (Int(a[i]) + 3) + Int(b[i]) - 20)
      return Int8(min(max((quarters / 4 + 0.5).rounded(.down) + 5, -90), 110))
    }
    #expect(out == expected)
    #expect(inPlace == expected)
  }

  @Test("refuses what could leave 32 bits")
  func refusesSums() {
    let most = FixedSumS8.greatestMultiplier
    #expect(FixedSumS8(first: most, second: most, shift: 30, zeros: (-128, 127)) != nil)
    #expect(FixedSumS8(first: most + 1, second: 1, shift: 20, zeros: (0, 0)) == nil)
    #expect(FixedSumS8(first: 1, second: -1, shift: 20, zeros: (0, 0)) == nil)
    #expect(FixedSumS8(first: 1, second: 1, shift: 31, zeros: (0, 0)) == nil)
    #expect(FixedSumS8(first: 1, second: 1, shift: 0, zeros: (0, 0)) == nil)
    #expect(FixedSumS8(first: 1, second: 1, shift: 20, zeros: (128, 0)) == nil)
  }

  @Test(
    "sums exactly, then scales once", arguments: Candidate.all(.meanS8),
    [(1, 1), (49, 7), (49, 24), (1000, 17), (70_000, 3)])
  func means(candidate: Candidate, shape: (pixels: Int, channels: Int)) {
    guard let kernels = candidate.kernels else { return }
    var random = Seeded(shape.pixels)
    let a = random.bytes(shape.pixels * shape.channels)
    var out = [Float](repeating: 0, count: shape.channels)
    var span = out.mutableSpan
    meanS8(
      a.span, pixels: shape.pixels, channels: shape.channels, zeroPoint: -9, scale: 0.037,
      into: &span, kernels: kernels)
    for c in 0..<shape.channels {
      let bytes = stride(from: c, to: a.count, by: shape.channels).map { Int32(a[$0]) }
      let expected = Float(bytes.reduce(0, +) + Int32(shape.pixels) * 9) * Float(0.037)
      #expect(out[c].bitPattern == expected.bitPattern)
    }
  }
}
