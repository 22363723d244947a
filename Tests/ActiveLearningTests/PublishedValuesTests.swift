import ActiveLearning
import Testing

/// One of the authors' seven patterns with its published values.
struct Pattern: Sendable, CustomTestStringConvertible {
  var name: String
  /// Probability of class 1 on eleven patches.
  var patches: [Double]
  /// Entropy, diversity and both, each of all patches and of the majority quarter.
  var entropy, entropyQuarter, diversity, diversityQuarter, both, bothQuarter: Double

  var testDescription: String { name }

  /// The patches as two classes, class 1 last or first.
  func classes(lastIsOne: Bool) -> [[Double]] {
    patches.map { lastIsOne ? [1 - $0, $0] : [$0, 1 - $0] }
  }

  static let all = [
    Pattern(
      name: "A", patches: [0.4, 0.4, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.6], entropy: 7.52,
      entropyQuarter: 2.02, diversity: 4.38, diversityQuarter: 0.00, both: 11.90,
      bothQuarter: 2.02),
    Pattern(
      name: "B", patches: [0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.6, 0.7, 0.8, 1, 1], entropy: 4.57,
      entropyQuarter: 0.83, diversity: 1237.21, diversityQuarter: 20.79, both: 1241.77,
      bothQuarter: 21.62),
    Pattern(
      name: "C", patches: [0, 0, 0, 0.1, 0.1, 0.9, 0.9, 1, 1, 1, 1], entropy: 1.30,
      entropyQuarter: 0.00, diversity: 2816.66, diversityQuarter: 0.00, both: 2817.96,
      bothQuarter: 0.00),
    Pattern(
      name: "D", patches: [1, 1, 1, 1, 1, 1, 1, 0.9, 0.9, 0.9, 0.9], entropy: 1.30,
      entropyQuarter: 0.00, diversity: 189.54, diversityQuarter: 0.00, both: 190.84,
      bothQuarter: 0.00),
    Pattern(
      name: "E", patches: [0, 0, 0, 0, 0, 0, 0, 0.1, 0.1, 0.1, 0.1], entropy: 1.30,
      entropyQuarter: 0.00, diversity: 189.54, diversityQuarter: 0.00, both: 190.84,
      bothQuarter: 0.00),
    Pattern(
      name: "F", patches: [0, 0, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.3, 0.9, 1], entropy: 3.24,
      entropyQuarter: 0.33, diversity: 1076.87, diversityQuarter: 13.54, both: 1080.11,
      bothQuarter: 13.86),
    Pattern(
      name: "G", patches: [0, 0.1, 0.7, 0.8, 0.8, 0.9, 0.9, 0.9, 0.9, 1, 1], entropy: 3.24,
      entropyQuarter: 0.33, diversity: 1076.87, diversityQuarter: 13.54, both: 1080.11,
      bothQuarter: 13.86),
  ]
}

@Suite("Published values")
struct PublishedValuesTests {
  @Test("all 42 come out to two decimals", arguments: Pattern.all, [true, false])
  func published(pattern: Pattern, lastIsOne: Bool) {
    let patches = pattern.classes(lastIsOne: lastIsOne)
    let wanted: [(lambda1: Double, lambda2: Double, alpha: Double?, value: Double)] = [
      (1, 0, nil, pattern.entropy), (1, 0, 0.25, pattern.entropyQuarter),
      (0, 1, nil, pattern.diversity), (0, 1, 0.25, pattern.diversityQuarter),
      (1, 1, nil, pattern.both), (1, 1, 0.25, pattern.bothQuarter),
    ]
    for (lambda1, lambda2, alpha, value) in wanted {
      let settings = CriterionSettings.published(
        lambda1: lambda1, lambda2: lambda2, alpha: alpha)
      let found = score(patches, settings: settings).score
      #expect((found * 100).rounded() / 100 == value, "\(lambda1) \(lambda2) \(alpha ?? 1)")
    }
  }

  @Test("three of eleven patches are a quarter, those at the majority's end")
  func keepsThree() {
    let settings = CriterionSettings.published(alpha: 0.25)
    let kept = Pattern.all.map { score($0.classes(lastIsOne: true), settings: settings).kept }
    #expect(
      kept == [
        [0, 1, 2], [0, 1, 2], [7, 8, 9], [0, 1, 2], [0, 1, 2], [0, 1, 2], [9, 10, 5],
      ])
  }
}
