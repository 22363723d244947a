import Glibc

/// Accuracy against labels, over seeds.
package struct LearningCurve: Hashable, Sendable {
  /// Labels at each step: above 0, ascending.
  package let labels: [Int]
  /// Accuracy, `[seeds][steps]`.
  package let runs: [[Double]]
  /// Mean and spread over seeds at each step.
  package let steps: [Sample]

  /// The curve of at least one run, each as long as `labels`.
  package init(labels: [Int], runs: [[Double]]) {
    self.labels = labels
    self.runs = runs
    steps = labels.indices.map { step in Sample(runs.map { $0[step] }) }
  }

  /// The mean over seeds at each step.
  package var mean: [Double] { steps.map(\.mean) }

  /// The standard error of the mean at each step.
  package var standardError: [Double] { steps.map(\.standardError) }

  /// The area under each seed's curve; their mean is the area under the mean curve.
  package var areas: [Double] { runs.map { area(under: $0, over: labels) } }

  /// Labels at which the mean curve first reaches `target`, or `nil` if it never does.
  ///
  /// A curve is first made monotone by its running maximum, since a model once reached could have
  /// been kept. Between two steps the labels are interpolated on a logarithmic scale; what the first
  /// step reaches is said to need as many labels as that has. 1e-9 is forgiven for rounding.
  package func labelsNeeded(toReach target: Double) -> Double? {
    var best = -Double.infinity
    for (step, value) in mean.enumerated() {
      guard value + 1e-9 >= target else {
        best = max(best, value)
        continue
      }
      let (to, from) = (Double(labels[step]), Double(labels[max(0, step - 1)]))
      let share = step == 0 ? 1 : min(1, (target - best) / (value - best))
      return share == 1 ? to : exp(log(from) * (1 - share) + log(to) * share)
    }
    return nil
  }
}

/// The area under an accuracy curve over log₂ labels, divided by its width: a mean accuracy, 0...1.
///
/// Trapezoids between the steps. On this scale each doubling of the labels counts the same, so that
/// the first labels, which cost a person as much as the last, are not drowned by a long plateau. A
/// curve of one step has its accuracy as area.
///
/// - Parameter labels: above 0, ascending, as many as `accuracies`.
package func area(under accuracies: [Double], over labels: [Int]) -> Double {
  precondition(
    accuracies.count == labels.count, "\(labels.count) steps, \(accuracies.count) values")
  guard labels.count > 1 else { return accuracies[0] }
  let places = labels.map { log2(Double($0)) }
  let sum = labels.indices.dropFirst().reduce(0.0) { sum, step in
    sum + (places[step] - places[step - 1]) * (accuracies[step] + accuracies[step - 1]) / 2
  }
  return sum / (places[places.count - 1] - places[0])
}
