/// Who lets operators in at a console.
///
/// Checking a secret may take a while and happens elsewhere: `begin` starts it, `outcome` tells.
package protocol ConsoleLogin: AnyObject {
  /// How it stands; read again at each try.
  var state: ConsoleLoginState { get }

  /// Begins to check `secret`. The failure that it may be is durable before this returns, so that pulling
  /// the plug saves no try.
  ///
  /// - Throws: when it cannot be checked; nobody is let in then.
  func begin(_ secret: String) throws

  /// Whether the secret was right, once; `nil` while it is being checked.
  func outcome() -> Bool?
}

/// How a console's login stands.
package enum ConsoleLoginState: Hashable, Sendable {
  /// No one can log in; `why` says it, and what to do.
  case closed(why: String)
  /// A PIN is awaited; so many wrong ones came since the last right one.
  case open(failures: Int, limit: Int)
}

extension ConsoleSession {
  /// The most bytes a PIN may have.
  static let longestPin = 128

  /// Seconds that must pass after `failures` wrong tries in a row: 1, 2, 4 and so on, at most a minute.
  static func pinDelay(after failures: Int) -> Double {
    failures < 1 ? 0 : min(60, Double(1 << min(failures - 1, 6)))
  }

  /// Shows who is asked for what.
  func askPin() {
    guard let login else { return }
    let of = settings.deviceName.isEmpty ? "" : " of \(pages.name(settings.deviceName, limit: 40))"
    line(pages.paint("Loam operator console\(of).", .strong))
    switch login.state {
    case .closed(let why):
      entry = .line(nameOnly: false)
      say(pages.sentence(why), .bad)
    case .open(let failures, _):
      entry = .pin
      // A plug that is pulled saves no waiting.
      if failures > 0, pinRetryAt == -.infinity {
        pinRetryAt = now + Self.pinDelay(after: failures)
      }
    }
  }

  /// A key of somebody who is not logged in.
  func pressWithoutLogin(_ key: ConsoleKey, _ desk: any OperatorDesk) {
    if isCheckingPin { return }
    guard entry == .pin else {
      if key == .enter || key == .redraw { askPin() }
      return prompt()
    }
    switch key {
    case .redraw:
      clearEntry()
      endLine()
      askPin()
    case .cancel, .eraseLine:
      clearEntry()
      endLine()
    case .backspace:
      if text.popLast() != nil { type("\u{8} \u{8}") }
    case .enter:
      submitPin()
    case .character(let scalar) where text.utf8.count + scalar.utf8.count <= Self.longestLine:
      text.unicodeScalars.append(scalar)
      type("*")
    default: break
    }
    prompt()
  }

  private func submitPin() {
    var pin = text
    clearEntry()
    endLine()
    let isScript = pin.hasPrefix("{")
    if isScript {
      guard let given = MachineRequest.read(Array(pin.utf8))?.pin else {
        return say("Log in first: {\"pin\":\"...\"}, or type the PIN.")
      }
      pin = given
      machine = MachineInput()
    }
    if pin.isEmpty {
      askPin()
      return
    }
    guard now >= pinRetryAt else {
      return refuseLogin("wait \(Int((pinRetryAt - now).rounded(.up))) s before the next try")
    }
    guard pin.utf8.count <= Self.longestPin else {
      return refuseLogin("a PIN has at most \(Self.longestPin) bytes")
    }
    do {
      var failures = 0
      switch login?.state {
      case .closed(let why): return refuseLogin(why)
      case .open(let count, _): failures = count
      case nil: break
      }
      try login?.begin(pin)
      // Counted from here, so that hanging up does not save the waiting.
      pinRetryAt = now + Self.pinDelay(after: failures + 1)
      isCheckingPin = true
    } catch {
      refuseLogin("the PIN cannot be checked: \(pages.sentence(String(describing: error)))")
    }
  }

  /// Says why nobody was let in, to the person or the script.
  private func refuseLogin(_ why: String) {
    if machine != nil {
      emit(.error(code: "login", why, id: nil))
      machine = nil
      cursor = .lineStart
    } else {
      let first = why.first.map { $0.uppercased() } ?? ""
      say(first + why.dropFirst() + ".", .bad)
    }
    askPin()
  }

  /// Takes note of a check that has ended, and of somebody who has gone.
  func refreshLogin(_ desk: any OperatorDesk) {
    if isCheckingPin, let isRight = login?.outcome() {
      isCheckingPin = false
      isRight ? logIn(desk) : refusePin()
    }
    if isLoggedIn, now - lastKeyAt >= settings.idleSeconds {
      let minutes = Int(settings.idleSeconds / 60)
      logOut("Logged out after \(minutes) min without a key.")
    }
  }

  private func logIn(_ desk: any OperatorDesk) {
    isLoggedIn = true
    keyCount += 1
    pinRetryAt = -.infinity
    lastKeyAt = now
    clearEntry()
    if machine != nil {
      emit(.object(["ok": .bool(true), "mode": .string("json")]))
    } else {
      askTerminalAgain()
      welcome(desk)
    }
  }

  private func refusePin() {
    guard case .open(let failures, let limit) = login?.state else {
      return refuseLogin("wrong PIN")
    }
    let delay = Self.pinDelay(after: failures)
    pinRetryAt = now + delay
    refuseLogin(
      "wrong PIN, \(failures) of at most \(limit) in a row; the next try counts in \(Int(delay)) s")
  }

  /// Ends the login.
  func logOut(_ why: String) {
    output.dropPicture()
    if machine != nil { emit(.object(["event": .string("logout"), "text": .string(why)])) }
    machine = nil
    endLine()
    shown = nil
    saidIdle = false
    isLoggedIn = false
    clearEntry()
    say(why)
    askPin()
  }
}
