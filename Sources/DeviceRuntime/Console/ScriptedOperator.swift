package import Board

/// An operator made of code, at the far end of a console's line: reads the text as a person would
/// and answers each question by the photo's name. For demonstrations and tests.
///
/// It knows nothing of the device but what the console prints. Not thread safe; `poll` it from the
/// thread that also polls the console, or `run` it on one of its own.
package final class ScriptedOperator {
  /// A question as read from the screen.
  package struct Question: Hashable, Sendable {
    /// The candidate's number.
    package var candidate: Int64
    /// The photo's name as printed.
    package var photoName: String
    /// Class names with the keys that act at once.
    package var keys: [String: Character]
  }

  /// What has been seen and done.
  package private(set) var questions: [Question] = []
  /// Lines that confirmed an answer, an undo or a new class.
  package private(set) var receipts: [String] = []
  /// Lines that refused an answer; the question is answered again.
  package private(set) var refusals: [String] = []

  private let line: any ByteLine
  private let thinkingTime: Duration
  private let reply: (String) -> OperatorAnswer?
  private var reader = ConsoleReader()
  private var hasBegun = false
  private var due: (question: Question, at: ContinuousClock.Instant)?
  /// The candidate that an answer was typed for, and when, until the console says what came of it.
  private var awaited: (candidate: Int64, since: ContinuousClock.Instant)?

  /// How long the operator waits for a receipt before asking to see the question again.
  private static let patience = Duration.seconds(10)

  /// An operator on the far end `line` who takes `thinkingTime` over each question, at least the
  /// console's `settleSeconds`, and answers as `reply` says: `nil` leaves the question unanswered.
  package init(
    line: any ByteLine, thinkingTime: Duration = .milliseconds(350),
    reply: @escaping (String) -> OperatorAnswer?
  ) {
    self.line = line
    self.thinkingTime = thinkingTime
    self.reply = reply
  }

  /// Reads what has come for up to `timeout` and presses the keys that are due: first of all Ctrl-L,
  /// for a question may stand on the screen already.
  ///
  /// Throws when the line is gone.
  package func poll(timeout: Duration) throws(LineError) {
    if !hasBegun {
      try line.write("\u{C}")
      hasBegun = true
    }
    var wait = timeout
    if let due { wait = max(.zero, min(wait, due.at - .now)) }
    for event in reader.read(try line.read(timeout: wait)) { note(event) }
    if let due, due.at <= .now {
      self.due = nil
      if let answer = reply(due.question.photoName) {
        try line.write(Self.typed(answer, due.question))
        awaited = (due.question.candidate, .now)
      }
    }
    if let awaited, .now - awaited.since > Self.patience {
      self.awaited = nil
      try line.write("\r")
    }
  }

  /// Polls until `isDone` says so or the line is gone.
  package func run(until isDone: () -> Bool) {
    do throws(LineError) {
      while !isDone() { try poll(timeout: .milliseconds(20)) }
    } catch {
      due = nil
    }
  }

  private func note(_ event: ConsoleReader.Event) {
    switch event {
    case .question(let question):
      // Shown once more, but answered already: a second key might answer the next question.
      if question.candidate == awaited?.candidate { return }
      questions.append(question)
      due = (question, .now + thinkingTime)
    case .receipt(let text):
      receipts.append(text)
      awaited = nil
    case .refusal(let text):
      refusals.append(text)
      awaited = nil
      if let last = questions.last { due = (last, .now + thinkingTime) }
    }
  }

  /// The keys that a person would press: the class's own, or its name.
  private static func typed(_ answer: OperatorAnswer, _ question: Question) -> String {
    switch answer {
    case .label(let name): question.keys[name].map(String.init) ?? "/\(name)\r"
    case .skip: "-"
    case .unsure: "0"
    }
  }
}

/// Makes out what a console says from the bytes it prints: plain lines, colours, returns and prompts.
struct ConsoleReader {
  /// Something an operator would notice.
  enum Event: Hashable {
    case question(ScriptedOperator.Question)
    case receipt(String)
    case refusal(String)
  }

  private static let longestLine = 4096

  private var line: [UInt8] = []
  private var question: ScriptedOperator.Question?
  private var field = Field.other

  private enum Field {
    case photo, keys, other
  }

  /// The events in `bytes`, which may end in the middle of a line. A question is an event once the
  /// prompt that follows it has come.
  mutating func read(_ bytes: [UInt8]) -> [Event] {
    var events: [Event] = []
    for byte in bytes {
      if byte == 0x0A {
        if let event = end(Self.text(line)) { events.append(event) }
        line = []
      } else if line.count < Self.longestLine {
        line.append(byte)
      }
    }
    if let question, Self.text(line) == "> " {
      events.append(.question(question))
      self.question = nil
    }
    return events
  }

  private mutating func end(_ text: String) -> Event? {
    let isContinued = text.hasPrefix("         ")
    if text.hasPrefix("--- Question #") {
      let number = text.dropFirst(14).prefix { $0 != " " }
      question = Int64(number).map { .init(candidate: $0, photoName: "", keys: [:]) }
      field = .other
    } else if text.hasPrefix("  photo  ") {
      field = .photo
      question?.photoName = String(text.dropFirst(9))
    } else if text.hasPrefix("  press  ") {
      field = .keys
      readKeys(text)
    } else if isContinued, field == .keys {
      readKeys(text)
    } else if isContinued, field == .photo {
      question?.photoName += text.dropFirst(9)
    } else {
      field = .other
      return Self.outcome(text)
    }
    return nil
  }

  private static func outcome(_ text: String) -> Event? {
    if text.contains("(kept)") || text.hasPrefix("undone: ") { return .receipt(text) }
    if text.hasPrefix("Ignored '") || text.contains("was NOT answered") { return .refusal(text) }
    return nil
  }

  /// Takes `[1] name   [2] name` apart.
  private mutating func readKeys(_ text: String) {
    var rest = text.dropFirst(9)
    while let open = rest.firstIndex(of: "[") {
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: "]") else { return }
      let key = rest[..<close]
      rest = rest[close...].dropFirst(2)
      var name = ""
      while let character = rest.first, !rest.hasPrefix("   [") {
        name.append(character)
        rest.removeFirst()
      }
      if key.count == 1, let character = key.first, ("1"..."9").contains(character) {
        question?.keys[name] = character
      }
    }
  }

  /// What stands on a line at last: colours taken out, and only what follows the last return that
  /// something was written after.
  private static func text(_ bytes: [UInt8]) -> String {
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x1B {
        index += 1
        while index < bytes.count, !(0x41...0x7A).contains(bytes[index]) || bytes[index] == 0x5B {
          index += 1
        }
      } else {
        plain.append(bytes[index])
      }
      index += 1
    }
    while plain.last == 0x0D { plain.removeLast() }
    if let last = plain.lastIndex(of: 0x0D) { plain.removeSubrange(...last) }
    return String(decoding: plain, as: UTF8.self)
  }
}
