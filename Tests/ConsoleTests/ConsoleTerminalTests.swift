import Board
import Foundation
import Testing

@testable import DeviceRuntime

/// The console as an operator meets it: on a real pseudo terminal, through the kernel.
@Suite("The console on a pseudo terminal", .serialized)
struct ConsoleTerminalTests {
  /// A device with its console on one end, and what the operator's terminal shows on the other.
  final class Stage {
    let desk: FakeDesk
    let loop: ConsoleLoop
    var terminal: PseudoTerminal?
    var screen = Screen()
    private let folder: URL
    private let link: String

    init(_ desk: FakeDesk, baud: Int = 115_200) throws {
      self.desk = desk
      folder = FileManager.default.temporaryDirectory.appending(path: "console-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      link = folder.appending(path: "line").path()
      let terminal = try PseudoTerminal()
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: terminal.slavePath)
      self.terminal = terminal
      var settings = ConsoleSettings(baud: baud)
      settings.settleSeconds = 0.05
      let line = try SerialLine(
        path: link,
        settings: SerialSettings(
          bitsPerSecond: baud, writeDeadline: .milliseconds(100),
          reopenPauses: .milliseconds(10) ... .milliseconds(50)))
      loop = ConsoleLoop(line: line, settings: settings)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Pulls the cable: the operator's terminal and its device vanish.
    func unplug() throws {
      try FileManager.default.removeItem(atPath: link)
      terminal = nil
      screen = Screen()
    }

    /// Plugs another terminal in, under the same name.
    func plugIn() throws {
      let terminal = try PseudoTerminal()
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: terminal.slavePath)
      self.terminal = terminal
    }

    func press(_ keys: String) throws { try terminal?.write(keys) }

    /// Lets both ends work until the screen shows a line that begins so, or 5 seconds have passed.
    func sees(_ start: String) throws -> Bool {
      try works { self.screen.text.contains { $0.hasPrefix(start) } }
    }

    func works(until isDone: () -> Bool) throws -> Bool {
      let end = ContinuousClock.now + .seconds(5)
      while .now < end {
        loop.poll(timeout: .milliseconds(5), desk: desk)
        if let terminal { screen.show(try terminal.read(timeout: .milliseconds(5))) }
        if isDone() { return true }
      }
      return false
    }

    /// Waits until the question stands on the screen and the prompt behind it, and can be answered.
    func seesQuestion(_ number: Int64) throws -> Bool {
      guard try sees("--- Question #\(number) ") else { return false }
      let prompted = try works { self.screen.text.last == "> " && self.loop.session.output.isEmpty }
      let ready = ContinuousClock.now + .milliseconds(100)
      return try works { .now >= ready } && prompted
    }
  }

  private func stage(_ numbers: ClosedRange<Int64>) throws -> Stage {
    try Stage(FakeDesk(questions: numbers.map { question($0) }))
  }

  @Test("labels by key and by name, undoes, and shows every receipt")
  func labels() throws {
    let stage = try stage(1...4)
    #expect(try stage.seesQuestion(1))
    try stage.press("1")
    #expect(try stage.sees("labelled #1 as defective (kept)"))
    #expect(try stage.seesQuestion(2))
    try stage.press("functional\r\n")
    #expect(try stage.sees("labelled #2 as functional (kept)"))
    #expect(try stage.seesQuestion(3))
    try stage.press("u")
    #expect(try stage.sees("undone: #2 is asked again"))
    #expect(try stage.works { stage.screen.text.last == "> " })
    #expect(stage.desk.question?.candidate == 2)
    #expect(stage.desk.answers.map(\.answer) == [.label("defective"), .label("functional")])
  }

  @Test("goes on after the cable was pulled and plugged in again")
  func disconnect() throws {
    let stage = try stage(1...4)
    #expect(try stage.seesQuestion(1))
    try stage.press("1")
    #expect(try stage.seesQuestion(2))
    try stage.press("func")
    #expect(try stage.sees("> func"))
    try stage.unplug()
    #expect(try stage.works { !stage.loop.isConnected })
    stage.loop.notice("a photo has come meanwhile")
    try stage.plugIn()
    #expect(try stage.seesQuestion(2))
    #expect(stage.screen.text.contains("* a photo has come meanwhile"))
    try stage.press("2")
    #expect(try stage.sees("labelled #2 as functional (kept)"))
    #expect(stage.desk.answers.map(\.candidate) == [1, 2])
  }

  @Test("a terminal at the wrong speed labels nothing, and is told so")
  func wrongSpeed() throws {
    let stage = try stage(1...4)
    #expect(try stage.seesQuestion(1))
    var random = SeededRandom(seed: 7)
    // What 9600 baud looks like to a receiver of 115200: runs of zeros and ones, digits among them.
    let looks: [UInt8] = [0x00, 0x80, 0xE0, 0xF8, 0xFE, 0xFF, 0x1C, 0x06, 0x31, 0x30, 0x73, 0x18]
    for _ in 0..<20 {
      let burst = (0..<40).map { _ in looks[Int.random(in: 0..<looks.count, using: &random)] }
      try stage.terminal?.write(burst)
      _ = try stage.works { true }
    }
    #expect(try stage.sees("* (ignored "))
    #expect(stage.desk.answers.isEmpty)
    try stage.press("\u{C}")
    #expect(
      try stage.works {
        stage.screen.text.filter { $0.hasPrefix("--- Question #1 ") }.count == 2
          && stage.screen.text.last == "> "
      })
    try stage.press("2")
    #expect(try stage.sees("labelled #1 as functional (kept)"))
  }

  @Test("an operator who reads only the screen labels forty photos right")
  func scriptedOperator() throws {
    let photos = (1...40).map { number in
      question(Int64(number), photo: number % 7 == 0 ? longName(number) : "cell \(number).jpg")
    }
    let stage = try Stage(FakeDesk(questions: photos), baud: 921_600)
    let terminal = try #require(stage.terminal)
    let person = ScriptedOperator(line: terminal, thinkingTime: .milliseconds(60)) { name in
      guard let number = photos.first(where: { $0.photoName == name })?.candidate else {
        return nil
      }
      return number % 10 == 0 ? .skip : number % 11 == 0 ? .unsure : .label(truth(number))
    }
    let end = ContinuousClock.now + .seconds(60)
    while stage.desk.question != nil, .now < end {
      stage.loop.poll(timeout: .milliseconds(2), desk: stage.desk)
      try person.poll(timeout: .milliseconds(2))
    }
    #expect(stage.desk.answers.count == 40)
    for (candidate, answer) in stage.desk.answers {
      switch answer {
      case .label(let name): #expect(name == truth(candidate))
      case .skip: #expect(candidate % 10 == 0)
      case .unsure: #expect(candidate % 11 == 0)
      }
    }
    stage.loop.poll(timeout: .milliseconds(50), desk: stage.desk)
    try person.poll(timeout: .milliseconds(50))
    #expect(person.receipts.count == 40)
  }

  @Test("an operator who answers too fast is refused, answers again, and never labels wrongly")
  func hastyOperator() throws {
    let stage = try stage(1...20)
    let terminal = try #require(stage.terminal)
    let person = ScriptedOperator(line: terminal, thinkingTime: .milliseconds(20)) { name in
      .label(name.hasSuffix("1.jpg") ? "functional" : "defective")
    }
    let end = ContinuousClock.now + .seconds(20)
    while stage.desk.question != nil, .now < end {
      stage.loop.poll(timeout: .milliseconds(2), desk: stage.desk)
      try person.poll(timeout: .milliseconds(2))
    }
    #expect(stage.desk.answers.map(\.candidate) == Array(1...20))
    #expect(!person.refusals.isEmpty)
    for (candidate, answer) in stage.desk.answers {
      #expect(answer == .label(candidate % 10 == 1 ? "functional" : "defective"))
    }
  }

  @Test("an operator who comes late asks to see the question")
  func lateOperator() throws {
    let stage = try stage(1...1)
    #expect(try stage.seesQuestion(1))
    let terminal = try #require(stage.terminal)
    let person = ScriptedOperator(line: terminal, thinkingTime: .milliseconds(80)) { _ in
      .label("defective")
    }
    let end = ContinuousClock.now + .seconds(20)
    while stage.desk.question != nil, .now < end {
      stage.loop.poll(timeout: .milliseconds(2), desk: stage.desk)
      try person.poll(timeout: .milliseconds(2))
    }
    #expect(stage.desk.answers.map(\.candidate) == [1])
  }

  private func longName(_ number: Int) -> String {
    String(repeating: "a long name with spaces ", count: 5) + "\(number).jpg"
  }

  private func truth(_ number: Int64) -> String {
    number % 3 == 0 ? "defective" : "functional"
  }
}
