import ActiveLearning
import Testing

@testable import DeviceRuntime

@Suite("Commands by word")
struct ConsoleWordTests {
  private func bench(classes: [String] = ["defective", "functional"]) -> Bench {
    let desk = FakeDesk(questions: (12...20).map { question($0) }, classes: classes)
    desk.listOfModels = [
      OperatorModel(
        number: 1, made: "2026-11-23 14:30", labels: 0, accuracy: nil, isActive: false,
        isAtHand: false, isAccepted: true, why: "the model that the store began with"),
      OperatorModel(
        number: 2, made: "2026-11-23 15:00?", labels: 24, accuracy: 0.75, isActive: false,
        isAtHand: true, isAccepted: true, why: "3 of 4 audits right, 1 before"),
      OperatorModel(
        number: 3, made: "2026-11-23 16:00", labels: 36, accuracy: 0.5, isActive: false,
        isAtHand: false, isAccepted: false, why: "worse"),
      OperatorModel(
        number: 4, made: "2026-11-24 09:00", labels: 48, accuracy: 0.92, isActive: true,
        isAtHand: true, isAccepted: true, why: "11 of 12 audits right"),
    ]
    return Bench(desk)
  }

  @Test("the list of models says which is active and which could be")
  func models() {
    let bench = bench()
    bench.press(":models\r")
    #expect(
      bench.lines(from: "The models:") == [
        "The models:",
        "  1    2026-11-23 14:30   0 labels     -                 the model that the ...",
        "  2    2026-11-23 15:00?  24 labels    75 %   at hand    3 of 4 audits right...",
        "  3    2026-11-23 16:00   36 labels    50 %   not taken  worse",
        "  4    2026-11-24 09:00   48 labels    92 %   active     11 of 12 audits right",
        "'activate' and a number that is at hand goes to that model, 'back' to the other.",
        "> ",
      ])
  }

  @Test(
    "going to another model takes a yes", arguments: ["activate 2", "back", ":activate 2", ":BACK"])
  func activates(typed: String) {
    let bench = bench()
    bench.press(typed + "\r")
    #expect(bench.shows("Go to model 2 (24 labels, 75 % right at its gate)?"))
    #expect(bench.desk.activated.isEmpty)
    bench.press("y")
    #expect(bench.desk.activated == [2])
    #expect(bench.shows("model 2 is active"))
    #expect(bench.session.actionCount == 1)
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
  }

  @Test("anything but a yes leaves the model", arguments: ["n", "\r", "1", "\u{3}", " "])
  func staysWithModel(key: String) {
    let bench = bench()
    bench.press("back\r")
    bench.press(key)
    bench.press("u")
    #expect(bench.desk.activated.isEmpty && bench.answers.isEmpty)
  }

  @Test(
    "models that cannot be are refused with the reason",
    arguments: [
      ("activate 1", "Model 1 is no longer at hand"), ("activate 3", "Model 3 was not taken"),
      ("activate 4", "Model 4 is the active one"), ("activate 9", "There is no model 9"),
      ("activate", "Say which model"), ("activate 99999999999999999999", "Say which model"),
    ])
  func refuses(typed: String, said: String) {
    let bench = bench()
    bench.press(typed + "\r")
    #expect(bench.shows(said))
    bench.press("y")
    #expect(bench.desk.activated.isEmpty)
  }

  @Test("a desk that fails leaves all as it was, and says why")
  func fails() {
    let bench = bench()
    bench.press("back\r")
    bench.desk.failure = .init(description: "the slot's file is gone; run `loam report`")
    bench.press("y")
    #expect(bench.shows("The model was NOT changed: the slot's file is gone"))
    #expect(bench.session.actionCount == 0)
  }

  @Test("progress is a curve, the rounds and the audits")
  func progress() {
    let bench = bench()
    bench.desk.learning = OperatorProgress(
      labels: 48,
      rounds: [
        .init(model: 2, labels: 24, before: nil, after: 0.5, isAccepted: true),
        .init(model: 3, labels: 36, before: 0.5, after: 0.25, isAccepted: false),
        .init(model: 4, labels: 48, before: 0.5, after: 0.92, isAccepted: true),
      ], audit: AccuracyEstimate(right: 11, of: 12))
    bench.press(":progress\r")
    #expect(
      bench.lines(from: "48 labels") == [
        "48 labels, 3 rounds of learning.", "  accuracy  50 % ▁█ 92 %",
        "  model 2     24 labels     - -> 50 %",
        "  model 3     36 labels     50 % -> 25 %   not taken",
        "  model 4     48 labels     50 % -> 92 %",
        "On photos drawn at random: 92 % (65 % to 99 %) right (11 of the latest 12).", "> ",
      ])
    var plain = ConsoleSettings()
    plain.unicode = false
    #expect(ConsolePages(settings: plain).sparkline([0, 0.5, 1], width: 9) == "_+#")
  }

  @Test("a curve is as wide as it may be and holds what comes", arguments: [true, false])
  func sparkline(unicode: Bool) {
    var settings = ConsoleSettings()
    settings.unicode = unicode
    let pages = ConsolePages(settings: settings)
    #expect(pages.sparkline([], width: 5) == "")
    #expect(pages.sparkline([0.5, .nan, 0.5], width: 5).count == 2)
    #expect(pages.sparkline((0..<100).map { Double($0) }, width: 10).count == 10)
    // A change of a point is no hill.
    #expect(
      pages.sparkline([0.90, 0.91], width: 5).last != pages.sparkline([0, 1], width: 5).last)
  }

  @Test(
    "the date is set, in UTC",
    arguments: [
      ("date 2026-11-23 14:30", 1_795_444_200_000),
      ("date 2026-11-23T14:30:05Z", 1_795_444_205_000),
      ("date 2024-02-29 00:00", 1_709_164_800_000),
    ] as [(String, Int64)])
  func dates(typed: String, milliseconds: Int64) {
    let bench = bench()
    bench.press(typed + "\r")
    #expect(bench.desk.dates == [milliseconds])
    #expect(bench.shows("the system's clock is set"))
  }

  @Test(
    "what is no date is not set",
    arguments: [
      "date", "date now", "date 2026-02-29 10:00", "date 2026-13-01 10:00", "date 1970-01-01 00:00",
      "date 2026-11-23 24:00", "date 2026-11-23 14:3", "date 99999-01-01 00:00", "date -1-1-1 1:1",
    ])
  func noDates(typed: String) {
    let bench = bench()
    bench.press(typed + "\r")
    #expect(bench.desk.dates.isEmpty)
    #expect(bench.shows("Give the date and the time in UTC, as in 'date 2026-11-23 14:30'."))
  }

  @Test(
    "dates as text are those that are read",
    arguments: [0, 1_709_164_800_000, 1_795_444_200_000] as [Int64])
  func dateText(milliseconds: Int64) {
    let text = ConsoleDate.text(milliseconds)
    #expect(milliseconds == 0 ? text == "1970-01-01 00:00" : ConsoleDate.read(text) == milliseconds)
    #expect(ConsoleDate.text(-1) == "?" && ConsoleDate.text(.max) == "?")
  }

  @Test("shoot, export and the ones behind a colon do what they say")
  func others() {
    let bench = bench()
    bench.press(":shoot\r")
    bench.press("take\r")
    #expect(bench.desk.triggerCount == 2)
    bench.press("export\r")
    #expect(bench.shows("the bundle is in outgoing/3"))
    bench.press(":undo\r")
    #expect(bench.shows("Nothing was undone"))
    bench.press(":nonsense\r")
    #expect(bench.shows("':nonsense' is no command; there are :progress, :models,"))
    #expect(bench.answers.isEmpty && bench.desk.added.isEmpty)
  }

  @Test("a class of a command's name keeps it; the colon still means the command")
  func classNames() {
    let bench = bench(classes: ["back", "front"])
    bench.press("back\r")
    #expect(bench.answers == ["12=back"])
    bench.press(":back\r")
    #expect(bench.shows("Go to model 2"))
  }

  @Test("the rest of a word whose first letter acted is explained, not made a class")
  func cutWords() {
    let bench = bench()
    bench.type("send\r")
    #expect(bench.answers == ["12 skip"])
    #expect(bench.shows("To run 'send' type :send and Enter."))
    bench.press("y")
    #expect(bench.desk.added.isEmpty)
  }

  @Test("a transfer waits for the line, and is noted only when all has arrived")
  func sends() {
    let bench = bench()
    bench.press(":send\r")
    #expect(bench.shows("There is nothing to send."))
    bench.desk.filesToSend = ["/store/outgoing/3.tar"]
    bench.press("transfer\r")
    #expect(bench.session.outgoing == ["/store/outgoing/3.tar"])
    // Meanwhile nothing is a key, and nothing is printed.
    bench.press("1")
    bench.session.notice("a photo came")
    bench.wait(1)
    #expect(bench.answers.isEmpty)
    #expect(!bench.shows("* a photo came"))
    bench.session.transferEnded(failure: "nobody began to receive", at: bench.now, desk: bench.desk)
    bench.flush()
    #expect(bench.desk.sent.isEmpty)
    #expect(bench.desk.unsent == [["/store/outgoing/3.tar"]])
    #expect(bench.shows("Nothing was sent: nobody began to receive"))
    #expect(bench.shows("* a photo came"))
    // The rest of the transfer is no key either.
    bench.send(Array("**\u{18}B0800000000022d\r1".utf8), after: 0.5)
    #expect(bench.answers.isEmpty)
    bench.press(":send\r")
    bench.wait(2)
    bench.press(":send\r")
    bench.session.transferEnded(failure: nil, at: bench.now, desk: bench.desk)
    bench.flush()
    #expect(bench.desk.sent == [["/store/outgoing/3.tar"]])
    #expect(bench.shows("The bundle was sent."))
    bench.wait(2)
    bench.press("2")
    #expect(bench.answers == ["12=functional"])
    // A line that goes away in the middle is told as well, once.
    #expect(bench.desk.unsent.count == 1)
    bench.press(":send\r")
    bench.session.disconnect()
    bench.wait(1)
    bench.wait(1)
    #expect(bench.desk.unsent.count == 2)
  }

  @Test("a desk that knows none of it says so")
  func poorDesk() {
    final class PoorDesk: OperatorDesk {
      var question: OperatorQuestion? { nil }
      var classNames: [String] { [] }
      var statusLine: String { "" }
      func answer(candidate: Int64, _ answer: OperatorAnswer) throws -> String { "" }
      func undo() throws -> String { "" }
      func askAgain(candidate: Int64) throws -> String { "" }
      func more() throws -> String { "" }
      func addClass(_ name: String) throws {}
      func queue(limit: Int) throws -> [OperatorQueueEntry] { [] }
      func why(candidate: Int64) throws -> QuestionWhy {
        QuestionWhy(candidate: 1, photo: "", reason: .disagreement)
      }
      func preview(candidate: Int64, _ request: PreviewRequest) throws -> String { "" }
    }
    let (desk, session) = (PoorDesk(), ConsoleSession())
    session.connect(at: 0, desk: desk)
    for (at, word) in [
      ":models", ":progress", "back", ":shoot", "export", ":send", "date 2026-01-01 10:00",
    ]
    .enumerated() {
      session.sent(session.outputByteCount, arrivingAt: Double(at))
      session.receive(Array((word + "\r").utf8), at: Double(at + 1), desk: desk)
      let text = String(decoding: session.output(limit: .max), as: UTF8.self)
      #expect(text.contains("this device"), "\(word): \(text)")
    }
  }
}
