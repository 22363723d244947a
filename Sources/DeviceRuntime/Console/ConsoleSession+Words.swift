extension ConsoleSession {
  /// Runs `entered` if it is a command's word and no class's name; whether it was one.
  func runsWord(_ entered: String, _ desk: any OperatorDesk) -> Bool {
    let lower = entered.lowercased()
    guard !currentKeys(desk).names.contains(where: { $0.lowercased() == lower }),
      let (word, argument) = ConsoleWord.read(entered)
    else { return false }
    run(word, argument, desk)
    return true
  }

  /// Runs what was typed behind a colon: any command by its word.
  func runWord(_ entered: String, _ desk: any OperatorDesk) {
    if let (word, argument) = ConsoleWord.read(entered) { return run(word, argument, desk) }
    let lower = entered.lowercased()
    if let command = ConsoleCommand.allCases.first(where: { $0.words.contains(lower) }) {
      return run(command, typed: nil, desk)
    }
    let words = ConsoleWord.allCases.map { ":" + $0.rawValue }.joined(separator: ", ")
    say("':\(pages.name(entered, limit: 40))' is no command; there are \(words).")
  }

  private func run(_ word: ConsoleWord, _ argument: String, _ desk: any OperatorDesk) {
    switch word {
    case .progress:
      tell("Progress cannot be shown") { pages.progress(try desk.progress()) }
    case .models:
      tell("The models cannot be shown") { pages.models(try desk.models()) }
    case .activate: proposeModel(argument, desk)
    case .back: proposeOtherModel(desk)
    case .date: setDate(argument, desk)
    case .shoot: does("No photo was taken") { try desk.trigger() }
    case .export: does("Nothing was exported") { try desk.exportBundle() }
    case .send: send(desk)
    case .json: beginMachine("", desk)
    case .logout:
      if login == nil {
        say("There is no login on this line.")
      } else {
        logOut("Logged out.")
      }
    }
  }

  /// Prints the lines that the desk gives.
  private func tell(_ failure: String, _ body: () throws -> [String]) {
    do {
      for text in try asking(body) { line(text) }
    } catch {
      fail(failure, error)
    }
  }

  /// Lets the desk do something, and prints what it says of it.
  private func does(_ failure: String, _ body: () throws -> String) {
    do {
      say(pages.sentence(try asking(body)), .good)
    } catch {
      fail(failure, error)
    }
  }

  // MARK: Models

  private func proposeModel(_ argument: String, _ desk: any OperatorDesk) {
    guard let number = Int64(argument.hasPrefix("#") ? String(argument.dropFirst()) : argument)
    else { return say("Say which model, as in 'activate 3'; :models lists them.") }
    do {
      let models = try asking { try desk.models() }
      guard let model = models.first(where: { $0.number == number }) else {
        return say("There is no model \(number); :models lists them.")
      }
      propose(model)
    } catch {
      fail("The models cannot be read", error)
    }
  }

  private func proposeOtherModel(_ desk: any OperatorDesk) {
    do {
      let models = try asking { try desk.models() }
      guard let other = models.last(where: { $0.isAtHand && !$0.isActive && $0.isAccepted }) else {
        return say("No other model is at hand: the other slot is empty or holds one not taken.")
      }
      propose(other)
    } catch {
      fail("The models cannot be read", error)
    }
  }

  private func propose(_ model: OperatorModel) {
    if model.isActive { return say("Model \(model.number) is the active one.") }
    guard model.isAccepted else {
      return say("Model \(model.number) was not taken, for it was worse; it stays out of use.")
    }
    guard model.isAtHand else {
      return say("Model \(model.number) is no longer at hand: only the latest two models are kept.")
    }
    let accuracy = model.accuracy.map { ", \(ConsoleText.percent($0)) right at its gate" } ?? ""
    say(
      "Go to model \(model.number) (\(model.labels) labels\(accuracy))? Labels stay; the next round "
        + "learns from it.")
    entry = .confirmation(.activate(model.number))
  }

  /// Goes to model `number`, which the operator has confirmed.
  func activate(_ number: Int64, _ desk: any OperatorDesk) {
    do {
      let said = pages.sentence(try asking { try desk.activate(model: number) })
      actionCount += 1
      say(said, .good)
      refresh(at: now, desk: desk)
    } catch {
      fail("The model was NOT changed", error)
    }
  }

  // MARK: The clock, and the way home

  private func setDate(_ argument: String, _ desk: any OperatorDesk) {
    guard let milliseconds = ConsoleDate.read(argument) else {
      return say("Give the date and the time in UTC, as in 'date 2026-11-23 14:30'.")
    }
    does("The date was NOT set") { try desk.setDate(unixMilliseconds: milliseconds) }
  }

  private func send(_ desk: any OperatorDesk) {
    do {
      let files = try asking { try desk.bundleForSending() }
      guard !files.isEmpty else { return say("There is nothing to send.") }
      let seconds = Int(settings.transferSeconds)
      say(
        "Sending by ZMODEM. Start receiving now if your terminal program does not do so by itself "
          + "(minicom: Ctrl-A R, picocom: Ctrl-A Ctrl-R, else `rz`). It gives up after \(seconds) s; Ctrl-X "
          + "five times cancels.")
      endLine()
      outgoing = files
    } catch {
      fail("Nothing was sent", error)
    }
  }

  /// Goes on after the transfer of `outgoing`; `failure` says why nothing arrived, `nil` that it did.
  ///
  /// What comes in the next second is the rest of the transfer and no key.
  package func transferEnded(
    failure: String?, at seconds: Double, desk: any OperatorDesk
  ) {
    now = seconds
    lastKeyAt = now
    let files = outgoing ?? []
    outgoing = nil
    if failure != nil { abandoned += files }
    guard isConnected else { return }
    decoder.reset()
    cursor = .lineStart
    noiseUntil = now + 1
    line("")
    if let failure {
      say("Nothing was sent: \(pages.sentence(failure))", .bad)
    } else {
      do {
        try asking { try desk.bundleWasSent(files) }
        say(files.count == 1 ? "The bundle was sent." : "\(files.count) files were sent.", .good)
      } catch {
        abandoned += files
        fail("The bundle was sent, but that could not be noted, so that it is sent again", error)
      }
    }
    refresh(at: seconds, desk: desk)
  }
}
