import Board
import Testing

@testable import DeviceRuntime

@Suite("Bad input at the console")
struct ConsoleHostileTests {
  private func bench(classes: [String] = ["defective", "functional"], login: FakeLogin? = nil)
    -> Bench
  {
    Bench(FakeDesk(questions: (12...20).map { question($0) }, classes: classes), login: login)
  }

  @Test("ten megabytes without a line's end are told of once, take no memory and label nothing")
  func endlessLine() {
    let bench = Bench(FakeDesk(questions: (12...20).map { question($0) }), showing: false)
    bench.send(Array("de".utf8), after: 1)
    for _ in 0..<2560 { bench.send([UInt8](repeating: 0x61, count: 4096), after: 0.001) }
    #expect(bench.session.text.utf8.count <= ConsoleSession.longestLine)
    #expect(bench.session.outputByteCount < OutputQueue.capacity)
    bench.press("\u{3}")
    let shown = Bench(FakeDesk(questions: (12...20).map { question($0) }))
    for _ in 0..<200 { shown.send([UInt8](repeating: 0x62, count: 4096), after: 0.001) }
    #expect(shown.screen.text.count { $0.hasPrefix("A line has at most 256 bytes") } == 1)
    shown.press("\u{3}")
    shown.press("2")
    #expect(shown.answers == ["12=functional"])
    #expect(bench.answers.isEmpty && bench.desk.added.isEmpty)
  }

  @Test("a PIN without end is no PIN, and echoes no more than a line")
  func endlessPin() {
    let login = FakeLogin("4711")
    let bench = bench(login: login)
    for _ in 0..<64 { bench.send([UInt8](repeating: 0x31, count: 4096), after: 0.001) }
    bench.press("\r")
    bench.wait(1)
    #expect(login.tries.isEmpty)
    #expect(bench.bytes.count < 4096)
    bench.press("4711\r")
    bench.wait(1)
    #expect(bench.shows("--- Question #12"))
  }

  @Test(
    "an escape sequence in a class name from a model's file reaches no terminal",
    arguments: [
      "\u{1B}[2J", "\u{1B}]0;owned\u{7}", "\u{9B}31m", "a\r\nlabelled #12 as b (kept)",
      "\u{202E}evil",
      "\u{1B}P0;1q~\u{1B}\\", "x\u{8}\u{8}\u{8}", "\u{0}",
    ])
  func classNames(name: String) {
    let bench = bench(classes: [name, "functional"])
    for keys in ["?", "c", "l", "w", "i", "/\r", "zzz\r", "n", "1", "u"] { bench.press(keys) }
    bench.desk.listOfModels = [
      OperatorModel(
        number: 1, made: name, labels: 0, accuracy: 0.5, isActive: true, isAtHand: true,
        isAccepted: true, why: name)
    ]
    bench.desk.statusLine = name
    for keys in [":models\r", "i", ":progress\r"] { bench.press(keys) }
    bench.session.notice(name)
    bench.wait(1)
    let scalars = String(decoding: bench.bytes, as: UTF8.self).unicodeScalars
    let allowed: Set<Unicode.Scalar> = ["\r", "\n", "\u{8}"]
    #expect(scalars.allSatisfy { $0.isSafeToPrint || allowed.contains($0) })
    // No line of its own, as a receipt that never was.
    #expect(!bench.screen.text.contains("labelled #12 as b (kept)"))
  }

  @Test(
    "an escape sequence typed or pasted into a class name becomes no class",
    arguments: ["\u{1B}[31mred\u{1B}[0m", "a\u{9B}b", "a\u{202E}b", "\u{1B}]0;x\u{7}", "a\u{1B}"])
  func typedNames(name: String) {
    for bracketed in [false, true] {
      let bench = bench()
      bench.press("n")
      bench.press(bracketed ? "\u{1B}[200~" + name + "\u{1B}[201~" : name)
      bench.press("\r")
      bench.press("y")
      #expect(bench.desk.added.allSatisfy { $0.unicodeScalars.allSatisfy(\.isSafeToPrint) })
      #expect(!bench.desk.added.contains { $0.contains("\u{1B}") || $0.contains("\u{9B}") })
    }
  }

  @Test(
    "what a wrong speed makes of keys labels nothing, logs nobody in and runs no word",
    arguments: [UInt64(1), 2, 3, 4])
  func wrongSpeed(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let login = FakeLogin("4711")
    let benches = [bench(), bench(login: login)]
    // What a receiver of another speed sees: bits of one byte smeared over others.
    let looks: [UInt8] = [
      0x00, 0x80, 0xE0, 0xF8, 0xFE, 0xFF, 0x1C, 0x06, 0x31, 0x3A, 0x73, 0x98, 0x0D,
    ]
    for bench in benches {
      for _ in 0..<300 {
        let burst = (0..<Int.random(in: 8...60, using: &random)).map { _ in
          looks[Int.random(in: 0..<looks.count, using: &random)]
        }
        bench.send(burst + [0xFE], after: 0.05)
      }
      bench.wait(1)
      #expect(bench.answers.isEmpty && bench.desk.undoCount == 0 && bench.desk.moreCount == 0)
      #expect(
        bench.desk.triggerCount == 0 && bench.desk.activated.isEmpty && bench.desk.added.isEmpty)
      #expect(bench.session.outgoing == nil && bench.session.machine == nil)
    }
    #expect(login.tries.isEmpty)
  }

  @Test(
    "random bytes in every state leave a session that still answers", arguments: [UInt64(5), 6, 7])
  func fuzz(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let words = [
      ":models\r", "back\r", "y", "n", ":send\r", "{\"mode\":\"json\"}\n", "{\"do\":\"quit\"}\n",
      "\u{1B}[?62;4c",
      ":logout\r", "p", "?", "\u{1B}P>|x\u{1B}\\", "\r", "\u{C}", "4711\r",
      "date 2026-01-01 00:00\r",
    ]
    var settings = ConsoleSettings(baud: 115_200)
    settings.asksTerminal = true
    let login = FakeLogin("4711")
    let desk = FakeDesk(questions: (1...2000).map { question($0) })
    desk.filesToSend = ["x"]
    let bench = Bench(desk, settings, showing: false, login: login)
    for step in 0..<3000 {
      let bytes =
        Int.random(in: 0..<3, using: &random) > 0
        ? Array((words.randomElement(using: &random) ?? "").utf8)
        : (0..<12).map { _ in UInt8.random(in: 0...255, using: &random) }
      bench.send(bytes, after: Double.random(in: 0...3, using: &random))
      if bench.session.outgoing != nil {
        bench.session.transferEnded(
          failure: step % 2 == 0 ? nil : "x", at: bench.now, desk: desk)
      }
      if login.failures >= 9 { login.failures = 0 }
      #expect(bench.session.text.utf8.count <= ConsoleSession.longestLine)
    }
    bench.session.disconnect()
    login.failures = 0
    bench.wait(100)
    bench.session.connect(at: bench.now, desk: desk)
    bench.flush()
    bench.wait(3)
    bench.press("4711\r")
    bench.wait(3)
    bench.press("\u{3}")
    let before = bench.desk.answers.count
    bench.press("1")
    #expect(bench.desk.answers.count == before + 1)
  }
}
