import ActiveLearning
import Tensors
import Testing

@Suite("Batches")
struct SelectionTests {
  private let scores = [0.3, 2.0, 0.1, 2.0, .nan, 1.0]

  @Test("the best come first, of equals the earlier, what is no number last")
  func best() {
    #expect(selectBatch(scores: scores, count: 3) == [1, 3, 5])
    #expect(selectBatch(scores: scores, count: 99) == [1, 3, 5, 0, 2, 4])
    #expect(selectBatch(scores: scores, count: 0) == [])
    #expect(selectBatch(scores: [], count: 5) == [])
  }

  @Test("randomised, the batch comes from the ω b best and follows its seed")
  func randomised() {
    let scores = (0..<100).map { Double($0) }
    let settings = BatchSettings(randomisation: 3)
    var seen: Set<[Int]> = []
    for seed in 0..<20 as Range<UInt64> {
      let batch = selectBatch(scores: scores, count: 5, settings: settings, seed: seed)
      #expect(Set(batch).count == 5 && batch.allSatisfy { $0 >= 85 })
      #expect(batch == selectBatch(scores: scores, count: 5, settings: settings, seed: seed))
      seen.insert(batch)
    }
    #expect(seen.count > 15)
  }

  @Test("drawing favours the higher score in proportion")
  func proportion() {
    let settings = BatchSettings(randomisation: 2)
    let first = (0..<2000 as Range<UInt64>).count { seed in
      selectBatch(scores: [3, 1], count: 1, settings: settings, seed: seed) == [0]
    }
    // 1500 expected; the standard deviation is 19.
    #expect(abs(first - 1500) < 80)
  }

  @Test("scores of zero are drawn once those above zero are used up")
  func zeros() {
    let settings = BatchSettings(randomisation: 4)
    let batch = selectBatch(scores: [0, 1, 0, 0], count: 3, settings: settings, seed: 1)
    #expect(batch.first == 1 && Set(batch).count == 3)
  }
}

@Suite("Cold start")
struct ColdStartTests {
  /// `groups` clouds of `size` rows around far centres, one cloud after the other.
  private func clouds(_ groups: Int, of size: Int, seed: UInt64) -> FeatureTable {
    var random = SeededRandom(seed: seed)
    var values: [Float] = []
    for group in 0..<groups {
      for _ in 0..<size {
        for column in 0..<16 {
          values.append(Float(random.unit() - 0.5) + (column % groups == group ? 4 : 0))
        }
      }
    }
    return FeatureTable(dimension: 16, values: values)
  }

  /// What is asked while nothing has a label.
  private func coldStart(features: FeatureTable, count: Int, seed: UInt64) -> [Int] {
    let state = SelectionState(
      affinity: Affinity(features), unlabelled: Array(0..<features.count), classes: 2)
    return choose(.loam(.init()), from: state, count: count, seed: seed)
  }

  @Test("each cloud is asked once", arguments: 1...10 as ClosedRange<UInt64>)
  func covers(seed: UInt64) {
    let features = clouds(4, of: 25, seed: seed)
    let chosen = coldStart(features: features, count: 8, seed: seed)
    #expect(Set(chosen).count == 8)
    #expect(Set(chosen.map { $0 / 25 }) == [0, 1, 2, 3])
  }

  @Test("the same seed asks the same, and a far outlier is not what is typical")
  func deterministic() {
    var values = clouds(2, of: 40, seed: 3).values
    for column in 0..<16 { values[column] = column == 7 ? 60 : 0 }
    let features = FeatureTable(dimension: 16, values: values)
    let chosen = coldStart(features: features, count: 2, seed: 9)
    #expect(chosen == coldStart(features: features, count: 2, seed: 9))
    #expect(!chosen.contains(0))
  }

  @Test("more than there are, none, equal rows and constant features do no harm")
  func edges() {
    let same = FeatureTable(dimension: 3, values: [Float](repeating: 2, count: 15))
    #expect(Set(coldStart(features: same, count: 9, seed: 1)) == [0, 1, 2, 3, 4])
    #expect(coldStart(features: same, count: 0, seed: 1) == [])
    #expect(coldStart(features: FeatureTable(dimension: 3, values: []), count: 4, seed: 1) == [])
  }
}

@Suite("Stop rules")
struct StopRuleTests {
  @Test("the budget, and not before")
  func budget() {
    let rules = [StopRule.labelBudget(labels: 100)]
    #expect(stopDecision(rules, history: LearningHistory(labels: 99)) == nil)
    let decision = stopDecision(rules, history: LearningHistory(labels: 85, unsure: 15))
    #expect(
      decision?.reason
        == "the label budget is used up: 100 of 100 questions answered (85 labels, 15 unsure)")
  }

  @Test("hard ones that are already right, among the last only")
  func alreadyRight() {
    let rule = StopRule.alreadyRight(count: 9, last: 10)
    let right = [LearningHistory.Answer](repeating: .asGuessed, count: 9)
    #expect(rule.reasonToStop(LearningHistory(answers: right)) == nil)
    #expect(rule.reasonToStop(LearningHistory(answers: [.otherwise] + right)) != nil)
    let stale = right + [.otherwise, .otherwise]
    #expect(rule.reasonToStop(LearningHistory(answers: stale)) == nil)
  }

  @Test("an operator who cannot tell either")
  func unsure() {
    let rule = StopRule.operatorUnsure(share: 0.5, last: 4)
    let history = LearningHistory(answers: [.asGuessed, .unsure, .otherwise, .unsure])
    #expect(
      rule.reasonToStop(history)
        == "the operator cannot tell either: 2 of the last 4 answers were unsure "
        + "(the limit is 50 %)")
    let later = history.answers + [.asGuessed, .asGuessed]
    #expect(rule.reasonToStop(LearningHistory(answers: later)) == nil)
  }

  @Test("predictions that no longer change, round after round")
  func stable() {
    let rule = StopRule.poolStable(share: 0.005, rounds: 2)
    #expect(rule.reasonToStop(LearningHistory(changedShares: [0.004])) == nil)
    #expect(rule.reasonToStop(LearningHistory(changedShares: [0.004, 0.01])) == nil)
    let reason = rule.reasonToStop(LearningHistory(changedShares: [0.2, 0.004, 0.005]))
    #expect(reason?.contains("at most 0.5 % of the pool in each of the last 2 rounds") == true)
  }

  @Test("the first rule that applies speaks")
  func order() {
    let rules: [StopRule] = [.poolStable(share: 1, rounds: 1), .labelBudget(labels: 0)]
    let history = LearningHistory(changedShares: [0.5])
    #expect(stopDecision(rules, history: history)?.rule == rules[0])
    #expect(stopDecision(rules, history: LearningHistory())?.rule == rules[1])
  }
}
