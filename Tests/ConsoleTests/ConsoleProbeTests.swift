import Testing

@testable import DeviceRuntime

@Suite("Asking the terminal what it can show")
struct ConsoleProbeTests {
  private func bench(_ change: (inout ConsoleSettings) -> Void = { _ in }) -> Bench {
    var settings = ConsoleSettings(baud: 115_200)
    settings.asksTerminal = true
    change(&settings)
    return Bench(FakeDesk(questions: (12...20).map { question($0) }), settings)
  }

  private func sent(_ bench: Bench) -> String { String(decoding: bench.bytes, as: UTF8.self) }

  /// Answers at once, as the terminal of a person who has just connected.
  private func connect(_ bench: Bench, _ answer: String) {
    bench.session.disconnect()
    bench.session.connect(at: bench.now, desk: bench.desk)
    bench.flush()
    bench.send(Array(answer.utf8), after: 0.1)
  }

  @Test("asks for name and attributes before it says anything, and only if it is told to")
  func asks() {
    #expect(sent(bench()).hasPrefix("\u{1B}[>q\u{1B}[c\r \r\r\n"))
    #expect(!sent(bench { $0.asksTerminal = false }).contains("\u{1B}"))
  }

  @Test(
    "takes the best preview that the terminal says it shows",
    arguments: [
      ("\u{1B}[?64;1;4;22c", PreviewRequest.Style.sixel), ("\u{1B}[?62;22c", .halfBlocks),
      ("\u{1B}P>|foot(1.13)\u{1B}\\\u{1B}[?62;22c", .trueColour), ("\u{1B}[?6c", .ascii),
      ("\u{1B}[?1;2c", .ascii), ("\u{1B}P>|tmux 3.3a\u{1B}\\\u{1B}[?1;2c", .trueColour),
    ])
  func styles(answer: String, style: PreviewRequest.Style) {
    let bench = bench { $0.bytesPerSecond = 92_160 }
    connect(bench, answer)
    bench.press("p")
    #expect(bench.desk.requests.last?.style == style)
    #expect(bench.desk.answers.isEmpty)
  }

  @Test("a slow line gets characters, whatever the terminal shows")
  func slow() {
    let bench = bench { $0.bytesPerSecond = 960 }
    connect(bench, "\u{1B}[?64;4;22c")
    bench.press("p")
    #expect(bench.desk.requests.last?.style == .ascii)
  }

  @Test("what the next terminal shows is asked anew")
  func forgets() {
    let bench = bench { $0.bytesPerSecond = 92_160 }
    connect(bench, "\u{1B}[?64;4;22c")
    connect(bench, "\u{1B}[?6c")
    bench.press("p")
    #expect(bench.desk.requests.last?.style == .ascii)
  }

  @Test("an answer labels nothing, wherever it is cut and however late the rest comes")
  func splitAnswers() {
    let answer = Array("\u{1B}P>|XTerm(379)\u{1B}\\\u{1B}[?64;1;2;4;6;9;15;22c".utf8)
    for cut in 0...answer.count {
      for delay in [0.0, 0.05, 0.3, 0.9] {
        let bench = bench { $0.settleSeconds = 0 }
        bench.session.disconnect()
        bench.session.connect(at: bench.now, desk: bench.desk)
        bench.flush()
        bench.send(Array(answer[..<cut]), after: 0.02)
        bench.send(Array(answer[cut...]), after: delay)
        #expect(bench.desk.answers.isEmpty && bench.desk.moreCount == 0, "cut at \(cut)")
        bench.wait(2)
        bench.press("1")
        #expect(bench.answers == ["12=defective"], "cut at \(cut), \(delay) s later")
      }
    }
  }

  @Test(
    "pieces of an answer that lost their beginning are no keys, early or late",
    arguments: ["[?64;1;2c", "?1;2c", "4;22c", ";2c", "62c", "1;2;4;6;9", ">|xterm(390)"],
    [0.1, 0.8, 4, 20])
  func garbled(piece: String, delay: Double) {
    guard !piece.hasPrefix(">") || delay < 1 else { return }
    let bench = bench { $0.settleSeconds = 0 }
    bench.session.disconnect()
    bench.session.connect(at: bench.now, desk: bench.desk)
    bench.flush()
    bench.send(Array(piece.utf8), after: delay)
    #expect(bench.desk.answers.isEmpty && bench.desk.moreCount == 0)
    bench.wait(2)
    bench.press("2")
    #expect(bench.answers == ["12=functional"])
  }

  @Test("any bytes in place of the answer, at random, label nothing while it is awaited")
  func random() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<300 {
      let bench = bench { $0.settleSeconds = 0 }
      bench.session.disconnect()
      bench.session.connect(at: bench.now, desk: bench.desk)
      bench.flush()
      let pool = Array("\u{1B}[?;0123456789cP>|\\suxm\r".utf8)
      for _ in 0..<6 {
        let bytes = (0..<Int.random(in: 1...5, using: &random)).map { _ in
          pool[Int.random(in: 0..<pool.count, using: &random)]
        }
        // Never a whole answer, which would end the waiting.
        if bytes.contains(UInt8(ascii: "c")) { continue }
        bench.send(bytes, after: 0.1)
      }
      #expect(bench.desk.answers.isEmpty && bench.desk.moreCount == 0 && bench.desk.undoCount == 0)
    }
  }

  @Test("without an answer it waits as long as the line needs, says what was lost, and goes on")
  func silent() {
    #expect(TerminalProbe.patience(bytesPerSecond: nil) == 1)
    #expect(TerminalProbe.patience(bytesPerSecond: 960) > 1.06)
    let bench = bench { $0.settleSeconds = 0 }
    bench.session.disconnect()
    bench.session.connect(at: bench.now, desk: bench.desk)
    bench.flush()
    bench.send(Array("1".utf8), after: 0.5)
    #expect(bench.answers.isEmpty)
    bench.wait(1)
    #expect(bench.shows("* (what was typed while the terminal was asked"))
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
    bench.press("p")
    #expect(bench.desk.requests.last?.style == .ascii)
  }

  @Test("Ctrl-L asks again until a terminal has answered, and Enter after a minute of silence")
  func asksAgain() {
    let bench = bench()
    bench.wait(30)
    let count = { sent(bench).components(of: "\u{1B}[c") }
    #expect(count() == 1)
    bench.press("\r")
    #expect(count() == 1)
    bench.press("\u{C}")
    #expect(count() == 2)
    bench.wait(100)
    bench.press("\r")
    #expect(count() == 3)
    bench.send(Array("\u{1B}[?62;22c".utf8), after: 0.1)
    bench.press("\u{C}")
    #expect(count() == 3)
  }
}

@Suite("Sixels on the line")
struct ConsoleSixelTests {
  private let picture = "\u{1B}P0;1q\"1;1;6;6#0;2;0;0;0#0!600~\u{1B}\\"

  private func bench(_ picture: String) -> Bench {
    var settings = ConsoleSettings(baud: 115_200)
    settings.sixel = true
    let desk = FakeDesk(questions: (12...20).map { question($0) })
    desk.picture = picture
    return Bench(desk, settings)
  }

  @Test("a picture passes as it is, and the prompt stands below it")
  func whole() {
    let bench = bench(picture)
    bench.press("p")
    #expect(String(decoding: bench.bytes, as: UTF8.self).contains(picture + "\r\n> "))
  }

  @Test(
    "what is no sixel picture is not sent",
    arguments: [
      "\u{1B}P0;1q\u{1B}]0;x\u{7}\u{1B}\\", "\u{1B}Pq~~", "hello", "\u{1B}P1$qm\u{1B}\\", "",
      "\u{1B}Pq~\u{9B}31m~\u{1B}\\", "\u{1B}Pq~\u{1B}\\\u{1B}[2J\u{1B}\\",
    ])
  func damaged(text: String) {
    let bench = bench(text)
    bench.press("p")
    #expect(!bench.bytes.contains(0x1B))
    #expect(bench.shows("The photo cannot be shown"))
  }

  @Test("a key anywhere in a picture ends it, and the terminal is told that it ended")
  func interrupted() {
    let long = "\u{1B}P0;1q" + String(repeating: "#1~?@", count: 2000) + "\u{1B}\\"
    for count in stride(from: 40, to: 10_200, by: 331) {
      let bench = bench(long)
      bench.session.receive(Array("p".utf8), at: bench.now, desk: bench.desk)
      let begun = bench.session.output(limit: count)
      bench.session.sent(begun.count, arrivingAt: bench.now)
      bench.now += 0.5
      bench.session.receive(Array(" ".utf8), at: bench.now, desk: bench.desk)
      let rest = bench.session.output(limit: .max)
      let all = String(decoding: begun + rest, as: UTF8.self)
      let start = all.range(of: "\u{1B}P")
      #expect(start == nil || all.components(of: "\u{1B}\\") == 1, "after \(count) B")
      #expect(rest.count < 200 || begun.count > 10_000, "\(rest.count) B after \(count)")
      #expect(all.hasSuffix("> "))
    }
  }

  @Test("a terminal that comes back after the line was lost in a picture is brought out of it")
  func reconnected() {
    let bench = bench(picture)
    bench.session.receive(Array("p".utf8), at: bench.now, desk: bench.desk)
    bench.session.sent(30, arrivingAt: bench.now)
    bench.session.disconnect()
    bench.session.connect(at: bench.now + 1, desk: bench.desk)
    #expect(bench.session.output(limit: 2) == [0x1B, 0x5C])
    bench.flush()
    bench.session.disconnect()
    bench.session.connect(at: bench.now + 2, desk: bench.desk)
    #expect(bench.session.output(limit: 1) != [0x1B])
  }
}

extension String {
  /// How often `text` occurs.
  func components(of text: String) -> Int {
    var (count, rest) = (0, self[...])
    while let range = rest.range(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}

extension StringProtocol {
  /// Where `text` first stands, by bytes.
  func range(of text: String) -> Range<Index>? {
    var start = utf8.startIndex
    while start < utf8.endIndex {
      if utf8[start...].starts(with: text.utf8) {
        return start..<utf8.index(start, offsetBy: text.utf8.count)
      }
      start = utf8.index(after: start)
    }
    return nil
  }
}
