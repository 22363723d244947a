/// Counts of real numbers in bins of one width over `−limit ..< limit`; the limit doubles as needed.
struct Histogram: Sendable {
  /// Bins on either side of 0.
  static let half = 4096

  private(set) var counts = [UInt32](repeating: 0, count: 2 * Histogram.half)
  /// Magnitude at the outer edge of the last bin, a power of two.
  private(set) var limit: Float = 0x1p-20
  /// Least and greatest number seen.
  private(set) var low = Float.infinity
  private(set) var high = -Float.infinity
  /// How many numbers were seen.
  private(set) var total = 0

  /// Counts `values`; a NaN among them is left out, an infinity leaves out all of them.
  mutating func add(_ values: Span<Float>) {
    var (low, high) = (Float.infinity, -Float.infinity)
    for index in values.indices {
      low = min(low, values[index])
      high = max(high, values[index])
    }
    guard low.isFinite, high.isFinite else { return }
    self.low = min(self.low, low)
    self.high = max(self.high, high)
    while max(-low, high) >= limit { widen() }
    let factor = Float(Self.half) / limit
    let middle = Float(Self.half)
    for index in values.indices {
      // Numbers just below 0 may round up to the middle; one bin off is nothing here.
      let place = values[index] * factor + middle
      guard place >= 0 else { continue }
      counts[min(2 * Self.half - 1, Int(place))] &+= 1
    }
    total += values.count
  }

  /// Width of a bin.
  var width: Float { limit / Float(Self.half) }

  /// The number in the middle of bin `index`.
  func center(_ index: Int) -> Float { (Float(index - Self.half) + 0.5) * width }

  private mutating func widen() {
    limit *= 2
    var wider = [UInt32](repeating: 0, count: counts.count)
    for index in counts.indices {
      wider[(index + Self.half) / 2] &+= counts[index]
    }
    counts = wider
  }

  /// The range left when `fraction` of all numbers is cut off in all, half of it at either end.
  func percentile(_ fraction: Double) -> ClosedRange<Float> {
    guard total > 0 else { return 0...0 }
    let cut = fraction / 2 * Double(total)
    func end(_ indices: some Sequence<Int>) -> Int {
      var sum = 0.0
      for index in indices {
        sum += Double(counts[index])
        if sum > cut { return index }
      }
      return Self.half
    }
    let first = end(0..<counts.count)
    let last = end((0..<counts.count).reversed())
    let lower = max(low, center(first) - width / 2)
    return lower...max(lower, min(high, center(last) + width / 2))
  }

  /// The range whose 255 steps give the least mean squared error, clipping included.
  ///
  /// Either end is moved in turn over 64 fractions of what was seen.
  func leastSquaredError() -> ClosedRange<Float> {
    guard total > 0 else { return 0...0 }
    var range = min(low, 0)...max(high, 0)
    for _ in 0..<2 {
      for end in [1, 0] {
        var best = (error: Double.infinity, range: range)
        for step in 0..<64 {
          let factor = 1 - Float(step) / 72
          let candidate =
            end == 1
            ? range.lowerBound...(max(high, 0) * factor)
            : (min(low, 0) * factor)...range.upperBound
          let error = squaredError(candidate)
          if error < best.error { best = (error, candidate) }
        }
        range = best.range
      }
    }
    return range
  }

  private func squaredError(_ range: ClosedRange<Float>) -> Double {
    let step = Double(range.upperBound - range.lowerBound) / 255
    let inside = step * step / 12
    var sum = 0.0
    for index in counts.indices where counts[index] > 0 {
      let value = center(index)
      let clipped = Double(max(range.lowerBound - value, value - range.upperBound, 0))
      sum += Double(counts[index]) * (clipped > 0 ? clipped * clipped : inside)
    }
    return sum
  }
}
