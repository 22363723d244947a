import Testing

@testable import DeviceRuntime

@Suite("Answers")
struct ConsoleAnswerTests {
  private func bench(_ numbers: Int64..., classes: [String] = ["defective", "functional"]) -> Bench
  {
    Bench(FakeDesk(questions: numbers.map { question($0) }, classes: classes))
  }

  @Test(
    "one key answers, and its receipt names candidate and class",
    arguments: [
      ("1", "12=defective", "labelled #12 as defective (kept)"),
      ("2", "12=functional", "labelled #12 as functional (kept)"),
      ("s", "12 skip", "skipped #12 (kept); it is asked again later"),
      ("S", "12 skip", "skipped #12 (kept); it is asked again later"),
      ("-", "12 skip", "skipped #12 (kept); it is asked again later"),
      ("x", "12 unsure", "noted that #12 cannot be told (kept)"),
      ("0", "12 unsure", "noted that #12 cannot be told (kept)"),
    ])
  func oneKey(key: String, answer: String, receipt: String) {
    let bench = bench(12, 13)
    bench.press(key)
    #expect(bench.answers == [answer])
    #expect(bench.shows(receipt))
    #expect(bench.shows("--- Question #13 "))
    #expect(bench.session.actionCount == 1)
  }

  @Test(
    "a name answers with Enter: exact, in another case, or its beginning",
    arguments: ["defective", "Defective", "def", "d", "/defective", "/d", "  def  ", "dex\u{7F}f"])
  func byName(typed: String) {
    let bench = bench(12, 13)
    bench.type(typed + "\r")
    #expect(bench.answers == ["12=defective"])
  }

  @Test(
    "keys that mean nothing answer nothing",
    arguments: [
      "3", "9", "z\r", "\t", " ", "\u{1B}[A", "\u{1B}", "q\u{3}", "d\u{15}\r", "/\r", "y", "\u{4}",
    ])
  func nothing(typed: String) {
    let bench = bench(12, 13)
    bench.press(typed)
    bench.wait(5)
    bench.press("\u{3}")
    #expect(bench.answers.isEmpty && bench.desk.added.isEmpty && bench.desk.undoCount == 0)
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
  }

  @Test("nothing is confirmed before the desk has returned")
  func durableFirst() {
    let bench = bench(12, 13)
    var during: [Int] = []
    bench.desk.duringAnswer = { during.append(bench.session.outputByteCount) }
    bench.press("1")
    #expect(during == [0])
    #expect(bench.shows("labelled #12 as defective (kept)"))
  }

  @Test("after an error nothing is confirmed, the error is shown, and the question stays")
  func errors() {
    let bench = bench(12, 13)
    bench.desk.failure = .init(description: "the disk is full; free 3 MB and press the key again")
    bench.press("1")
    #expect(bench.answers.isEmpty)
    #expect(
      bench.shows("#12 was NOT answered: the disk is full; free 3 MB and press the key again"))
    #expect(!bench.shows("labelled"))
    #expect(!bench.shows("--- Question #13 "))
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
  }

  @Test(
    "what is typed ahead of a question does not answer it",
    arguments: ["11", "1s", "1-0", "1defective\r"])
  func typeAhead(typed: String) {
    let bench = bench(12, 13)
    bench.press(typed)
    #expect(bench.answers == ["12=defective"])
    #expect(bench.lines(from: "--- Question #13 ").contains { $0.hasPrefix("Ignored ") })
    bench.press("2")
    #expect(bench.answers == ["12=defective", "13=functional"])
  }

  @Test("a bouncing key answers once, also when the next question is already on the screen")
  func bounce() {
    let bench = bench(12, 13)
    bench.press("1")
    bench.send([0x31], after: 0.1)
    #expect(bench.answers == ["12=defective"])
    bench.send([0x31], after: 0.3)
    #expect(bench.answers == ["12=defective", "13=defective"])
  }

  @Test("a question still on its way cannot be answered, by key or by name")
  func notYetShown() {
    let bench = bench(12, 13)
    bench.now += 1
    bench.session.receive([0x31], at: bench.now, desk: bench.desk)
    // All but the end of the new question leaves.
    bench.session.sent(bench.session.outputByteCount - 4, arrivingAt: bench.now)
    for typed in ["1", "s", "x", "def\r", "/functional\r"] {
      bench.now += 1
      bench.session.receive(Array(typed.utf8), at: bench.now, desk: bench.desk)
    }
    #expect(bench.answers == ["12=defective"])
    bench.flush()
    bench.press("2")
    #expect(bench.answers == ["12=defective", "13=functional"])
  }

  @Test("a question that a slow line still carries cannot be answered")
  func slowLine() {
    let bench = bench(12, 13)
    bench.now += 1
    bench.session.receive([0x31], at: bench.now, desk: bench.desk)
    bench.session.sent(bench.session.outputByteCount, arrivingAt: bench.now + 10)
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
    bench.wait(10)
    bench.press("1")
    #expect(bench.answers == ["12=defective", "13=defective"])
  }

  @Test("a name begun for one question does not answer the next")
  func nameAcrossQuestions() {
    let bench = bench(12, 13)
    bench.type("defec")
    bench.desk.queueOfQuestions.removeFirst()
    bench.wait(1)
    #expect(bench.shows("--- Question #13 "))
    #expect(bench.screen.text.last == "> defec")
    bench.type("tive\r")
    #expect(bench.answers.isEmpty)
    #expect(bench.shows("Ignored 'defective'"))
  }

  @Test("an answer goes to the candidate on the screen, even if the desk has moved on unseen")
  func movedOn() {
    let bench = bench(12, 13)
    bench.desk.queueOfQuestions.removeFirst()
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
  }

  @Test("a key means what the screen says, even if the desk's classes have changed unseen")
  func changedClasses() {
    let bench = bench(12, 13)
    bench.desk.classNames = ["functional", "defective"]
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
    bench.press("1")
    #expect(bench.answers == ["12=defective", "13=functional"])
  }

  @Test("without a question there is nothing to label")
  func idle() {
    let bench = bench()
    #expect(bench.shows("Nothing waits for a label now."))
    for key in ["1", "s", "x", "def\r", "p", "\r", "\u{C}", "l", "c"] { bench.press(key) }
    #expect(bench.answers.isEmpty)
    #expect(bench.shows("No question is open"))
    bench.desk.queueOfQuestions = [question(5)]
    bench.wait(0.1)
    bench.press("1")
    #expect(bench.answers == ["5=defective"])
  }
}

@Suite("Names and commands")
struct ConsoleNameTests {
  private let classes = ["scratch", "scuff", "undercut", "dirt", "3d", "x"]

  private func bench() -> Bench {
    Bench(FakeDesk(questions: (12...14).map { question($0) }, classes: classes))
  }

  @Test("a name that begins with a command's letter can be typed without setting the command off")
  func conflict() {
    let bench = bench()
    bench.type("scratch\r")
    bench.type("undercut\r")
    #expect(bench.answers == ["12=scratch", "13=undercut"])
    #expect(bench.desk.undoCount == 0)
  }

  @Test("such a command still acts with Enter, or at once by its other key")
  func conflictingCommand() {
    let bench = bench()
    bench.type("s\r")
    bench.press("-")
    #expect(bench.answers == ["12 skip", "13 skip"])
    bench.type("u\r")
    bench.press("\u{1A}")
    #expect(bench.desk.undoCount == 2)
  }

  @Test("an exact name wins over a command, digits can be typed after /")
  func exactNames() {
    let bench = bench()
    bench.type("x\r")
    bench.type("/3d\r")
    bench.type("/3\r")
    #expect(bench.answers == ["12=x", "13=3d", "14=3d"])
  }

  @Test("the beginning of several names asks for more")
  func ambiguous() {
    let bench = bench()
    bench.type("sc\r")
    #expect(bench.answers.isEmpty)
    #expect(bench.shows("'sc' could be scratch, scuff; type more of the name."))
    bench.type("scu\r")
    #expect(bench.answers == ["12=scuff"])
  }

  @Test("the tenth class and later have letters with Enter, never a command's")
  func letters() {
    let keys = ClassKeys((1...40).map { "kind \($0)" })
    #expect(keys.keys[8] == "9")
    #expect(keys.keys[9] == "a")
    let letters = keys.keys.dropFirst(9).compactMap { $0 }
    #expect(Set(letters).isDisjoint(with: "suxpwlncmiyh?"))
    #expect(Set(letters).count == letters.count)
    #expect(keys.keys[39] == nil)
    let bench = Bench(FakeDesk(questions: [question(1)], classes: keys.names))
    bench.press("b")
    #expect(bench.answers.isEmpty)
    bench.press("\r")
    #expect(bench.answers == ["1=kind 11"])
  }

  @Test(
    "a command's word typed in full does what its letter does, and no more",
    arguments: [
      "skip", "undo", "list", "help", "info", "classes", "picture", "status", "unsure", "more",
    ])
  func words(word: String) {
    let desk = FakeDesk(questions: (1...4).map { question($0) })
    let bench = Bench(desk)
    bench.press("1")
    bench.type(word + "\r")
    #expect(desk.added.isEmpty)
    #expect(bench.session.entry == .line(nameOnly: false))
    let skips = word == "skip" || word == "status" ? 1 : 0
    #expect(bench.answers.count == 1 + skips)
    #expect(desk.undoCount == (word == "undo" || word == "unsure" ? 1 : 0))
    #expect(desk.moreCount == (word == "more" ? 1 : 0))
  }
}

@Suite("More")
struct ConsoleMoreTests {
  @Test("m asks for more, also when nothing waits, says what was added and shows it")
  func more() {
    let bench = Bench(FakeDesk(questions: []))
    #expect(bench.shows("Nothing waits for a label now."))
    bench.press("m")
    #expect(bench.desk.moreCount == 1 && bench.session.actionCount == 1)
    #expect(bench.shows("1 more photo to label"))
    #expect(bench.shows("--- Question #901"))
    #expect(bench.answers.isEmpty)
  }

  @Test("a failure is said, and nothing is counted")
  func fails() {
    let bench = Bench(FakeDesk(questions: []))
    bench.desk.failure = .init(description: "the store is full; free some space")
    bench.press("m")
    #expect(bench.shows("Nothing more was chosen: the store is full; free some space"))
    #expect(bench.desk.moreCount == 0 && bench.session.actionCount == 0)
  }
}

@Suite("Undo")
struct ConsoleUndoTests {
  @Test("a number with # asks about that photo again, and about nothing else")
  func byNumber() {
    let bench = Bench(FakeDesk(questions: [12, 13, 14].map { question($0) }))
    bench.press("1")
    bench.wait(2)
    bench.press("2")
    bench.wait(2)
    bench.type("#12\r")
    #expect(bench.shows("undone: #12 is no longer labelled"))
    #expect(bench.lines(from: "undone:").contains { $0.hasPrefix("--- Question #12 ") })
    #expect(bench.desk.question?.candidate == 12)
    bench.type("#99\r")
    #expect(bench.shows("#99 is not asked again: it has no answer"))
    bench.type("#x\r")
    #expect(bench.shows("'#x' is no photo's number"))
    #expect(bench.desk.added.isEmpty && bench.answers.count == 2)
  }

  @Test("u undoes at once after an answer and asks again", arguments: ["u", "\u{1A}"])
  func undo(key: String) {
    let bench = Bench(FakeDesk(questions: [question(12), question(13)]))
    bench.press("1")
    bench.send(Array(key.utf8), after: 0.05)
    #expect(bench.desk.undoCount == 1)
    #expect(bench.shows("undone: #12 is asked again"))
    #expect(bench.lines(from: "undone:").contains { $0.hasPrefix("--- Question #12 ") })
    bench.press("2")
    #expect(bench.answers == ["12=defective", "12=functional"])
  }

  @Test("a second undo waits until the first can be read, then works")
  func twice() {
    let bench = Bench(FakeDesk(questions: [question(1), question(2), question(3)]))
    bench.press("1")
    bench.press("2")
    bench.press("uu")
    #expect(bench.desk.undoCount == 1)
    bench.press("u")
    #expect(bench.desk.undoCount == 2)
    #expect(bench.shows("undone: #1 is asked again"))
  }

  @Test("with nothing to undo the desk's words are shown")
  func none() {
    let bench = Bench(FakeDesk(questions: [question(1)]))
    bench.press("u")
    #expect(bench.shows("Nothing was undone: there is no answer to take back"))
    #expect(bench.session.actionCount == 0)
  }
}

@Suite("New classes")
struct ConsoleNewClassTests {
  private func bench() -> Bench { Bench(FakeDesk(questions: [question(12), question(13)])) }

  @Test("n, a name and y add a class, and the question shows its key")
  func add() {
    let bench = bench()
    bench.type("nrust\ry")
    #expect(bench.desk.added == ["rust"])
    #expect(bench.shows("added the class rust (kept)"))
    #expect(bench.answers.isEmpty)
    #expect(
      bench.lines(from: "added").contains("  press  [1] defective   [2] functional   [3] rust"))
    bench.press("3")
    #expect(bench.answers == ["12=rust"])
  }

  @Test("an unknown name asks, and y adds it and labels with it")
  func unknown() {
    let bench = bench()
    bench.type("rust\r")
    #expect(bench.shows("No class is named 'rust'. Add it as a new class and label #12 with it?"))
    #expect(bench.desk.added.isEmpty)
    bench.press("y")
    #expect(bench.desk.added == ["rust"])
    #expect(bench.answers == ["12=rust"])
  }

  @Test(
    "everything but y is no", arguments: ["n", "\r", "1", "2", "s", "x", "\u{3}", "\u{7F}", "u"])
  func no(key: String) {
    let bench = bench()
    bench.type("rust\r")
    bench.press(key)
    #expect(bench.desk.added.isEmpty && bench.answers.isEmpty && bench.desk.undoCount == 0)
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
  }

  @Test("a name close to an existing one is told apart first")
  func close() {
    let bench = bench()
    bench.type("defectve\r")
    #expect(
      bench.shows("'defectve' is close to 'defective'. Add it as another class and label #12 with"))
    bench.press("n")
    bench.type("ndefective\r")
    #expect(bench.shows("'defective' is a class already."))
    #expect(bench.desk.added.isEmpty && bench.answers.isEmpty)
  }

  @Test("a class that cannot be added labels nothing")
  func failure() {
    let bench = bench()
    bench.type("rust\r")
    bench.desk.failure = .init(description: "the disk is full")
    bench.press("y")
    #expect(bench.shows("The class was NOT added: the disk is full"))
    #expect(bench.answers.isEmpty)
  }

  @Test("a name begun for one question is not used for the next")
  func otherQuestion() {
    let bench = bench()
    bench.type("rust\r")
    bench.desk.queueOfQuestions.removeFirst()
    bench.wait(1)
    bench.press("y")
    #expect(bench.desk.added == ["rust"])
    #expect(bench.answers.isEmpty)
    #expect(bench.shows("The question has changed; #12 was not labelled."))
  }

  @Test("a name beyond 64 bytes is refused")
  func tooLong() {
    let bench = bench()
    bench.type(String(repeating: "z", count: 65) + "\r")
    #expect(bench.shows("A class name has at most 64 bytes; this one has 65."))
    #expect(bench.session.entry == .line(nameOnly: false))
  }
}
