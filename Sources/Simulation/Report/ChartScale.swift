import Glibc

/// Where labels and accuracies lie on a drawing, in its units; y grows downwards.
struct ChartScale {
  var left: Double
  var top: Double
  var width: Double
  var height: Double
  /// Every label count that a curve has, ascending.
  let labels: [Int]
  /// Accuracies at the plot's lower and upper edge, in whole percent.
  let range: ClosedRange<Double>
  /// Accuracies that the axis names, ascending, equally spaced, within the range.
  let ticks: [Double]

  /// A scale that holds every mean of `strategies`, their intervals as far as 8 points around them,
  /// and `fullAccuracy`.
  init(
    left: Double, top: Double, width: Double, height: Double, strategies: [StrategyResult],
    fullAccuracy: Double
  ) {
    (self.left, self.top, self.width, self.height) = (left, top, width, height)
    labels = Set(strategies.flatMap(\.labels)).sorted()
    let means = strategies.flatMap(\.mean) + [fullAccuracy]
    let bands = strategies.flatMap(\.intervals)
    let (least, most) = (means.min() ?? 0, means.max() ?? 1)
    let low = max(0, max(least - 0.08, min(least, bands.map(\.lowerBound).min() ?? least)))
    let high = min(1, min(most + 0.08, max(most, bands.map(\.upperBound).max() ?? most)))
    let first = Int((low * 100 - 0.5).rounded(.down))
    let last = Int((high * 100 + 0.5).rounded(.up))
    range = Double(max(0, first)) / 100...Double(min(100, last)) / 100
    ticks = Self.ticks(range, atMost: Int(height / 28))
  }

  /// The finest round numbers within `range` of which there are at most `limit`, and at least two.
  static func ticks(_ range: ClosedRange<Double>, atMost limit: Int) -> [Double] {
    for perUnit in [100, 50, 20, 10, 5] {
      let first = Int((range.lowerBound * Double(perUnit) - 1e-9).rounded(.up))
      let last = Int((range.upperBound * Double(perUnit) + 1e-9).rounded(.down))
      if first < last && last - first < limit {
        return (first...last).map { Double($0) / Double(perUnit) }
      }
    }
    return [range.lowerBound, range.upperBound]
  }

  /// The place of a label count; in the middle if there is only one.
  func x(_ count: Int) -> Double {
    guard let first = labels.first, let last = labels.last, first < last else {
      return left + width / 2
    }
    let share = log(Double(count) / Double(first)) / log(Double(last) / Double(first))
    return left + width * share
  }

  /// The place of an accuracy.
  func y(_ accuracy: Double) -> Double {
    top + height * (range.upperBound - accuracy) / (range.upperBound - range.lowerBound)
  }

  /// The label counts that are written under the axis: the last, and the others from the left as
  /// far as each has `room` for itself.
  func namedLabels(room: Double) -> [Int] {
    guard let last = labels.last else { return [] }
    var named: [Int] = []
    for count in labels.dropLast() where x(last) - x(count) >= room {
      if let previous = named.last, x(count) - x(previous) < room { continue }
      named.append(count)
    }
    return named + [last]
  }
}

extension StrategyResult {
  /// The 95 % interval of each mean, within 0...1.
  var intervals: [ClosedRange<Double>] {
    let quantile = seeds > 1 ? studentQuantile(degreesOfFreedom: seeds - 1) : 0
    return zip(mean, stderr).map { max(0, $0 - quantile * $1)...min(1, $0 + quantile * $1) }
  }
}
