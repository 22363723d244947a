import ActiveLearning
import Testing

@testable import DeviceRuntime

@Suite("Why this photo")
struct ConsoleWhyTests {
  private var full: QuestionWhy {
    var why = QuestionWhy(candidate: 12, photo: "cell_12.jpg", reason: .disagreement)
    why.add(
      [[0.9, 0.1], [0.4, 0.6], [0.3, 0.7]], classes: ["defective", "functional"], entropy: 0.61,
      diversity: 1.42, score: 0.752)
    (why.rank, why.ranked) = (3, 120)
    why.nearest = [
      .init(candidate: 4, photo: "cell_4.jpg", name: "functional", cosine: 0.812),
      .init(
        candidate: 9, photo: String(repeating: "long name ", count: 12), name: "defective",
        cosine: 0.7),
    ]
    why.novelty = Novelty(distance: 0.188, limit: 0.61)
    return why
  }

  @Test("shows reason, figures and nearest examples, each on a line of its own")
  func page() {
    #expect(
      whyLines(full) == [
        "Why #12 is asked:",
        "  photo  cell_12.jpg",
        "  reason the views of this photo say different things",
        "  guess  defective 53 %, functional 47 %",
        "  views  2 say functional, 1 say defective",
        "  scores entropy 0.61, diversity 1.42, score 0.75, rank 3 of 120",
        "  near   functional: #4 cell_4.jpg, cosine 0.81",
        "         defective: #9 long name long name long name long name ..., cosine 0.70",
        "  novel  0.19 from the nearest labelled photo; from 0.61 on a photo is unlike",
        "         anything labelled",
      ])
  }

  @Test("says what is not known yet, and what is unlike anything labelled")
  func little() {
    var why = QuestionWhy(candidate: 1, photo: "a.jpg", reason: .coldStart)
    let cold = whyLines(why)
    #expect(cold.count == 4 && cold.last?.contains("nothing is labelled yet") == true)
    why.novelty = Novelty(distance: 0.9, limit: nil)
    #expect(whyLines(why).last?.contains("too few are labelled") == true)
    why.novelty = Novelty(distance: 0.9, limit: 0.8)
    #expect(whyLines(why).joined(separator: " ").contains("beyond 0.80: unlike"))
  }

  @Test("comes at the key w and at the word, and answers nothing")
  func key() {
    let desk = FakeDesk(questions: [question(12)])
    let bench = Bench(desk)
    bench.press("w")
    #expect(bench.screen.text.contains { $0.contains("Why #12 is asked:") })
    #expect(bench.screen.text.contains { $0.contains("defective: #7 cell_7.jpg, cosine 0.81") })
    bench.type("hy")
    #expect(desk.answers.isEmpty)
    desk.failure = .init(description: "the store cannot be read")
    bench.press("w")
    #expect(bench.screen.text.contains { $0.contains("The reason cannot be shown") })
    let empty = Bench(FakeDesk(questions: []))
    empty.press("w")
    #expect(empty.screen.text.contains { $0.contains("there is nothing to explain") })
  }

  @Test("cannot be made to disturb the screen by names", arguments: [40, 80])
  func hostile(columns: Int) {
    var settings = ConsoleSettings()
    settings.columns = columns
    settings.unicode = false
    var why = full
    why.photo = "\u{1B}[2J\u{202E}evil" + String(repeating: "é", count: 300)
    why.nearest[0].name = "\r\n> 1"
    for line in ConsolePages(settings: settings).why(why) {
      #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(line.count < columns)
    }
  }
}
