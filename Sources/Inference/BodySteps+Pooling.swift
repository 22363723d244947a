import Graph
import Tensors

/// The greatest byte of each window; the result is quantised like the input.
final class MaxPoolStep: WholeStep {
  private let place: BytePlace
  private let places: PoolPlaces
  private let table: ByteTable

  init(_ place: BytePlace, _ places: PoolPlaces) {
    self.place = place
    self.places = places
    table = place.table()
  }

  var packedByteCount: Int { table.byteCount }

  func run(_ arena: WorkMemory<Int8>) {
    let (channels, source, target) = (places.input.channels, place.source, place.target)
    var out = arena.write(target)
    out.update(repeating: .min)
    for pixel in 0..<places.pixels {
      let start = target.lowerBound + pixel * channels
      places.forEachTap(of: pixel) { tap in
        let from = source.lowerBound + tap
        var row = arena.write(start..<(start + channels))
        raise(&row, to: arena.read(from..<(from + channels)))
      }
    }
    table.apply(to: arena, target)
  }
}

/// The mean of each window: `round(Float(Σ (byte − zero)) / Float(pixels) × (scale of the input /
/// scale of the result)) + zero of the result`, limited.
///
/// The sum is exact in int32; one division and one product, each rounded to fp32, then half to even.
/// Where the two scales agree that is the mean in steps, rounded once.
final class AveragePoolStep: WholeStep {
  private let places: PoolPlaces
  private let zero: Int32
  private let ratio: Float
  private let output: Quantisation
  private let limits: (low: Int8, high: Int8)
  private let sums: WorkMemory<Int32>
  private let source: Range<Int>
  private let target: Range<Int>

  init(
    _ node: Node, _ places: PoolPlaces, input: Quantisation, output: Quantisation,
    from source: Range<Int>, to target: Range<Int>
  ) throws(InferenceError) {
    ratio = input.scale / output.scale
    guard ratio.isNormal else {
      throw .arithmetic(node: node.name, what: "the scale of its mean is \(ratio)")
    }
    self.places = places
    zero = Int32(input.zeroPoint)
    self.output = output
    limits = output.limits(node.clamp)
    sums = WorkMemory(count: places.input.channels, filledWith: 0)
    self.source = source
    self.target = target
  }

  var packedByteCount: Int { sums.byteCount }

  func run(_ arena: WorkMemory<Int8>) {
    let channels = places.input.channels
    let memory = sums
    var sums = memory.write(0..<channels)
    for pixel in 0..<places.pixels {
      sums.update(repeating: 0)
      places.forEachTap(of: pixel) { tap in
        let from = source.lowerBound + tap
        var row = memory.write(0..<channels)
        accumulate(&row, arena.read(from..<(from + channels)), zero: zero)
      }
      let count = Float(places.divisor(of: pixel))
      let start = target.lowerBound + pixel * channels
      var out = arena.write(start..<(start + channels))
      for channel in 0..<channels {
        let byte = output.saturated(steps: Float(sums[channel]) / count * ratio)
        out[channel] = max(limits.low, min(limits.high, byte))
      }
    }
  }
}

/// Makes every byte of `out` at least that of `row`, which has the same count.
@_lifetime(out: copy out)
private func raise(_ out: inout MutableSpan<Int8>, to row: Span<Int8>) {
  precondition(out.count == row.count, "\(out.count) and \(row.count) channels")
  unsafe out.withUnsafeMutableBufferPointer { out in
    unsafe row.withUnsafeBufferPointer { row in
      for index in 0..<row.count { unsafe out[index] = max(out[index], row[index]) }
    }
  }
}

/// Adds `row − zero` to `sums`, which has the same count.
@_lifetime(sums: copy sums)
private func accumulate(_ sums: inout MutableSpan<Int32>, _ row: Span<Int8>, zero: Int32) {
  precondition(sums.count == row.count, "\(sums.count) and \(row.count) channels")
  unsafe sums.withUnsafeMutableBufferPointer { sums in
    unsafe row.withUnsafeBufferPointer { row in
      for index in 0..<row.count { unsafe sums[index] &+= Int32(row[index]) &- zero }
    }
  }
}
