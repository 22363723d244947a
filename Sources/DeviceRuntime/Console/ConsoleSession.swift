/// The console as a state machine: bytes of the operator in, bytes for the operator out, answers to
/// the desk in between.
///
/// It does no input or output and reads no clock: time comes with each call, in seconds on any clock
/// that does not go back. Everything happens on the caller's thread. Its memory is bounded whatever
/// arrives.
///
/// What it holds to:
/// - An answer names the candidate whose question stands on the screen in full, and has stood there
///   for `settleSeconds`. Keys pressed earlier, and names begun earlier, answer nothing.
/// - A key means what the screen says it means, even if the desk's classes have changed since.
/// - Nothing is confirmed before the desk has returned; after an error the question stays.
/// - Bytes that no key sends make the whole burst noise: nothing in it counts.
package final class ConsoleSession {
  /// What the keys are being typed into.
  enum Entry: Equatable {
    /// Nothing, or a class name or command; `nameOnly` once it began with `/`.
    case line(nameOnly: Bool)
    /// A command, after `:`.
    case word
    /// The name of a new class.
    case newClass
    /// A yes or no.
    case confirmation(Confirmation)
    /// The PIN, shown as stars.
    case pin
  }

  /// What waits for a yes or no.
  enum Confirmation: Equatable {
    /// Adding the class `name` and, if a candidate is given, labelling it so.
    case newClass(name: String, labels: Int64?)
    /// Going to another model.
    case activate(Int64)
  }

  /// The question on the screen.
  struct Shown {
    var question: OperatorQuestion
    var keys: ClassKeys
    var announcement: Int
    /// When its last byte had reached the operator; `nil` while it is on the way.
    var completeAt: Double?
  }

  /// Where the cursor stands.
  enum Cursor {
    case lineStart, emptyPrompt, typing
  }

  /// A command's letter has acted; these are the rests of words that a stranger may go on typing.
  struct Continuation {
    var rests: [Substring]
    var at: Double
    var taken = false
  }

  /// The most bytes a typed line may have.
  static let longestLine = 256
  /// The most bytes of UTF-8 a class name may have.
  static let longestClassName = 64

  /// How the console looks: as configured, and what the terminal has said that it knows.
  package internal(set) var settings: ConsoleSettings
  var pages: ConsolePages
  private let configured: ConsoleSettings
  /// Who lets operators in; `nil` where everybody at the line may.
  let login: (any ConsoleLogin)?
  var now = 0.0
  /// How many answers, undos and new classes the desk has taken.
  package internal(set) var actionCount = 0

  // What is shown.
  var output = OutputQueue()
  var cursor = Cursor.lineStart
  var shown: Shown?
  var announcements = 0
  var saidIdle = false
  var linesLost = 0
  /// Whether the line was lost in the middle of a sixel picture.
  var hasLeftGraphics = false

  // What is typed.
  var decoder = KeyDecoder()
  var entry = Entry.line(nameOnly: false)
  var text = ""
  var overflowed = false
  /// Announcement that stood complete when the line was begun.
  var lineBegunFor: Int?
  var continuation: Continuation?
  var undoneSinceShown = false

  // Who is there.
  var probe = TerminalProbe()
  var hasDroppedKeys = false
  var isLoggedIn: Bool
  var isCheckingPin = false
  var pinRetryAt = -Double.infinity
  var lastKeyAt = 0.0
  /// Keys that mean something and requests of a script, from who is logged in; noise counts nothing. A login
  /// is one.
  package internal(set) var keyCount = 0
  /// Lines of a script, while one is at the other end instead of a person.
  var machine: MachineInput?
  /// Files that are to be sent to the other end over the line; the loop does it.
  package internal(set) var outgoing: [String]?
  /// Files that will not be sent any more, of which the desk does not know yet.
  var abandoned: [String] = []

  // What spoils it.
  var isConnected = false
  var isAsking = false
  var noiseCount = 0
  var noiseUntil = -Double.infinity
  var noiseToldAt = -Double.infinity

  // What waits to be said.
  var notices: [String] = []
  var noticesLost = 0
  var progressText: String?
  var progressAt = -Double.infinity

  /// A session that nobody is connected to yet.
  /// With a `login` nothing is shown or done before it has let the operator in.
  package init(
    settings: ConsoleSettings = ConsoleSettings(), login: (any ConsoleLogin)? = nil
  ) {
    self.settings = settings
    configured = settings
    self.login = login
    isLoggedIn = login == nil
    pages = ConsolePages(settings: settings)
  }

  // MARK: The line

  /// Greets an operator who has just appeared and shows the question again.
  package func connect(at seconds: Double, desk: any OperatorDesk) {
    now = seconds
    forgetScreen()
    isConnected = true
    lastKeyAt = now
    // The terminal that comes back may be the one that a picture was being sent to.
    if hasLeftGraphics { _ = output.append("\u{1B}\\") }
    hasLeftGraphics = false
    if settings.asksTerminal { askTerminal() }
    line("")
    if isLoggedIn { welcome(desk) } else { askPin() }
    refresh(at: seconds, desk: desk)
  }

  /// Greets whoever may be here.
  func welcome(_ desk: any OperatorDesk) {
    let of = settings.deviceName.isEmpty ? "" : " of \(pages.name(settings.deviceName, limit: 40))"
    line(pages.paint("Loam operator console\(of). Press ? for help.", .strong))
    say(pages.sentence(desk.statusLine))
  }

  /// Drops what was typed and what waits to be sent: the operator is gone.
  package func disconnect() {
    hasLeftGraphics = hasLeftGraphics || output.isWithinGraphics
    forgetScreen()
    isConnected = false
  }

  private func forgetScreen() {
    output.removeAll()
    settings = configured
    pages = ConsolePages(settings: settings)
    probe = TerminalProbe()
    hasDroppedKeys = false
    isLoggedIn = login == nil
    isCheckingPin = false
    machine = nil
    abandoned += outgoing ?? []
    outgoing = nil
    decoder.reset()
    shown = nil
    saidIdle = false
    cursor = .lineStart
    noiseCount = 0
    noiseUntil = -.infinity
    clearEntry()
  }

  /// How many bytes wait for the operator.
  package var outputByteCount: Int { output.byteCount }

  /// The next bytes for the operator, at most `limit`.
  package func output(limit: Int) -> [UInt8] { output.next(limit: limit) }

  /// Takes note that the first `count` bytes of the output have left, and that the last of them
  /// reaches the operator at `seconds`.
  package func sent(_ count: Int, arrivingAt seconds: Double) {
    guard let announcement = output.removeFirst(count), announcement == shown?.announcement else {
      return
    }
    shown?.completeAt = seconds
  }

  // MARK: What the device says

  /// A line for the operator, printed at the next `refresh`; more than 100 waiting ones are counted
  /// instead of kept. May be called at any time, also by the desk while it is being asked.
  package func notice(_ text: String) {
    if notices.count < 100 { notices.append(text) } else { noticesLost += 1 }
  }

  /// How far a long work has got. Only the latest is printed, at most one a second and only when the
  /// line is idle and nothing is being typed.
  package func progress(_ text: String) {
    progressText = text
  }

  /// Whether something will have to be said soon without anyone pressing a key.
  var hasPlans: Bool {
    noiseCount > 0 || progressText != nil || !notices.isEmpty || linesLost > 0 || isCheckingPin
      || hasDroppedKeys
  }

  /// Shows what has changed: notices, progress, and the desk's question if it is another one now.
  package func refresh(at seconds: Double, desk: any OperatorDesk) {
    now = seconds
    if !isAsking, !abandoned.isEmpty {
      desk.bundleWasNotSent(abandoned)
      abandoned = []
    }
    guard isConnected, !isAsking, outgoing == nil else { return }
    if login != nil { refreshLogin(desk) }
    if machine != nil { return refreshMachine(desk) }
    tellNoise()
    tellDroppedKeys()
    guard isLoggedIn else { return prompt() }
    tellNotices()
    if linesLost > 0, output.byteCount < OutputQueue.capacity / 4 {
      let count = linesLost
      linesLost = 0
      line("* (the line was too slow: \(count) lines were not shown)")
    }
    if let text = progressText, output.isEmpty, cursor != .typing, now - progressAt >= 1 {
      for part in wrapped("* " + pages.sentence(text)) { line(part) }
      progressText = nil
      progressAt = now
    }
    refreshQuestion(desk)
    prompt()
  }

  /// Prints the notices that wait; for the end of the program, when no `refresh` will.
  func tellNotices() {
    guard isConnected, isLoggedIn, !isAsking else { return }
    for text in notices { for part in wrapped("* " + pages.sentence(text)) { line(part) } }
    notices = []
    if noticesLost > 0 { line("* (\(noticesLost) more messages were not shown)") }
    noticesLost = 0
  }

  private func refreshQuestion(_ desk: any OperatorDesk) {
    guard let question = desk.question else {
      if shown != nil || !saidIdle {
        shown = nil
        saidIdle = true
        line("Nothing waits for a label now. A question appears here as soon as there is one.")
      }
      return
    }
    let names = desk.classNames
    if let shown, shown.question.candidate == question.candidate, shown.keys.names == names {
      return
    }
    // A stuck line takes no question; it is announced once the line has drained.
    guard output.byteCount < OutputQueue.capacity / 2 else { return }
    announcements += 1
    shown = Shown(
      question: question, keys: ClassKeys(names), announcement: announcements, completeAt: nil)
    saidIdle = false
    undoneSinceShown = false
    showQuestion(announcement: announcements)
  }

  /// Prints the question; with an `announcement`, its last byte makes it answerable.
  func showQuestion(announcement: Int?) {
    guard let shown else { return }
    let lines = pages.question(shown.question, shown.keys)
    for (index, text) in lines.enumerated() {
      line(text, announcement: index == lines.count - 1 ? announcement : nil)
    }
  }

  // MARK: Printing

  /// Puts a line on the screen, leaving the prompt if the cursor stands there.
  func line(_ text: String, isPicture: Bool = false, announcement: Int? = nil) {
    if machine != nil { return }
    var lead = ""
    switch cursor {
    case .lineStart: break
    case .emptyPrompt: lead = settings.colours ? "\r\u{1B}[K" : "\r"
    case .typing: lead = "\r\n"
    }
    if output.append(lead + text + "\r\n", isPicture: isPicture, announcement: announcement) {
      cursor = .lineStart
    } else {
      linesLost += 1
    }
  }

  /// `text` in lines no wider than the screen.
  func wrapped(_ text: String) -> [String] {
    ConsoleText.wrap(text, width: settings.columns - 1)
  }

  /// Shows the prompt, with what has been typed, if the cursor stands at the start of a line.
  func prompt() {
    guard isConnected, cursor == .lineStart, machine == nil, outgoing == nil, !isCheckingPin
    else { return }
    let lead: String
    switch entry {
    case .pin: lead = "PIN: "
    case .word: lead = "> :"
    case _ where !isLoggedIn: return
    case .line(let nameOnly): lead = nameOnly ? "> /" : "> "
    case .newClass: lead = "name of the new class: "
    case .confirmation: lead = "yes or no? [y/n] "
    }
    guard output.append(lead + echo(text)) else { return }
    cursor = lead == "> " && text.isEmpty ? .emptyPrompt : .typing
  }

  /// What is typed as it may be printed.
  func echo(_ text: String) -> String {
    if entry == .pin { return String(repeating: "*", count: text.unicodeScalars.count) }
    return settings.unicode
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isASCII ? $0 : "?" }))
  }

  /// Puts what a key typed behind the cursor.
  func type(_ text: String) {
    if machine != nil { return }
    if output.append(text) { cursor = .typing }
  }

  /// Drops what is being typed.
  func clearEntry() {
    entry = !isLoggedIn && entry == .pin ? .pin : .line(nameOnly: false)
    text = ""
    overflowed = false
    lineBegunFor = nil
    continuation = nil
  }
}
