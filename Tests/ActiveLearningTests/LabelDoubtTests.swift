import ActiveLearning
import Foundation
import Testing

@Suite("Doubt about a label")
struct LabelDoubtTests {
  private let rule = DoubtRule()

  private func neighbour(
    _ label: Int, _ cosine: Double, candidate: Int64 = 3
  ) -> LabelledExamples.Neighbour {
    LabelledExamples.Neighbour(candidate: candidate, label: label, cosine: cosine)
  }

  @Test("arises when the model is sure of another class, and only then")
  func model() {
    #expect(
      rule.doubt(given: 0, probabilities: [0.01, 0.97, 0.02], neighbours: [])
        == .model(given: 0.01, other: 1, probability: 0.97))
    #expect(rule.doubt(given: 0, probabilities: [0.06, 0.93, 0.01], neighbours: []) == nil)
    #expect(rule.doubt(given: 0, probabilities: [0.04, 0.94, 0.02], neighbours: []) == nil)
    #expect(rule.doubt(given: 1, probabilities: [0.01, 0.97, 0.02], neighbours: []) == nil)
    #expect(rule.doubt(given: 0, probabilities: nil, neighbours: []) == nil)
    #expect(rule.doubt(given: 5, probabilities: [0, 1], neighbours: []) == nil, "a new class")
  }

  @Test("arises when a nearly identical photo has another label, unless one has the same")
  func twin() {
    let far = neighbour(1, 0.89)
    let near = neighbour(1, 0.96, candidate: 8)
    #expect(rule.doubt(given: 0, probabilities: nil, neighbours: [far]) == nil)
    #expect(
      rule.doubt(given: 0, probabilities: nil, neighbours: [near, far])
        == .twin(candidate: 8, label: 1, cosine: 0.96))
    #expect(rule.doubt(given: 1, probabilities: [0.99, 0.01], neighbours: [near]) == nil)
    let both = [near, neighbour(0, 0.91)]
    #expect(rule.doubt(given: 0, probabilities: [0.01, 0.99], neighbours: both) == nil)
  }

  @Test("does not come from a model that has learned from few labels or was not tested")
  func trust() {
    #expect(!rule.trusts(labels: 39, accuracy: 1))
    #expect(!rule.trusts(labels: 400, accuracy: nil))
    #expect(!rule.trusts(labels: 400, accuracy: 0.6))
    #expect(rule.trusts(labels: 40, accuracy: 0.75))
  }
}

@Suite("Why a question is asked")
struct QuestionWhyTests {
  @Test("names what weighs more in the score")
  func byScore() {
    let value = LoamSettings.Value.aift(CriterionSettings(lambda1: 1, lambda2: 0.1))
    #expect(AskingReason.byScore(value, entropy: 0.5, diversity: 4) == .entropy)
    #expect(AskingReason.byScore(value, entropy: 0.5, diversity: 6) == .disagreement)
    #expect(AskingReason.byScore(.margin, entropy: 0.5, diversity: 6) == .margin)
  }

  @Test("counts what the patches say, and sorts classes by their mean")
  func votes() {
    var why = QuestionWhy(candidate: 4, photo: "a.jpg", reason: .entropy)
    why.add(
      [[0.6, 0.4, 0], [0.1, 0.5, 0.4], [0, 0.9, 0.1]], classes: ["cat", "dog", "fox"],
      entropy: 0.7, diversity: 1.5, score: 0.85)
    #expect(why.guesses.map(\.name) == ["dog", "cat", "fox"])
    #expect(abs(why.guesses[0].probability - 0.6) < 1e-12)
    #expect(why.votes.map(\.name) == ["dog", "cat"] && why.votes.map(\.patches) == [2, 1])
    #expect(why.entropy == 0.7 && why.diversity == 1.5 && why.score == 0.85)
    #expect(why.sentence == AskingReason.entropy.sentence)
  }

  @Test("goes through JSON with the words that programs look for")
  func json() throws {
    var why = QuestionWhy(candidate: 4, photo: "a.jpg", reason: .again, sentence: "twice")
    why.nearest = [.init(candidate: 3, photo: "b.jpg", name: "cat", cosine: 0.5)]
    why.novelty = Novelty(distance: 0.5, limit: 0.9)
    let text = String(decoding: try JSONEncoder().encode(why), as: UTF8.self)
    #expect(text.contains("\"reason\":\"asked again\"") && text.contains("\"class\":\"cat\""))
    #expect(try JSONDecoder().decode(QuestionWhy.self, from: Data(text.utf8)) == why)
    #expect(Set(AskingReason.allCases.map(\.sentence)).count == AskingReason.allCases.count)
  }
}
