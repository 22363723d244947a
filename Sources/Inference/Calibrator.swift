package import Graph
import Tensors

/// How the range of an activation is found from what was seen on photos.
package enum RangeMethod: Hashable, Sendable {
  /// Least to greatest.
  case minMax
  /// With this fraction of all values cut off, half at either end.
  case percentile(cut: Double)
  /// What makes the mean squared rounding and clipping error least.
  case leastSquaredError

  /// The methods that are tried by default.
  package static let candidates: [RangeMethod] = [
    .minMax, .percentile(cut: 0.0001), .percentile(cut: 0.001), .leastSquaredError,
  ]
}

extension RangeMethod: CustomStringConvertible {
  /// As in `percentile 99.99`.
  package var description: String {
    switch self {
    case .minMax: "min-max"
    case .percentile(let cut):
      "percentile \(((1 - cut) * 1_000_000).rounded() / 10_000)"
    case .leastSquaredError: "least squared error"
    }
  }
}

/// Watches a graph's activations over photos to find their ranges.
package struct Calibrator {
  private let executor: FloatExecutor
  private var histograms: [String: Histogram] = [:]
  private var sums: [String: [Double]] = [:]
  private var pixels: [String: Int] = [:]
  private let channels: [String: Int]
  /// Photos seen.
  package private(set) var photoCount = 0

  /// A calibrator of `graph`, which should be fused: what it sees is what gets quantised.
  package init(_ graph: Graph) throws(InferenceError) {
    executor = try FloatExecutor(graph)
    do throws(GraphError) {
      channels = try graph.shapes().mapValues(\.channels)
    } catch {
      throw .graph("\(error)")
    }
  }

  /// Runs one photo, as `InputTable.normalise` makes it, and counts all activations.
  ///
  /// Returns the values of the activation `feature`, if named.
  @discardableResult
  package mutating func observe(input: Span<Float>, feature: String? = nil) -> [Float] {
    photoCount += 1
    let channels = channels
    var (histograms, sums, pixels) = (histograms, sums, pixels)
    // Moved out while the closure changes them, so that nothing is copied.
    (self.histograms, self.sums, self.pixels) = ([:], [:], [:])
    var kept: [Float] = []
    _ = executor.run(input) { name, values in
      histograms[name, default: Histogram()].add(values)
      let count = channels[name] ?? 1
      Self.accumulate(values, into: &sums[name, default: Array(repeating: 0, count: count)])
      pixels[name, default: 0] += values.count / count
      if name == feature { kept = values.indices.map { values[$0] } }
    }
    (self.histograms, self.sums, self.pixels) = (histograms, sums, pixels)
    return kept
  }

  private static func accumulate(_ values: Span<Float>, into sums: inout [Double]) {
    let count = sums.count
    var index = 0
    while index < values.count {
      for channel in 0..<count { sums[channel] += Double(values[index + channel]) }
      index += count
    }
  }

  /// The range of every activation seen, by `method`.
  package func ranges(_ method: RangeMethod) -> [String: ClosedRange<Float>] {
    histograms.mapValues { histogram in
      guard histogram.total > 0 else { return 0...0 }
      switch method {
      case .minMax: return histogram.low...histogram.high
      case .percentile(let cut): return histogram.percentile(cut)
      case .leastSquaredError: return histogram.leastSquaredError()
      }
    }
  }

  /// Mean of each channel of every activation seen, for the quantiser's bias correction.
  package var channelMeans: [String: [Float]] {
    var result: [String: [Float]] = [:]
    for (name, sum) in sums {
      let count = Double(max(1, pixels[name] ?? 1))
      result[name] = sum.map { Float($0 / count) }
    }
    return result
  }
}
