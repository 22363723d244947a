/// The accuracies that one strategy reached, seed by seed: all that its results are computed from.
package struct StrategyRuns: Hashable, Sendable {
  /// The strategy as it is named on the command line.
  package var name: String
  /// Labels given at each step: above 0, ascending.
  package var labels: [Int]
  /// Accuracy on the test photos, 0...1: `[seeds][steps]`. The seeds stand in the same order for
  /// every strategy, so that runs can be compared in pairs.
  package var accuracies: [[Double]]
  /// Wall-clock time of all its seeds.
  package var seconds: Double

  /// The runs of one strategy; every row has as many accuracies as there are label counts.
  package init(name: String, labels: [Int], accuracies: [[Double]], seconds: Double = 0) {
    precondition(!labels.isEmpty && !accuracies.isEmpty, "\(name): nothing was run")
    precondition(
      zip([0] + labels, labels).allSatisfy { $0 < $1 }, "\(name): labels must ascend: \(labels)")
    precondition(
      accuracies.allSatisfy { $0.count == labels.count },
      "\(name): \(labels.count) steps, but runs of \(accuracies.map(\.count))")
    self.name = name
    self.labels = labels
    self.accuracies = accuracies
    self.seconds = seconds
  }
}

/// What is reported of one strategy.
package struct StrategyResult: Codable, Hashable, Sendable {
  package var name: String
  /// Labels given at each step.
  package var labels: [Int]
  /// Mean accuracy over the seeds at each step, 0...1.
  package var mean: [Double]
  /// Standard error of each mean; 0 where there is one seed only.
  package var stderr: [Double]
  package var seeds: Int
  /// Accuracy by seed and step.
  package var runs: [[Double]]
  /// Area under the mean curve over log₂ labels, divided by its width: a mean accuracy, 0...1.
  package var area: Double
  /// Standard error of the area over seeds.
  package var areaStderr: Double
  /// Labels needed to reach shares of the full pool's accuracy.
  package var labelsTo: [LabelsNeeded]
  /// How it compares with random choice by paired seeds; `nil` for random itself, and where random
  /// was not run with the same seeds and steps.
  package var againstRandom: PairedComparison?
  /// Wall-clock time of all its seeds.
  package var seconds: Double

  /// The strategy that the others are compared with.
  package static let random = "random"

  /// The shares of the full pool's accuracy that are reported, in percent.
  package static let percents = [95, 98, 100]

  /// The results of `runs`, compared with `random`'s if these are given.
  ///
  /// - Complexity: O(seeds × steps), and 2^seeds (at most 16,384) for the comparison.
  package init(_ runs: StrategyRuns, fullAccuracy: Double, random: StrategyRuns? = nil) {
    let curve = LearningCurve(labels: runs.labels, runs: runs.accuracies)
    let reference = random.map { LearningCurve(labels: $0.labels, runs: $0.accuracies) }
    let areas = Sample(curve.areas)
    name = runs.name
    labels = runs.labels
    mean = curve.mean
    stderr = curve.standardError
    seeds = runs.accuracies.count
    self.runs = runs.accuracies
    area = areas.mean
    areaStderr = areas.standardError
    labelsTo = Self.percents.map { percent in
      let target = fullAccuracy * (Double(percent) / 100)
      return LabelsNeeded(
        percent: percent, target: target, labels: curve.labelsNeeded(toReach: target),
        random: reference?.labelsNeeded(toReach: target))
    }
    againstRandom = reference.flatMap {
      runs.name == Self.random ? nil : PairedComparison(curve, against: $0)
    }
    seconds = runs.seconds
  }

  /// The results of every strategy of `runs`, in that order, compared with the one named random.
  package static func all(of runs: [StrategyRuns], fullAccuracy: Double) -> [StrategyResult] {
    let reference = runs.first { $0.name == random }
    return runs.map { StrategyResult($0, fullAccuracy: fullAccuracy, random: reference) }
  }

  private enum CodingKeys: String, CodingKey {
    case name, labels, mean, stderr, seeds, runs, area, seconds
    case areaStderr = "area_stderr"
    case labelsTo = "labels_to"
    case againstRandom = "against_random"
  }
}
