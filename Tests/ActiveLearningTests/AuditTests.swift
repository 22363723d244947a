import ActiveLearning
import Tensors
import Testing

@Suite("An accuracy estimate")
struct AccuracyEstimateTests {
  /// Wilson's interval by its formula, rounded to four places elsewhere (R, `binom.confint`).
  @Test(
    "has Wilson's interval",
    arguments: [
      (20, 24, 0.6415, 0.9332), (0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (1, 2, 0.0945, 0.9055),
      (500, 1000, 0.4691, 0.5309),
    ])
  func wilson(right: Int, count: Int, low: Double, high: Double) {
    let estimate = AccuracyEstimate(right: right, of: count)
    #expect(abs(estimate.low - low) < 5e-5 && abs(estimate.high - high) < 5e-5)
    #expect(estimate.share == Double(right) / Double(count))
  }

  @Test("knows nothing without labels, and says so")
  func empty() {
    let estimate = AccuracyEstimate(right: 0, of: 0)
    #expect(estimate.share == nil && estimate.low == 0 && estimate.high == 1)
    #expect(estimate.text == "unknown")
    #expect(AccuracyEstimate(right: 20, of: 24).text == "83 % (64–93 %)")
  }

  @Test("holds the truth in about 95 of 100 samples", arguments: [0.5, 0.8, 0.95])
  func coverage(truth: Double) {
    var random = SeededRandom(seed: 11)
    let held = (0..<2000).count { _ in
      let right = (0..<40).count { _ in random.unit() < truth }
      let estimate = AccuracyEstimate(right: right, of: 40)
      return (estimate.low...estimate.high).contains(truth)
    }
    // Four standard errors of 2,000 draws are 2 %; Wilson's coverage wavers by about as much.
    #expect((0.91...0.99).contains(Double(held) / 2000))
  }
}

@Suite("The audit rule")
struct AuditRuleTests {
  private let rule = AuditRule(share: 0.1, seed: 7)

  @Test("marks its share of the candidates, by identity and seed alone")
  func marks() {
    let marked = (0..<20_000 as Range<UInt64>).filter { rule.marks(identity: $0) }
    // The standard error of 20,000 draws is 0.2 %.
    #expect((0.09...0.11).contains(Double(marked.count) / 20_000))
    #expect(marked == (0..<20_000).filter { AuditRule(share: 0.1, seed: 7).marks(identity: $0) })
    #expect(marked != (0..<20_000).filter { AuditRule(share: 0.1, seed: 8).marks(identity: $0) })
    #expect(
      !(0..<1000 as Range<UInt64>).contains { AuditRule(share: 0, seed: 7).marks(identity: $0) })
  }

  @Test("gives one question in ten to audits, whatever the size of the batches")
  func shareOfQuestions() {
    #expect(rule.questions(answered: 0, audited: 0, batch: 24) == 2)
    for batch in [1, 3, 12, 24] {
      var (answered, audited) = (0, 0)
      while answered < 240 {
        audited += rule.questions(answered: answered, audited: audited, batch: batch)
        answered += batch
        #expect(audited == answered / 10, "batches of \(batch), \(answered) answered")
      }
    }
    #expect(AuditRule(share: 0, seed: 1).questions(answered: 90, audited: 0, batch: 12) == 0)
  }

  @Test("catches up with at twice the pace, and never asks more than the batch")
  func catchesUp() {
    #expect(rule.questions(answered: 200, audited: 0, batch: 12) == 2)
    #expect(rule.questions(answered: 200, audited: 0, batch: 1) == 1)
    #expect(rule.questions(answered: 200, audited: 30, batch: 12) == 0)
    #expect(AuditRule(share: 0.5, seed: 1).questions(answered: 90, audited: 0, batch: 4) == 4)
  }

  @Test("draws each that waits as often as the others")
  func uniform() {
    let waiting = Array(100..<110 as Range<Int64>)
    var drawn: [Int64: Int] = [:]
    for answered in 0..<5000 {
      for candidate in rule.draw(2, of: waiting, answered: answered) {
        drawn[candidate, default: 0] += 1
      }
    }
    // 1,000 each, with a standard deviation of 28.
    #expect(waiting.allSatisfy { abs((drawn[$0] ?? 0) - 1000) < 130 })
    #expect(rule.draw(2, of: waiting, answered: 3) == rule.draw(2, of: waiting, answered: 3))
    #expect(Set(rule.draw(50, of: waiting, answered: 1)) == Set(waiting))
    #expect(
      rule.draw(3, of: [], answered: 1).isEmpty && rule.draw(-1, of: waiting, answered: 1).isEmpty)
  }
}
