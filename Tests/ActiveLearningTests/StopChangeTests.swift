import ActiveLearning
import Testing

@Suite("A wish about stop rules")
struct StopChangeTests {
  @Test(
    "is read for each rule in the form that its message shows", arguments: StopRule.Kind.allCases)
  func forms(kind: StopRule.Kind) throws {
    guard case .set(let rule) = try StopChange(kind.form) else {
      Issue.record("\(kind.form) sets nothing")
      return
    }
    #expect(rule.kind == kind)
    #expect(try StopChange("\(kind.rawValue)=off") == .off(kind))
    let error = #expect(throws: StopChangeError.badValue(kind, "much")) {
      try StopChange("\(kind.rawValue)=much")
    }
    #expect(error?.description.contains(kind.form) == true)
  }

  @Test("takes its numbers")
  func values() throws {
    #expect(try StopChange("already-right=9/12") == .set(.alreadyRight(count: 9, last: 12)))
    #expect(try StopChange("unsure=0.5/20") == .set(.operatorUnsure(share: 0.5, last: 20)))
    #expect(try StopChange("stable=0/3") == .set(.poolStable(share: 0, rounds: 3)))
    #expect(try StopChange("gain=0.002") == .set(.smallGain(gain: 0.002, rounds: 3)))
    #expect(try StopChange("gain=0.01/5") == .set(.smallGain(gain: 0.01, rounds: 5)))
  }

  @Test(
    "is refused when a number makes no sense",
    arguments: [
      "already-right=12/9", "already-right=9", "already-right=0/9", "unsure=2/20", "unsure=0.5/0",
      "unsure=0/4", "stable=-1/3", "stable=0.1/0", "stable=0.1/2/3", "gain=0", "gain=nan",
      "gain=0.1/0", "budget=0", "budget=9/9",
    ])
  func nonsense(text: String) {
    #expect(throws: StopChangeError.self) { try StopChange(text) }
  }

  @Test("names the rules when it means none", arguments: ["", "gain", "=3", "patience=4"])
  func unknown(text: String) {
    let error = #expect(throws: StopChangeError.unknownRule(text)) { try StopChange(text) }
    #expect(error?.description.contains("already-right=34/36, unsure=0.8/24") == true)
  }

  @Test("changes, adds and takes away rules; the last word counts")
  func applying() throws {
    let rules: [StopRule] = [.operatorUnsure(share: 0.8, last: 24), .labelBudget(labels: 100)]
    let changed = rules.applying(
      try ["stable=0.01/3", "unsure=0.5/10", "stable=off", "gain=0.01"].map { try StopChange($0) })
    #expect(
      changed == [
        .labelBudget(labels: 100), .operatorUnsure(share: 0.5, last: 10),
        .smallGain(gain: 0.01, rounds: 3),
      ])
    #expect(rules.applying(StopRule.Kind.allCases.map { .off($0) }).isEmpty)
  }
}

@Suite("The estimated gain of the next batch")
struct EstimatedGainTests {
  private let rule = StopRule.smallGain(gain: 0.005, rounds: 3)

  @Test("stops once the last rounds moved little, and says by how much")
  func small() {
    let history = LearningHistory(expectedGains: [0.2, 0.004, -0.002, 0.003], expectedError: 0.1)
    #expect(
      rule.reasonToStop(history) == "the next batch would change little: by the last 3 rounds it "
        + "adds about 0.3 % to the expected accuracy of the pool (the limit is 0.5 %)")
  }

  @Test("goes on while there were too few rounds, or one of them moved much, be it down")
  func large() {
    #expect(rule.reasonToStop(LearningHistory(expectedGains: [0, 0])) == nil)
    #expect(rule.reasonToStop(LearningHistory(expectedGains: [0.001, 0.05, 0.001])) == nil)
    #expect(rule.reasonToStop(LearningHistory(expectedGains: [0.001, -0.05, 0.001])) == nil)
  }

  @Test("is no more than is left to gain")
  func bounded() {
    let history = LearningHistory(expectedGains: [0.2, 0.1, 0.1], expectedError: 0.001)
    #expect(history.estimatedGain(rounds: 3) == 0.001)
    #expect(rule.reasonToStop(history) != nil)
    #expect(history.estimatedGain(rounds: 0) == nil)
  }
}
