import Testing

@testable import DeviceRuntime

/// Whole screens compared as text: what a change does to them shows here.
@Suite("Screens")
struct ConsolePagesTests {
  @Test("a question tells a stranger what is asked, why, and which keys answer, in 80 columns")
  func aQuestion() {
    let bench = Bench(FakeDesk(questions: [question(12, waiting: 39)]))
    #expect(
      bench.screen.text == [
        "",
        "Loam operator console. Press ? for help.",
        "40 photos, 3 wait, 0 labels, model 1",
        "--- Question #12 --------------------------------------------- 39 more wait ---",
        "  photo  cell_12.jpg",
        "  guess  defective 52 %, functional 48 %",
        "  asked  the network is very unsure (entropy 0.69 of 0.69); 5 of 8 views say",
        "         defective, 3 functional; views clash (diversity 1.24); rank 1 of 40",
        "  press  [1] defective   [2] functional",
        "         [s] skip   [x] can't tell   [u] undo   [p] picture   [?] help",
        "> ",
      ])
  }

  @Test("help names every key")
  func help() {
    let bench = Bench(FakeDesk(questions: [question(12)]))
    bench.press("?")
    #expect(
      bench.lines(from: "> ?") == [
        "> ?",
        "The device asks what it cannot tell by itself. Give each photo its class:",
        "  1 to 9          the class with that key, at once",
        "  name Enter      a class by its name, or the beginning of it",
        "  /name Enter     the same, for a name that is also a key or a command",
        "  s or -          skip: ask about it again later",
        "  x or 0          can't tell: you looked, and it should not be used",
        "  u or ^Z         undo the latest answer, then the one before it, and so on",
        "  #12 Enter       ask about photo 12 again, if its label was wrong",
        "  p               picture of the photo made of characters; any key stops it",
        "  w               why this photo is asked, with the figures and its nearest examples",
        "  l               list of the photos that wait",
        "  m               more: the ten best that wait, if you have time for them",
        "  n               new class, by name",
        "  c               classes and their keys",
        "  i               info: how things stand",
        "  :progress       how learning goes, with a curve; ':models' lists the models",
        "  activate 3      goes to model 3 if it is at hand; 'back' goes to the other one",
        "  :send           sends a bundle over this line by ZMODEM; 'export' writes one here",
        "  :shoot          takes a photo; 'date 2026-11-23 14:30' sets the clock (UTC)",
        "  Enter           shows the question again; Ctrl-L draws the screen anew",
        "  Ctrl-C, Ctrl-U  drop what is typed; Backspace takes one letter back",
        "\"(kept)\" means that the answer is on the device's disk and outlives a power",
        "cut. A key pressed before its question stood here in full does not answer it.",
        "> ",
      ])
  }

  @Test("an answer reads as question, key, receipt, next question")
  func anAnswer() {
    let desk = FakeDesk(questions: [question(12), question(13)])
    desk.remark = "8 more until the next round"
    let bench = Bench(desk)
    bench.press("1")
    #expect(
      bench.lines(from: "> 1").prefix(4) == [
        "> 1",
        "labelled #12 as defective (kept); 8 more until the next round",
        "--- Question #13 ---------------------------------------------- 2 more wait ---",
        "  photo  cell_13.jpg",
      ])
  }

  @Test("the list shows what waits, the question's candidate marked")
  func list() {
    let bench = Bench(
      FakeDesk(questions: [question(7), question(123, photo: String(repeating: "n", count: 90))]))
    bench.press("l")
    #expect(
      bench.lines(from: "> l") == [
        "> l",
        "Waiting for a label, most useful first:",
        "  #7    cell_7.jpg                     defective 52 %       score 1.75 <- asked",
        "  #123  nnnnnnnnnnnnnnnnnnnnnnnnnnn... defective 52 %       score 30.75",
        "> ",
      ])
  }

  @Test("ten classes and more have letters that wait for Enter; very many are not all listed")
  func manyClasses() {
    let twelve = (1...12).map { "kind \($0)" }
    let bench = Bench(FakeDesk(questions: [question(1)], classes: twelve))
    #expect(
      bench.lines(from: "  press") == [
        "  press  [1] kind 1   [2] kind 2   [3] kind 3   [4] kind 4   [5] kind 5",
        "         [6] kind 6   [7] kind 7   [8] kind 8   [9] kind 9   [a Enter] kind 10",
        "         [b Enter] kind 11   [d Enter] kind 12",
        "         [s] skip   [x] can't tell   [u] undo   [p] picture   [?] help",
        "> ",
      ])
    let thousand = ["defective", "functional"] + (3...1000).map { "kind \($0)" }
    let wide = Bench(FakeDesk(questions: [question(1)], classes: thousand))
    #expect(
      wide.lines(from: "  press").prefix(2) == [
        "  press  [1] defective   [2] functional   or type a name and Enter",
        "         [c] all 1000 classes",
      ])
  }

  @Test("commands whose letter begins a class name show the key that still acts at once")
  func conflictingNames() {
    let classes = ["scratch", "pit", "undercut", "xray"]
    let bench = Bench(FakeDesk(questions: [question(1)], classes: classes))
    #expect(
      bench.lines(from: "         [-]") == [
        "         [-] skip   [0] can't tell   [^Z] undo   [p Enter] picture   [?] help", "> ",
      ])
    bench.press("?")
    #expect(bench.shows("  s Enter or -    skip: ask about it again later"))
  }

  @Test("names cannot move the cursor, colour the screen or forge a line")
  func hostileNames() {
    let evil = "a\u{1B}[2J\u{1B}]0;x\u{7}\r\n> labelled #9 as good (kept)\u{202E}\u{9B}31m"
    let desk = FakeDesk(questions: [question(1, photo: evil)], classes: [evil, "good"])
    desk.statusLine = evil
    desk.remark = evil
    let bench = Bench(desk)
    bench.press("1")
    bench.press("l")
    bench.press("c")
    bench.session.notice(evil)
    bench.wait(1)
    #expect(desk.answers.first?.answer == .label(evil))
    #expect(!bench.bytes.contains(0x1B) && !bench.bytes.contains(0x07))
    #expect(
      !bench.screen.text.contains { $0.hasPrefix("> labelled") || $0.hasPrefix("labelled #9") })
    #expect(bench.shows("  photo  a?[2J?]0;x? > labelled #9 as good (kept)??31m"))
  }

  @Test("without UTF-8 and colours every byte is printable ASCII, CR, LF or backspace")
  func pureASCII() {
    var settings = ConsoleSettings()
    settings.unicode = false
    let desk = FakeDesk(
      questions: [question(1, photo: "größe 猫.jpg")], classes: ["größe", "klein"])
    desk.picture = "▀▀\u{1B}[31m\n"
    let bench = Bench(desk, settings)
    for key in ["p", "l", "c", "i", "?", "grö\u{7F}ö\r", "u"] { bench.press(key) }
    #expect(bench.answers == ["1=größe"])
    #expect(bench.shows("labelled #1 as gr??e (kept)"))
    #expect(
      bench.bytes.allSatisfy { (0x20...0x7E).contains($0) || [0x0D, 0x0A, 0x08].contains($0) })
  }

  @Test("no line of text is wider than the screen", arguments: [40, 80, 132])
  func width(columns: Int) {
    var settings = ConsoleSettings()
    settings.columns = columns
    let classes = (1...20).map { "class number \($0)" } + [String(repeating: "w", count: 60)]
    let desk = FakeDesk(
      questions: [question(1, photo: String(repeating: "猫", count: 100))], classes: classes)
    desk.statusLine = String(repeating: "status ", count: 40)
    let bench = Bench(desk, settings)
    for key in ["l", "c", "i", "5"] { bench.press(key) }
    if columns >= 80 { bench.press("?") }
    for text in bench.screen.text {
      #expect(ConsoleText.width(text) <= columns, "\(text)")
    }
  }
}

@Suite("Text for the screen")
struct ConsoleTextTests {
  @Test("numbers are rounded, and what is no number says so")
  func numbers() {
    #expect(ConsoleText.percent(0.523) == "52 %")
    #expect(ConsoleText.percent(0.001) == "under 1 %")
    #expect(ConsoleText.percent(0) == "0 %")
    #expect(ConsoleText.percent(1) == "100 %")
    #expect(ConsoleText.percent(.nan) == "? %")
    #expect(ConsoleText.percent(1e300) == "? %")
    #expect(ConsoleText.decimal(1.006) == "1.01")
    #expect(ConsoleText.decimal(-0.004) == "0.00")
    #expect(ConsoleText.decimal(-12.344) == "-12.34")
    #expect(ConsoleText.decimal(.infinity) == "?")
    #expect(ConsoleText.decimal(0.06) == "0.06")
  }

  @Test("one slip of the finger makes names close, two do not")
  func closeNames() {
    for name in ["defectve", "defecctive", "defectibe", "defecitve", "Defective", "defectives"] {
      #expect(ConsoleText.areClose(name, "defective"), "\(name)")
      #expect(ConsoleText.areClose("defective", name), "\(name)")
    }
    for name in ["defect", "detective1", "functional", "", "evitcefed", "fedective"] {
      #expect(!ConsoleText.areClose(name, "defective"), "\(name)")
    }
    #expect(ConsoleText.areClose("a", ""))
  }

  @Test("cleaning keeps text, shortens long text, and never returns a control character")
  func cleaning() {
    #expect(ConsoleText.clean("  a \t b\n", unicode: true) == "a b")
    #expect(ConsoleText.clean("é猫", unicode: true) == "é猫")
    #expect(ConsoleText.clean("é猫", unicode: false) == "??")
    #expect(ConsoleText.clean("abcdefghij", unicode: true, limit: 6) == "abc...")
    #expect(ConsoleText.clean("abcdef", unicode: true, limit: 6) == "abcdef")
    #expect(ConsoleText.clean("", unicode: true) == "")
  }
}
