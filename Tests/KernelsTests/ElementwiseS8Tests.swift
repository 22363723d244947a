import Kernels
import Testing

@Suite("add_s8, mean_s8")
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
      a.span, aForm, b.span, bForm, into: &span, zeroPoint: 5, low: -90, high: 110,
      kernels: kernels)
    var inPlace = a
    var inPlaceSpan = inPlace.mutableSpan
    addInPlaceS8(
      &inPlaceSpan, aForm, b.span, bForm, zeroPoint: 5, low: -90, high: 110, kernels: kernels)
    let expected = (0..<count).map { i in
      let x = Float(Int(a[i]) + 3) * Float(0.75)
      let y = Float(Int(b[i]) - 20) * Float(1.3)
      return byte(x + y, zeroPoint: 5, low: -90, high: 110)
    }
    #expect(out == expected)
    #expect(inPlace == expected)
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
