import Simulation
import Testing

@Suite("Strategies against random")
struct PairedComparisonTests {
  @Test("wins, ties and losses are counted by seed, on the area")
  func counts() throws {
    let random = LearningCurve(labels: [10, 20], runs: [[0.5, 0.7], [0.5, 0.7], [0.5, 0.7]])
    let other = LearningCurve(labels: [10, 20], runs: [[0.6, 0.8], [0.5, 0.7008], [0.5, 0.6]])
    let found = try #require(PairedComparison(other, against: random))
    // Areas differ by 0.1, 0.0004 and −0.05.
    #expect(found.wins == 1 && found.ties == 1 && found.losses == 1)
    #expect(abs(found.meanDifference - 0.0504 / 3) < 1e-12)
    // Deviations 0.0832, −0.0164, −0.0668 from 0.0168; √(sum of squares / 2 / 3).
    #expect(abs(found.stderr - 0.044070852) < 1e-8)
  }

  @Test("the sign-flip test counts all ways to give signs")
  func signFlips() {
    // |±1 ±2 ±3| ≥ 6 in two of eight ways; ≥ 4 (as 1 − 2 − 3) in four; ≥ 0 in all.
    #expect(signFlipProbability([1, 2, 3]) == 0.25)
    #expect(signFlipProbability([1, -2, -3]) == 0.5)
    #expect(signFlipProbability([1, 2, -3]) == 1)
    #expect(signFlipProbability([0, 0]) == 1)
    #expect(signFlipProbability(Array(repeating: 0.01, count: 10)) == 2.0 / 1024)
  }

  @Test("many seeds are tested by drawing signs, and near the exact share")
  func manySeeds() {
    let alternating = (0..<20).map { $0 % 2 == 0 ? 1.0 : -1.0 }
    #expect(signFlipProbability(alternating) == 1)
    // |sum of 20 signs| ≥ 8: 0.1153 of all ways, from the binomial distribution.
    let lopsided = (0..<20).map { $0 < 14 ? 1.0 : -1.0 }
    #expect(abs(signFlipProbability(lopsided) - 0.11532) < 0.01)
    #expect(signFlipProbability(lopsided) == signFlipProbability(lopsided))
    #expect(signFlipProbability(Array(repeating: 1, count: 20)) < 1e-3)
  }

  @Test("below random is said only where the paired differences show it")
  func below() throws {
    let random = LearningCurve(
      labels: [10, 20, 40], runs: [[0.5, 0.70, 0.9], [0.5, 0.72, 0.8], [0.5, 0.74, 0.7]])
    // Step 10: equal. Step 20: −0.05, −0.06, −0.07. Step 40: −0.1, +0.1, −0.1.
    let other = LearningCurve(
      labels: [10, 20, 40], runs: [[0.5, 0.65, 0.8], [0.5, 0.66, 0.9], [0.5, 0.67, 0.6]])
    let found = try #require(PairedComparison(other, against: random))
    #expect(found.belowAt == [20])
  }

  @Test("one seed shows nothing significant")
  func oneSeed() throws {
    let random = LearningCurve(labels: [10, 20], runs: [[0.5, 0.7]])
    let other = LearningCurve(labels: [10, 20], runs: [[0.4, 0.6]])
    let found = try #require(PairedComparison(other, against: random))
    #expect(found.belowAt.isEmpty && found.losses == 1 && found.p == 1 && found.stderr == 0)
  }

  @Test("runs that are no pairs are not compared")
  func unpaired() {
    let random = LearningCurve(labels: [10, 20], runs: [[0.5, 0.7], [0.5, 0.7]])
    let fewer = LearningCurve(labels: [10, 20], runs: [[0.5, 0.7]])
    let others = LearningCurve(labels: [10, 30], runs: [[0.5, 0.7], [0.5, 0.7]])
    #expect(PairedComparison(fewer, against: random) == nil)
    #expect(PairedComparison(others, against: random) == nil)
  }
}
