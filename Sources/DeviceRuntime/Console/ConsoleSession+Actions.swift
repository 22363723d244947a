extension ConsoleSession {
  /// The announcement that stands complete on the screen, or `nil`.
  var completeAnnouncement: Int? {
    guard let shown, let completeAt = shown.completeAt, now >= completeAt else { return nil }
    return shown.announcement
  }

  /// Whether the question has been readable long enough for a key to be an answer to it.
  private var isSettled: Bool {
    guard let completeAt = shown?.completeAt else { return false }
    return now - completeAt >= settings.settleSeconds
  }

  /// The keys on the screen; without a question, those of the desk's classes.
  func currentKeys(_ desk: any OperatorDesk) -> ClassKeys {
    shown?.keys ?? ClassKeys(desk.classNames)
  }

  /// Calls the desk; notices and polls made meanwhile wait until it has returned.
  func asking<Result>(_ body: () throws -> Result) rethrows -> Result {
    isAsking = true
    defer { isAsking = false }
    return try body()
  }

  /// Shows the key that acted, behind the prompt; typed lines have been shown letter by letter.
  func show(typed: String?) {
    guard let typed else { return }
    prompt()
    type(typed)
    endLine()
  }

  /// Says that `typed` came before its question could have been read.
  func refuse(_ typed: String) {
    guard let shown else { return say("No question is open; nothing to label.") }
    say(
      "Ignored '\(pages.name(typed, limit: 40))': it was typed before question "
        + "#\(shown.question.candidate) stood here in full. Look at it and answer again.")
  }

  /// Hands the answer to the desk, for the candidate on the screen and no other.
  func give(_ answer: OperatorAnswer, typed: String?, _ desk: any OperatorDesk) {
    guard let shown else {
      show(typed: typed)
      return say("No question is open; nothing to label.")
    }
    guard isSettled else {
      show(typed: typed)
      return refuse(typed ?? "")
    }
    let candidate = shown.question.candidate
    do {
      let more = pages.sentence(try asking { try desk.answer(candidate: candidate, answer) })
      actionCount += 1
      show(typed: typed)
      say(receipt(answer, candidate) + (more.isEmpty ? "" : "; \(more)"), .good)
      self.shown = nil
      refresh(at: now, desk: desk)
    } catch {
      show(typed: typed)
      fail("#\(candidate) was NOT answered", error)
    }
  }

  private func receipt(_ answer: OperatorAnswer, _ candidate: Int64) -> String {
    switch answer {
    case .label(let name): "labelled #\(candidate) as \(pages.name(name)) (kept)"
    case .skip: "skipped #\(candidate) (kept); it is asked again later"
    case .unsure: "noted that #\(candidate) cannot be told (kept)"
    }
  }

  func fail(_ what: String, _ error: any Error) {
    say("\(what): \(pages.sentence(String(describing: error)))", .bad)
  }

  /// Runs a command; `typed` is its key if it acted at once.
  func run(_ command: ConsoleCommand, typed: String?, _ desk: any OperatorDesk) {
    switch command {
    case .skip: give(.skip, typed: typed, desk)
    case .unsure: give(.unsure, typed: typed, desk)
    case .undo: undo(typed: typed, desk)
    case .picture: picture(typed: typed, desk)
    case .why: why(typed: typed, desk)
    case .list: list(typed: typed, desk)
    case .newClass:
      show(typed: typed)
      entry = .newClass
    case .classes:
      show(typed: typed)
      for text in pages.classes(currentKeys(desk)) { line(text) }
    case .more: more(typed: typed, desk)
    case .info:
      show(typed: typed)
      say(pages.sentence(desk.statusLine))
    case .help:
      show(typed: typed)
      for text in pages.help(currentKeys(desk)) { line(text) }
    }
  }

  /// Asks anew about the photo with the number in `entered`, as in `#12`.
  func askAgain(_ entered: String, _ desk: any OperatorDesk) {
    guard let candidate = Int64(entered.dropFirst()), candidate > 0 else {
      return say(
        "'\(pages.name(entered))' is no photo's number; type one as in #12, or /\(pages.name(entered)) "
          + "for a class of that name.")
    }
    do {
      let undone = pages.sentence(try asking { try desk.askAgain(candidate: candidate) })
      actionCount += 1
      say("undone: \(undone)", .good)
      shown = nil
      refresh(at: now, desk: desk)
      undoneSinceShown = true
    } catch {
      fail("#\(candidate) is not asked again", error)
    }
  }

  /// Undoes the latest answer. A second undo in a row waits, like an answer, until the question that
  /// the first brought back could be read.
  private func undo(typed: String?, _ desk: any OperatorDesk) {
    if undoneSinceShown, !isSettled {
      show(typed: typed)
      return refuse(typed ?? "undo")
    }
    do {
      let undone = pages.sentence(try asking { try desk.undo() })
      actionCount += 1
      show(typed: typed)
      say("undone: \(undone)", .good)
      shown = nil
      refresh(at: now, desk: desk)
      undoneSinceShown = true
    } catch {
      show(typed: typed)
      fail("Nothing was undone", error)
    }
  }

  private func why(typed: String?, _ desk: any OperatorDesk) {
    guard let shown else {
      show(typed: typed)
      return say("No question is open; there is nothing to explain.")
    }
    do {
      let why = try asking { try desk.why(candidate: shown.question.candidate) }
      show(typed: typed)
      for text in pages.why(why) { line(text) }
    } catch {
      show(typed: typed)
      fail("The reason cannot be shown", error)
    }
  }

  private func more(typed: String?, _ desk: any OperatorDesk) {
    do {
      let added = pages.sentence(try asking { try desk.more() })
      actionCount += 1
      show(typed: typed)
      say(added, .good)
      refresh(at: now, desk: desk)
    } catch {
      show(typed: typed)
      fail("Nothing more was chosen", error)
    }
  }

  private func list(typed: String?, _ desk: any OperatorDesk) {
    do {
      let entries = try asking { try desk.queue(limit: 10) }
      show(typed: typed)
      for text in pages.queue(Array(entries.prefix(10)), shown: shown?.question.candidate) {
        line(text)
      }
    } catch {
      show(typed: typed)
      fail("The list cannot be shown", error)
    }
  }

  // MARK: New classes

  /// Asks whether `name` is to become a class.
  func propose(_ name: String, labels candidate: Int64?, _ desk: any OperatorDesk) {
    let names = desk.classNames
    if name == "ew" {  // `n` acted at once and the rest of `new` was typed after it
      entry = .newClass
      return
    }
    if let word = ConsoleWord.cut(name) {
      return say(
        "To run '\(word.rawValue)' type :\(word.rawValue) and Enter. Its first letter acted by itself, as it "
          + "always does; u takes back an answer that it gave.")
    }
    if names.contains(name) {
      return say("'\(pages.name(name))' is a class already.")
    }
    guard name.utf8.count <= Self.longestClassName else {
      return say(
        "A class name has at most \(Self.longestClassName) bytes; this one has "
          + "\(name.utf8.count). Nothing was added.")
    }
    let use = candidate.map { " and label #\($0) with it" } ?? ""
    let shownName = pages.name(name)
    if let close = names.first(where: { ConsoleText.areClose($0, name) }) {
      say("'\(shownName)' is close to '\(pages.name(close))'. Add it as another class\(use)?")
    } else {
      say("No class is named '\(shownName)'. Add it as a new class\(use)?")
    }
    entry = .confirmation(.newClass(name: name, labels: candidate))
  }

  /// The operator's yes or no; everything but `y` is no.
  func confirm(_ matter: Confirmation, _ key: ConsoleKey, _ desk: any OperatorDesk) {
    clearEntry()
    let isYes = key == .character("y") || key == .character("Y")
    switch matter {
    case .newClass(let name, let candidate):
      guard isYes else {
        endLine()
        return say("Nothing was added.")
      }
      add(name, labels: candidate, desk)
    case .activate(let number):
      type(isYes ? "y" : "")
      endLine()
      guard isYes else { return say("The model stays as it is.") }
      activate(number, desk)
    }
  }

  private func add(_ name: String, labels candidate: Int64?, _ desk: any OperatorDesk) {
    do {
      try asking { try desk.addClass(name) }
      actionCount += 1
      type("y")
      endLine()
      say("added the class \(pages.name(name)) (kept)", .good)
    } catch {
      type("y")
      endLine()
      return fail("The class was NOT added", error)
    }
    guard let candidate else { return }
    if shown?.question.candidate == candidate {
      give(.label(name), typed: nil, desk)
    } else {
      say("The question has changed; #\(candidate) was not labelled.")
    }
  }
}
