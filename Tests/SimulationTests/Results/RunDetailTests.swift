import FoundationEssentials
import Simulation
import Testing

@Suite("One run looked at closely")
struct RunDetailTests {
  @Test("predictions are sorted into ten bins by confidence")
  func bins() {
    let found = Calibration(
      confidences: [0, 0.05, 0.9, 0.92, 0.98, 1], right: [false, true, true, true, false, true])
    #expect(found.bins.map(\.count) == [2, 0, 0, 0, 0, 0, 0, 0, 1, 3])
    #expect(abs(found.bins[0].confidence - 0.025) < 1e-12 && found.bins[0].accuracy == 0.5)
    #expect(found.bins[8].accuracy == 1 && found.bins[8].confidence == 0.9)
    #expect(abs(found.bins[9].confidence - 2.9 / 3) < 1e-12)
    #expect(found.bins[5].confidence == 0.55 && found.bins[5].accuracy == 0)
    // (2 × |0.025 − 0.5| + 1 × |0.9 − 1| + 3 × |2.9 / 3 − 2 / 3|) / 6.
    #expect(abs(found.expectedError - 1.95 / 6) < 1e-12)
  }

  @Test("without predictions the error is 0")
  func noPredictions() {
    #expect(Calibration(confidences: [], right: []).expectedError == 0)
  }

  @Test("the confusion matrix has a row for each true class")
  func confusion() {
    let found = confusionMatrix(truth: [0, 0, 1, 2, 2], predicted: [0, 2, 1, 0, 0], classes: 3)
    #expect(found == [[1, 0, 1], [0, 1, 0], [2, 0, 0]])
  }

  @Test("a detail survives JSON with its snake_case keys")
  func json() throws {
    let asked = AskedPhoto(
      number: 1, round: 1, candidate: 7, photo: "a.jpg", label: "cat", reason: "spread",
      guess: "dog", guessProbability: 0.5, votes: [.init(className: "dog", count: 8)],
      nearest: [.init(photo: "b.jpg", label: "cat", cosine: 0.9)])
    let detail = RunDetail(
      strategy: "aift", seed: 1, labels: 1, classes: ["cat", "dog"], confusion: [[1, 0], [0, 1]],
      calibration: Calibration(confidences: [0.5], right: [true]), asked: [asked],
      suspects: [.init(photo: "c.jpg", given: "cat", suggested: "dog", probability: 0.99)])
    let data = try JSONEncoder().encode(detail)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"guess_probability\":0.5") && text.contains("\"class\":\"dog\""))
    #expect(try JSONDecoder().decode(RunDetail.self, from: data) == detail)
  }
}
