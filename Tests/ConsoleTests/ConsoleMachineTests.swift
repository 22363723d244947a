import ActiveLearning
import Foundation
import Testing

@testable import DeviceRuntime

@Suite("The mode for scripts")
struct ConsoleMachineTests {
  /// A console in the mode for scripts, read as a script reads it.
  final class Script {
    let bench: Bench
    private var taken = 0

    init(_ desk: FakeDesk? = nil, login: (any ConsoleLogin)? = nil, begins: Bool = true) {
      bench = Bench(
        desk ?? FakeDesk(questions: (12...20).map { question($0) }), showing: true, login: login)
      if begins { bench.press("{\"mode\":\"json\"}\n") }
    }

    /// The objects of whole lines that have come since; everything else is skipped.
    func read() -> [[String: Any]] {
      let new = bench.bytes[taken...]
      taken = bench.bytes.count
      return new.split(separator: 0x0A).compactMap { line in
        guard line.first == UInt8(ascii: "{") else { return nil }
        #expect(line.allSatisfy { $0 == 0x0D || (0x20...0x7E).contains($0) })
        return try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      }
    }

    func ask(_ line: String) -> [String: Any] {
      _ = read()
      bench.press(line + "\n")
      return read().first { $0["event"] == nil } ?? [:]
    }

    func error(_ line: String) -> String? {
      (ask(line)["error"] as? [String: Any])?["code"] as? String
    }
  }

  @Test("begins with a line, tells the open question, and ends with `quit`")
  func begins() throws {
    let script = Script()
    let lines = script.read()
    #expect(lines.count == 2 && lines[0]["ok"] as? Bool == true)
    let event = try #require(lines.last)
    #expect(event["event"] as? String == "question")
    #expect((event["question"] as? [String: Any])?["candidate"] as? Int == 12)
    #expect(script.ask("{\"id\":\"a\",\"do\":\"quit\"}")["id"] as? String == "a")
    #expect(script.bench.screen.text.last == "> ")
    script.bench.press("1")
    #expect(script.bench.answers == ["12=defective"])
  }

  @Test("labels, skips, undoes; each answer names its candidate, and the open one only")
  func answers() {
    let script = Script()
    #expect(
      script.ask(#"{"id":1,"do":"label","candidate":12,"class":"functional"}"#)["ok"] as? Bool
        == true)
    #expect(
      script.error(#"{"id":2,"do":"label","candidate":12,"class":"functional"}"#) == "candidate")
    #expect(script.error(#"{"do":"label","class":"functional"}"#) == "candidate")
    #expect(script.error(#"{"do":"skip","candidate":14}"#) == "candidate")
    #expect(script.error(#"{"do":"label","candidate":13,"class":"func"}"#) == "class")
    #expect(script.error(#"{"do":"label","candidate":13}"#) == "request")
    #expect(script.error(#"{"do":"skip","candidate":"13"}"#) == "candidate")
    #expect(script.ask(#"{"do":"skip","candidate":13}"#)["ok"] as? Bool == true)
    #expect(script.ask(#"{"do":"unsure","candidate":14}"#)["ok"] as? Bool == true)
    #expect(script.ask(#"{"do":"undo"}"#)["ok"] as? Bool == true)
    #expect(script.bench.answers == ["12=functional", "13 skip", "14 unsure"])
    #expect(script.bench.desk.undoCount == 1)
    #expect(script.bench.session.actionCount == 4)
  }

  @Test("reads what a script needs to know")
  func reads() throws {
    let script = Script()
    let desk = script.bench.desk
    desk.listOfModels = [
      OperatorModel(
        number: 4, made: "2026-11-24 09:00", labels: 48, accuracy: .nan, isActive: true,
        isAtHand: true, isAccepted: true, why: "\u{1B}[31mred")
    ]
    desk.learning = OperatorProgress(
      labels: 48, rounds: [.init(model: 4, labels: 48, after: 0.9, isAccepted: true)],
      audit: AccuracyEstimate(right: 3, of: 4))
    #expect(script.ask(#"{"do":"status"}"#)["status"] as? String == desk.statusLine)
    #expect(
      script.ask(#"{"do":"classes"}"#)["classes"] as? [String] == ["defective", "functional"])
    #expect((script.ask(#"{"do":"queue","limit":2}"#)["queue"] as? [Any])?.count == 2)
    #expect((script.ask(#"{"do":"queue","limit":-5}"#)["queue"] as? [Any])?.count == 0)
    #expect((script.ask(#"{"do":"why"}"#)["why"] as? [String])?.isEmpty == false)
    let models = script.ask(#"{"do":"models"}"#)["models"] as? [[String: Any]]
    #expect(models?.first?["why"] as? String == "\u{1B}[31mred")
    #expect(models?.first?["accuracy"] is NSNull)
    let progress = script.ask(#"{"do":"progress"}"#)["progress"] as? [String: Any]
    #expect((progress?["rounds"] as? [Any])?.count == 1)
    let preview = script.ask(#"{"do":"preview","candidate":12}"#)
    let base64 = try #require(preview["base64"] as? String)
    #expect(Data(base64Encoded: base64) == Data("JPEG of #12".utf8))
    #expect(script.ask(#"{"do":"activate","model":4}"#)["ok"] as? Bool == true)
    #expect(desk.activated == [4])
    #expect(script.ask(#"{"do":"trigger"}"#)["ok"] as? Bool == true)
    #expect(script.ask(#"{"do":"export"}"#)["text"] as? String == "the bundle is in outgoing/3")
    #expect(script.ask(#"{"do":"more"}"#)["ok"] as? Bool == true)
    desk.failure = .init(description: "the disk is full")
    #expect(script.error(#"{"do":"more"}"#) == "failed")
  }

  @Test("classes are added by name; what no operator could type is none")
  func newClasses() {
    let script = Script()
    #expect(script.ask(#"{"do":"newClass","name":"müde"}"#)["ok"] as? Bool == true)
    for name in [
      "\\u001b[2J", "", " x", "a\\nb", String(repeating: "x", count: 65), "\\u202eabc", "defective",
    ] {
      #expect(script.error("{\"do\":\"newClass\",\"name\":\"\(name)\"}") == "class", "\(name)")
    }
    #expect(script.bench.desk.added == ["müde"])
    // Names of a model's file come out harmless.
    script.bench.desk.classNames = ["\u{1B}[2J\u{9B}x", "ü"]
    let classes = script.ask(#"{"do":"classes"}"#)["classes"] as? [String]
    #expect(classes == ["\u{1B}[2J\u{9B}x", "ü"])
  }

  @Test(
    "what is no request gets an error and harms nothing",
    arguments: [
      ("hello", "json"), ("[1,2]", "json"), ("{", "json"), ("{}", "request"),
      ("{\"do\":7}", "request"),
      ("{\"do\":\"shell\"}", "request"), ("\u{FF}\u{FE}", "json"), ("1", "json"), ("null", "json"),
      (String(repeating: "[", count: 4000), "json"),
      ("{\"a\":" + String(repeating: "{\"a\":", count: 600) + "1", "json"),
      (String(repeating: "x", count: 5000), "line"),
    ])
  func errors(line: String, code: String) {
    let script = Script()
    #expect(script.error(line) == code)
    #expect(script.ask(#"{"do":"status"}"#)["ok"] as? Bool == true)
    #expect(script.bench.answers.isEmpty)
  }

  @Test("ten megabytes without a line's end are one error and take no memory")
  func endless() {
    let script = Script()
    _ = script.read()
    for _ in 0..<2560 { script.bench.send([UInt8](repeating: 0x61, count: 4096), after: 0.001) }
    script.bench.press("\n")
    let errors = script.read().filter { $0["error"] != nil }
    #expect(errors.count == 1)
    #expect(script.ask(#"{"do":"status"}"#)["ok"] as? Bool == true)
  }

  @Test("random bytes never make a half line, an answer or a stop", arguments: [UInt64(1), 2, 3])
  func random(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let script = Script()
    let words = [
      "{\"do\":\"", "label", "skip", "\"}", "\n", "\r\n", ",", "\"candidate\":13", "\u{1B}[A", "\\",
    ]
    for _ in 0..<500 {
      let bytes =
        Bool.random(using: &random)
        ? Array((words.randomElement(using: &random) ?? "").utf8)
        : (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
      script.bench.send(bytes, after: 0.01)
    }
    script.bench.press("\n")
    _ = script.read()
    #expect(script.ask(#"{"do":"status"}"#)["ok"] as? Bool == true)
    #expect(script.bench.answers.isEmpty)
  }

  @Test("events come for notices, progress and questions; a stuck line loses them whole")
  func events() {
    let script = Script()
    _ = script.read()
    script.bench.session.notice("Model 2 is active")
    script.bench.session.progress("10 photos judged")
    script.bench.wait(1)
    #expect(script.read().compactMap { $0["event"] as? String } == ["notice", "progress"])
    let quiet = Bench(FakeDesk(questions: (12...20).map { question($0) }), showing: true)
    quiet.press("{\"mode\":\"json\"}\n")
    for number in 0..<3000 {
      quiet.session.notice("message \(number) " + String(repeating: "x", count: 100))
      quiet.now += 0.1
      quiet.session.refresh(at: quiet.now, desk: quiet.desk)
    }
    #expect(quiet.session.outputByteCount <= OutputQueue.capacity)
    let text = String(decoding: quiet.session.output(limit: .max), as: UTF8.self)
    #expect(text.split(separator: "\r\n").allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
  }

  @Test("requests behind a PIN count for nothing until it was found right")
  func noRequestBeforeLogin() {
    for pin in ["0000", "4711"] {
      let login = FakeLogin("4711")
      login.isThinking = true
      let script = Script(login: login, begins: false)
      script.bench.press("{\"pin\":\"\(pin)\"}\n{\"do\":\"skip\",\"candidate\":12}\n")
      script.bench.press("{\"do\":\"queue\"}\n{\"do\":\"more\"}\n")
      #expect(script.bench.answers.isEmpty && script.bench.desk.moreCount == 0)
      #expect(script.read().isEmpty)
      login.isThinking = false
      script.bench.wait(0.1)
      #expect(script.bench.answers.isEmpty && script.bench.desk.moreCount == 0)
      #expect(script.bench.session.isLoggedIn == (pin == "4711"))
    }
  }

  @Test("lines that come together with the first, and before the terminal was heard of, all count")
  func burst() {
    var settings = ConsoleSettings()
    settings.asksTerminal = true
    let bench = Bench(FakeDesk(questions: (12...20).map { question($0) }), settings)
    bench.session.disconnect()
    bench.session.connect(at: bench.now, desk: bench.desk)
    bench.flush()
    bench.send(
      Array("{\"mode\":\"json\"}\r\n{\"do\":\"skip\",\"candidate\":12}\n{\"do\":\"undo\"}\n".utf8),
      after: 0.05)
    #expect(bench.answers == ["12 skip"] && bench.desk.undoCount == 1)
  }

  @Test("a script logs in by PIN, and is told when it was wrong")
  func login() {
    let login = FakeLogin("4711")
    let script = Script(login: login, begins: false)
    script.bench.press("{\"mode\":\"json\"}\n")
    #expect(login.tries.isEmpty)
    script.bench.press("{\"pin\":\"0000\"}\n")
    script.bench.wait(0.1)
    #expect((script.read().last?["error"] as? [String: Any])?["code"] as? String == "login")
    script.bench.wait(5)
    script.bench.press("{\"pin\":\"4711\"}\n")
    script.bench.wait(0.1)
    let lines = script.read()
    #expect(lines.first?["ok"] as? Bool == true)
    #expect(lines.last?["event"] as? String == "question")
    #expect(script.ask(#"{"do":"skip","candidate":12}"#)["ok"] as? Bool == true)
    script.bench.wait(901)
    #expect(script.read().last?["event"] as? String == "logout")
    #expect(script.bench.screen.text.last == "PIN: ")
  }
}
