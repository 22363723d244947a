extension ConsoleSession {
  /// Takes what the operator sent and does what it says.
  package func receive(_ bytes: [UInt8], at seconds: Double, desk: any OperatorDesk) {
    now = seconds
    guard isConnected, !isAsking, outgoing == nil, !bytes.isEmpty else { return }
    if machine != nil {
      // A PIN that is still being checked lets nothing through, whatever comes behind it.
      if isLoggedIn { machineReceive(bytes, desk) }
      return refresh(at: seconds, desk: desk)
    }
    if bytes.first == UInt8(ascii: "{") {
      // No answer of a terminal begins so; and the lines behind it are a script's as well.
      probe.stopWaiting()
      if let end = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }), end + 1 < bytes.count {
        receive(Array(bytes[...end]), at: seconds, desk: desk)
        return receive(Array(bytes[(end + 1)...]), at: seconds, desk: desk)
      }
    }
    let keys = typedKeys(bytes)
    if keys.contains(.noise) {
      noiseUntil = now + settings.noiseSeconds
      noiseCount += bytes.count
      if !text.isEmpty || (entry != .line(nameOnly: false) && entry != .pin) {
        clearEntry()
        endLine()
      }
    } else if now < noiseUntil {
      noiseCount += bytes.count
    } else {
      for key in keys { press(key, desk) }
    }
    refresh(at: seconds, desk: desk)
  }

  /// Says once in a while that bytes were thrown away, when the line has gone quiet.
  func tellNoise() {
    guard noiseCount > 0, now >= noiseUntil, now - noiseToldAt >= 5 else { return }
    let speed = settings.bytesPerSecond.map { " to \($0 * 10) baud and" } ?? ""
    let count = noiseCount == 1 ? "1 byte" : "\(noiseCount) bytes"
    let text =
      "* (ignored \(count) that no key sends or that came with noise; if this goes on, "
      + "set the terminal\(speed) to UTF-8)"
    for part in wrapped(text) { line(part) }
    noiseCount = 0
    noiseToldAt = now
  }

  private func press(_ key: ConsoleKey, _ desk: any OperatorDesk) {
    // A line of JSON has made a script of the person.
    if machine != nil || outgoing != nil { return }
    let silence = now - lastKeyAt
    lastKeyAt = now
    if key == .redraw || (key == .enter && silence >= 60) { askTerminalAgain() }
    guard isLoggedIn else { return pressWithoutLogin(key, desk) }
    if key != .other { keyCount += 1 }
    if output.hasPicture {
      output.dropPicture()
      if [.other, .enter, .cancel, .character(" ")].contains(key) { return }
    }
    switch key {
    case .redraw:
      redraw()
    case .cancel, .eraseLine:
      clearEntry()
      if cursor == .typing {
        if key == .cancel { type("^C") }
        endLine()
      }
    case .undo:
      clearEntry()
      run(.undo, typed: "^Z", desk)
    case .other, .report, .noise:
      break
    default:
      if case .confirmation(let matter) = entry {
        confirm(matter, key, desk)
      } else {
        edit(key, desk)
      }
    }
    prompt()
  }

  private func redraw() {
    if settings.colours {
      _ = output.append("\u{1B}[0m\u{1B}[2J\u{1B}[H")
      cursor = .lineStart
    } else {
      line("")
    }
    if shown == nil { line("Nothing waits for a label now.") }
    showQuestion(announcement: shown?.completeAt == nil ? shown?.announcement : nil)
  }

  private func edit(_ key: ConsoleKey, _ desk: any OperatorDesk) {
    let isEmpty = text.isEmpty && entry == .line(nameOnly: false)
    switch key {
    case .enter:
      isEmpty ? enterNothing() : enter(desk)
    case .backspace:
      backspace()
    case .eraseWord:
      while text.last == " " { backspace() }
      while let last = text.last, last != " " { backspace() }
    case .character(let scalar):
      if continues(scalar) { return }
      isEmpty ? begin(scalar, desk) : append(scalar)
    default:
      break
    }
  }

  /// The first character of a line: acts at once if it is a key, else begins a name.
  private func begin(_ scalar: Unicode.Scalar, _ desk: any OperatorDesk) {
    let character = Character(scalar)
    if scalar == " " || scalar.columns == 0 { return }
    if scalar == "/" || scalar == ":" {
      entry = scalar == ":" ? .word : .line(nameOnly: true)
      lineBegunFor = completeAnnouncement
      type(String(scalar))
    } else if ("1"..."9").contains(character) {
      guard let name = currentKeys(desk).name(for: character) else {
        show(typed: String(character))
        line("No class has the key \(character); \(currentKeys(desk).legend(.classes)) shows them.")
        return
      }
      give(.label(name), typed: String(character), desk)
    } else if let command = ConsoleCommand(key: character),
      command.otherKey == String(character) || currentKeys(desk).actsAtOnce(command)
    {
      run(command, typed: String(character), desk)
      let rests = command == .newClass ? [] : rests(after: command, typed: character)
      continuation = rests.isEmpty ? nil : Continuation(rests: rests, at: now)
    } else {
      lineBegunFor = completeAnnouncement
      append(scalar)
    }
  }

  /// What a stranger may go on typing after the letter that has acted: the rest of its word, or after
  /// `u` that of `unsure`.
  private func rests(after command: ConsoleCommand, typed: Character) -> [Substring] {
    guard typed.isLetter else { return [] }
    return ConsoleCommand.allCases.flatMap(\.words)
      .filter { $0.first == command.letter && $0.count > 1 }.map { $0.dropFirst() }
  }

  /// Whether `scalar` goes on with the word whose first letter has acted; it then means nothing.
  private func continues(_ scalar: Unicode.Scalar) -> Bool {
    guard var next = continuation, now - next.at <= 1 else {
      continuation = nil
      return false
    }
    next.rests = next.rests.filter { $0.unicodeScalars.first == scalar }.map { $0.dropFirst() }
    next.at = now
    next.taken = true
    continuation = next.rests.isEmpty ? nil : next
    return !next.rests.isEmpty
  }

  private func append(_ scalar: Unicode.Scalar) {
    let width = scalar.utf8.count
    guard text.utf8.count + width <= Self.longestLine else {
      if !overflowed {
        overflowed = true
        line("A line has at most \(Self.longestLine) bytes; the rest is thrown away.")
      }
      return
    }
    text.unicodeScalars.append(scalar)
    type(echo(String(scalar)))
  }

  private func backspace() {
    if let last = text.popLast() {
      let width = ConsoleText.width(echo(String(last)))
      let back = String(repeating: "\u{8}", count: width)
      type(back + String(repeating: " ", count: width) + back)
    } else if entry == .line(nameOnly: true) || entry == .word {
      entry = .line(nameOnly: false)
      type("\u{8} \u{8}")
    }
    if text.isEmpty, entry == .line(nameOnly: false) { cursor = .emptyPrompt }
    overflowed = false
  }

  private func enterNothing() {
    defer { continuation = nil }
    if continuation?.taken == true { return }
    if shown == nil {
      line("Nothing waits for a label now.")
    } else {
      showQuestion(announcement: shown?.completeAt == nil ? shown?.announcement : nil)
    }
  }

  /// Ends the typed line.
  private func enter(_ desk: any OperatorDesk) {
    let (entered, kind, begunFor) = (text.trimmed(), entry, lineBegunFor)
    clearEntry()
    endLine()
    if entered.isEmpty { return }
    switch kind {
    case .newClass:
      propose(entered, labels: nil, desk)
    case .line(nameOnly: false) where entered.hasPrefix("#"):
      askAgain(entered, desk)
    case .line(nameOnly: false) where entered.hasPrefix("{"):
      beginMachine(entered, desk)
    case .line(nameOnly: false) where runsWord(entered, desk):
      break
    case .word:
      runWord(entered, desk)
    case .line(let nameOnly):
      let keys = currentKeys(desk)
      switch keys.meaning(of: entered, nameOnly: nameOnly) {
      case .command(let command):
        run(command, typed: nil, desk)
      case .label(let name):
        guard begunFor != nil, begunFor == shown?.announcement else { return refuse(entered) }
        give(.label(name), typed: nil, desk)
      case .ambiguous(let names):
        let some = names.prefix(5).map { pages.name($0, limit: 40) }.joined(separator: ", ")
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        say("'\(pages.name(entered))' could be \(some)\(more); type more of the name.")
      case .unknown(let name):
        propose(
          name, labels: begunFor == shown?.announcement ? shown?.question.candidate : nil, desk)
      }
    case .confirmation, .pin: break
    }
  }

  /// Moves the cursor off the line that was typed.
  func endLine() {
    if cursor != .lineStart, output.append("\r\n") { cursor = .lineStart }
  }

  /// Prints a sentence, wrapped.
  func say(_ text: String, _ style: ConsolePages.Style? = nil) {
    for part in wrapped(text) { line(style.map { pages.paint(part, $0) } ?? part) }
  }
}

extension String {
  /// Without the spaces at either end.
  func trimmed() -> String {
    var rest = self[...]
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
