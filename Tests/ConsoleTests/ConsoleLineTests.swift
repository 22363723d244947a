import Testing

@testable import DeviceRuntime

@Suite("Typing")
struct ConsoleTypingTests {
  private func bench(_ settings: ConsoleSettings = ConsoleSettings()) -> Bench {
    Bench(
      FakeDesk(questions: [question(12), question(13)], classes: ["größe", "猫", "cat"]), settings)
  }

  @Test("Backspace takes back one letter, however wide it is and however many bytes it has")
  func backspace() {
    let bench = bench()
    bench.type("gra\u{7F}ö")
    #expect(bench.screen.text.last == "> grö")
    bench.type("\u{8}\u{8}\u{8}\u{8}")
    #expect(bench.screen.text.last?.hasPrefix(">    ") == true)
    bench.type("/猫a\u{7F}\r")
    #expect(bench.answers == ["12=猫"])
  }

  @Test("Ctrl-U, Ctrl-C and Ctrl-W drop what they should")
  func erasing() {
    let bench = bench()
    bench.type("gr\u{15}cat\r")
    #expect(bench.answers == ["12=cat"])
    bench.type("gr\u{3}")
    #expect(bench.shows("> gr^C"))
    bench.type("größe gr\u{17}\r")
    #expect(bench.answers == ["12=cat", "13=größe"])
  }

  @Test("a letter that is no command begins a name; a message does not disturb it")
  func messageWhileTyping() {
    let bench = bench()
    bench.type("grö")
    bench.session.notice("camera 2 does not answer; check its cable")
    bench.wait(1)
    #expect(
      bench.screen.text.suffix(3) == [
        "> grö", "* camera 2 does not answer; check its cable", "> grö",
      ])
    bench.type("ße\r")
    #expect(bench.answers == ["12=größe"])
  }

  @Test("a line beyond 256 bytes is cut, told once, and its rest never acts")
  func longLine() {
    let bench = bench()
    bench.press(String(repeating: "g", count: 10_000))
    #expect(bench.screen.text.filter { $0.hasPrefix("A line has at most 256 bytes") }.count == 1)
    #expect(bench.session.text.utf8.count == 256)
    bench.press("\r")
    #expect(bench.answers.isEmpty && bench.desk.added.isEmpty)
    bench.press("3")
    #expect(bench.answers == ["12=cat"])
  }

  @Test("Ctrl-L shows question and typed text again; the question stays answerable")
  func redraw() {
    let bench = bench()
    bench.type("ca\u{C}")
    #expect(bench.screen.text.filter { $0.hasPrefix("--- Question #12 ") }.count == 2)
    #expect(bench.screen.text.last == "> ca")
    bench.type("t\r")
    #expect(bench.answers == ["12=cat"])
  }

  @Test("Enter alone shows the question again, once for CR LF")
  func enterAlone() {
    let bench = bench()
    bench.press("\r\n")
    #expect(bench.screen.text.filter { $0.hasPrefix("--- Question #12 ") }.count == 2)
  }

  @Test("with colours, Ctrl-L clears the screen and questions stand out")
  func colours() {
    var settings = ConsoleSettings()
    settings.colours = true
    let bench = bench(settings)
    bench.press("\u{C}")
    #expect(bench.screen.text.filter { $0.contains("Question #12") }.count == 1)
    #expect(String(decoding: bench.bytes, as: UTF8.self).contains("\u{1B}[1m--- Question #12"))
  }
}

@Suite("Noise")
struct ConsoleNoiseTests {
  private func bench() -> Bench { Bench(FakeDesk(questions: [question(12), question(13)])) }

  @Test("keys in a burst with bytes that no key sends do not count, nor do those right behind it")
  func burst() {
    let bench = bench()
    bench.send([0x31, 0xFF, 0x00, 0x31, 0x73], after: 1)
    bench.send([0x31], after: 0.1)
    #expect(bench.answers.isEmpty)
    bench.send([0x31], after: 0.3)
    #expect(bench.answers == ["12=defective"])
    #expect(bench.shows("* (ignored 6 bytes that no key sends"))
  }

  @Test(
    "noise drops what was being typed and what was being confirmed", arguments: ["def", "rust\r"])
  func whileTyping(typed: String) {
    let bench = bench()
    bench.type(typed)
    bench.send([0x80], after: 1)
    bench.wait(1)
    bench.press("y")
    bench.press("\r")
    #expect(bench.answers.isEmpty && bench.desk.added.isEmpty)
  }

  @Test("endless noise is told at most every five seconds")
  func endless() {
    let bench = bench()
    for _ in 0..<100 {
      bench.send([0xFF], after: 0.02)
      bench.wait(0.28)
    }
    let told = bench.screen.text.filter { $0.hasPrefix("* (ignored") }.count
    #expect((1...7).contains(told))
  }

  /// Four times 25 000 random bytes at random moments, against a desk whose questions and classes also change by
  /// themselves. Seed 0 is noise alone,
  /// seed 3 comes in long bursts.
  @Test(
    "100 000 random bytes crash nothing and label only what stood on the screen", arguments: 0..<4)
  func fuzz(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let desk = FakeDesk(questions: [], classes: ["defective", "functional", "scratch"])
    let bench = Bench(desk, showing: false)
    var candidate: Int64 = 0
    var readable: (candidate: Int64, at: Double)?
    var judged = 0
    desk.duringAnswer = { judged += 1 }
    let keys = Array("12s0-xu?lpci/def\r\n\u{7F}\u{3}\u{1B}[Ay猫".utf8)
    var sent = 0
    while sent < 25_000 {
      while desk.queueOfQuestions.count < 2 {
        candidate += 1
        desk.queueOfQuestions.append(question(candidate))
      }
      if Int.random(in: 0..<40, using: &random) == 0 { desk.queueOfQuestions.removeFirst() }
      if desk.classNames.count > 20 { desk.classNames.removeLast(15) }
      if Int.random(in: 0..<20, using: &random) == 0 { desk.failure = .init(description: "no") }
      bench.now += Double.random(in: 0..<0.6, using: &random)
      let count = Int.random(in: 1...(seed == 3 ? 200 : 6), using: &random)
      let isNoise = seed == 0 || Int.random(in: 0..<10, using: &random) == 0
      let bytes = (0..<count).map { _ in
        isNoise
          ? UInt8.random(in: 0...255, using: &random)
          : keys[Int.random(in: 0..<keys.count, using: &random)]
      }
      sent += count
      let answersBefore = desk.answers.count
      bench.session.receive(bytes, at: bench.now, desk: desk)
      let given = desk.answers.dropFirst(answersBefore)
      #expect(given.count <= 1, "one question was on the screen, \(given.count) were answered")
      for (number, answer) in given {
        #expect(readable?.candidate == number)
        #expect(readable.map { bench.now - $0.at >= 0.3 } == true)
        if case .label(let name) = answer { #expect(name.utf8.count <= 64) }
      }
      if Int.random(in: 0..<3, using: &random) > 0 {
        bench.flush()
        if let shown = bench.session.shown, shown.completeAt == bench.now {
          readable = (shown.question.candidate, bench.now)
        }
      }
    }
    if seed > 0 {
      #expect(judged > (seed == 3 ? 3 : 20), "the test reached answers only \(judged) times")
    }
    #expect(bench.session.outputByteCount <= OutputQueue.capacity)
  }
}

@Suite("Pictures and messages")
struct ConsoleOutputTests {
  private func bench(_ settings: ConsoleSettings) -> Bench {
    Bench(FakeDesk(questions: [question(12), question(13)]), settings)
  }

  @Test(
    "a picture is asked for in the size that the line sends in two seconds",
    arguments: [9600, 115_200])
  func size(baud: Int) throws {
    let bench = bench(ConsoleSettings(baud: baud))
    bench.press("p")
    let request = try #require(bench.desk.requests.first)
    #expect(request.style == .ascii)
    #expect(request.byteBudget == baud / 5)
    #expect(request.columns >= 40 && request.columns <= 64)
    #expect((request.columns + 2) * (request.columns / 2) <= request.byteBudget)
  }

  @Test("colours are used for pictures where the line is fast enough")
  func colours() throws {
    for (baud, style) in [(9600, PreviewRequest.Style.ascii), (921_600, .halfBlocks)] {
      var settings = ConsoleSettings(baud: baud)
      settings.colours = true
      let bench = bench(settings)
      bench.press("p")
      #expect(bench.desk.requests.first?.style == style)
    }
  }

  @Test("rows beyond the budget are not sent, and it says so")
  func budget() {
    let bench = bench(ConsoleSettings(baud: 9600))
    bench.desk.picture = String(repeating: String(repeating: "#", count: 60) + "\n", count: 100)
    bench.press("p")
    #expect(bench.screen.text.filter { $0.hasPrefix("####") }.count == 30)
    #expect(bench.shows("(the rest of the picture is too much for this line)"))
  }

  @Test("any key stops a picture; a key with a meaning acts, Space does not")
  func interrupted() {
    for (key, expected) in [(" ", []), ("\r", []), ("\u{1B}[A", []), ("2", ["12=functional"])] {
      let bench = bench(ConsoleSettings(baud: 9600))
      bench.desk.picture = String(repeating: String(repeating: "#", count: 40) + "\n", count: 20)
      bench.now += 1
      bench.session.receive(Array("p".utf8), at: bench.now, desk: bench.desk)
      bench.session.sent(200, arrivingAt: bench.now)
      let waiting = bench.session.outputByteCount
      #expect(waiting > 600)
      bench.now += 1
      bench.session.receive(Array(key.utf8), at: bench.now, desk: bench.desk)
      #expect(
        !String(decoding: bench.session.output(limit: .max).dropFirst(42), as: UTF8.self)
          .contains("#####"))
      bench.flush()
      #expect(bench.answers == expected)
      bench.press("1")
      #expect(bench.answers.count == expected.count + 1)
    }
  }

  @Test(
    "rows of a picture may end in LF or CR LF", arguments: ["ab\ncd\n", "ab\r\ncd\r\n", "ab\ncd"])
  func rowEnds(picture: String) {
    let bench = bench(ConsoleSettings())
    bench.desk.picture = picture
    bench.press("p")
    #expect(bench.lines(from: "> p") == ["> p", "#12 cell_12.jpg:", "ab", "cd", "> "])
  }

  @Test("a picture can colour its characters and nothing else")
  func hostilePicture() {
    var settings = ConsoleSettings()
    settings.colours = true
    let bench = bench(settings)
    bench.desk.picture = "\u{1B}[38;5;1m▀\u{1B}[2J\u{1B}]0;x\u{7}\u{1B}[6n\u{1B}\n"
    bench.press("p")
    let text = String(decoding: bench.bytes, as: UTF8.self)
    #expect(text.contains("\u{1B}[38;5;1m▀[2J]0;x[6n\u{1B}[0m\r\n"))
  }

  @Test("progress is printed at most once a second, the latest only, notices always")
  func progress() {
    let bench = bench(ConsoleSettings())
    for step in 1...100 {
      bench.session.progress("training step \(step)")
      bench.wait(0.05)
    }
    let steps = bench.screen.text.filter { $0.hasPrefix("* training step ") }
    #expect((4...6).contains(steps.count))
    bench.session.notice("round 3: accuracy 81 % -> 84 %, accepted")
    bench.wait(0)
    #expect(bench.screen.text.suffix(2) == ["* round 3: accuracy 81 % -> 84 %, accepted", "> "])
  }

  @Test("what the desk says while it is being asked comes after the receipt")
  func noticeDuringAnswer() throws {
    let bench = bench(ConsoleSettings())
    bench.desk.duringAnswer = {
      bench.session.notice("a round begins")
      bench.session.refresh(at: bench.now, desk: bench.desk)
      bench.session.receive([0x31], at: bench.now, desk: bench.desk)
    }
    bench.press("1")
    let text = bench.screen.text
    let receipt = try #require(text.firstIndex { $0.hasPrefix("labelled #12") })
    let notice = try #require(text.firstIndex { $0.hasPrefix("* a round begins") })
    #expect(receipt < notice)
    #expect(bench.answers == ["12=defective"])
  }

  @Test("a stuck line costs bounded memory, and the question comes when it moves again")
  func stuck() {
    let bench = bench(ConsoleSettings())
    for index in 0..<5000 {
      bench.session.notice("message \(index) of a device that talks to nobody")
      bench.now += 1
      bench.session.receive(Array("?".utf8), at: bench.now, desk: bench.desk)
    }
    #expect(bench.session.outputByteCount <= OutputQueue.capacity)
    bench.desk.queueOfQuestions.removeFirst()
    bench.session.refresh(at: bench.now, desk: bench.desk)
    bench.flush()
    bench.wait(1)
    #expect(bench.screen.text.contains { $0.hasPrefix("* (the line was too slow: ") })
    bench.press("1")
    #expect(bench.answers == ["13=defective"])
  }

  @Test("after a disconnect nothing typed before counts, and the question comes again")
  func disconnect() {
    let bench = bench(ConsoleSettings())
    bench.type("defec")
    bench.session.disconnect()
    bench.session.receive(Array("1".utf8), at: bench.now, desk: bench.desk)
    #expect(bench.session.outputByteCount == 0)
    bench.session.connect(at: bench.now, desk: bench.desk)
    bench.session.receive(Array("1".utf8), at: bench.now, desk: bench.desk)
    bench.flush()
    bench.press("tive\r")
    #expect(bench.answers.isEmpty)
    bench.press("\u{3}")
    bench.press("2")
    #expect(bench.answers == ["12=functional"])
    #expect(bench.screen.text.filter { $0.hasPrefix("--- Question #12 ") }.count == 2)
  }
}
