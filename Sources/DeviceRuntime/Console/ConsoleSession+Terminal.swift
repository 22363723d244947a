extension ConsoleSession {
  /// Asks the terminal what it can show. An old terminal may print the last letter of a question that it
  /// does not know; the return takes the cursor back over it.
  func askTerminal() {
    guard output.append(TerminalProbe.nameQuestion + TerminalProbe.question + "\r \r") else {
      return
    }
    let delay = settings.bytesPerSecond.map { Double(output.byteCount) / Double($0) } ?? 0
    probe.ask(at: now + delay, bytesPerSecond: settings.bytesPerSecond)
  }

  /// Asks once more, if none has answered so far: there may be somebody new at a line that is always
  /// connected.
  func askTerminalAgain() {
    guard settings.asksTerminal, !probe.hasAnswered, !probe.isWaiting(at: now) else { return }
    askTerminal()
  }

  /// The keys in `bytes`, without what a terminal says of itself. While an answer may come, nothing in
  /// them is a key; what looks like a piece of one is noise for a while.
  func typedKeys(_ bytes: [UInt8]) -> [ConsoleKey] {
    let isWaiting = probe.isWaiting(at: now)
    decoder.expectsReport = isWaiting
    var keys: [ConsoleKey] = []
    for key in decoder.decode(bytes, at: now) {
      if case .report(let text) = key { learn(text) } else { keys.append(key) }
    }
    if isWaiting {
      let isKey = { (key: ConsoleKey) in key != .other && key != .noise }
      if keys.contains(where: isKey), !probe.looksLikePiece(keys, at: now) { hasDroppedKeys = true }
      return []
    }
    if probe.looksLikePiece(keys, at: now) {
      noiseUntil = max(noiseUntil, now + 0.5)
      return []
    }
    return keys
  }

  private func learn(_ report: String) {
    probe.take(report, at: now)
    let features = probe.features
    settings.colours = settings.colours || features.colours
    settings.trueColour = settings.trueColour || (features.trueColour && features.colours)
    settings.sixel = settings.sixel || features.sixel
    pages = ConsolePages(settings: settings)
  }

  /// Says that keys did not count because they came while the terminal was being asked.
  func tellDroppedKeys() {
    guard hasDroppedKeys, !probe.isWaiting(at: now) else { return }
    hasDroppedKeys = false
    let text = "* (what was typed while the terminal was asked what it can show did not count)"
    for part in wrapped(text) { line(part) }
  }
}
