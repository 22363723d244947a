import ActiveLearning
import FoundationEssentials

/// The console for scripts: lines of JSON both ways.
///
/// A script writes `{"mode":"json"}` at the prompt (or a person `json`), and `{"pin":"…"}` first where there
/// is a login; it skips what comes until the line that begins with `{`. From then on each line of at most
/// 4,096 bytes is a request, `{"id":7,"do":"label","candidate":12,"class":"cat"}`, and gets one line in
/// answer, `{"id":7,"ok":true,…}` or `{"id":7,"error":{"code":…,"message":…}}`. What happens meanwhile comes
/// as `{"event":"question",…}`, `{"event":"notice",…}` and `{"event":"progress",…}`. An answer names the
/// candidate whose question is open; any other is refused. `{"do":"quit"}` or `{"mode":"human"}` goes back.
extension ConsoleSession {
  private static let mostEntries: Int64 = 100
  private static let mostThumbnailBytes: Int64 = 32 * 1024

  /// Begins at a line that a script typed at the prompt; it is the first request, unless it is empty.
  func beginMachine(_ entered: String, _ desk: any OperatorDesk) {
    let request = MachineRequest.read(Array(entered.utf8))
    if !entered.isEmpty, request == nil {
      return say("That is no object of JSON; {\"mode\":\"json\"} begins the mode for scripts.")
    }
    shown = nil
    saidIdle = false
    machine = MachineInput()
    if let request, request.mode == nil {
      answer(request, desk)
    } else {
      emit(.object(["ok": .bool(true), "mode": .string("json")]))
    }
  }

  private func endMachine(_ desk: any OperatorDesk) {
    machine = nil
    cursor = .lineStart
    shown = nil
    saidIdle = false
    line("")
    welcome(desk)
  }

  /// Puts `value` on the line; all of it or, when the line is stuck, nothing.
  func emit(_ value: JSONValue) {
    if !output.append(value.line + "\r\n") { linesLost += 1 }
  }

  /// Takes a script's bytes.
  func machineReceive(_ bytes: [UInt8], _ desk: any OperatorDesk) {
    lastKeyAt = now
    for line in machine?.take(bytes) ?? [] {
      guard machine != nil else { return }
      switch line {
      case .tooLong:
        emit(
          .error(
            code: "line",
            "a line has at most \(MachineInput.longestLine) bytes; this one is thrown away",
            id: nil))
      case .whole(let bytes):
        if let request = MachineRequest.read(bytes) {
          keyCount += 1
          answer(request, desk)
        } else {
          emit(.error(code: "json", "the line is no object of JSON", id: nil))
        }
      }
    }
  }

  /// Tells a script what has changed.
  func refreshMachine(_ desk: any OperatorDesk) {
    guard isLoggedIn else { return }
    // A stuck line takes no more events; they are counted.
    guard output.byteCount < OutputQueue.capacity / 2 else { return }
    if linesLost > 0 {
      emit(.object(["event": .string("lost"), "lines": .integer(Int64(linesLost))]))
      linesLost = 0
    }
    for text in notices {
      emit(.object(["event": .string("notice"), "text": .string(text)]))
    }
    notices = []
    noticesLost = 0
    if let text = progressText, now - progressAt >= 1 {
      emit(.object(["event": .string("progress"), "text": .string(text)]))
      (progressText, progressAt) = (nil, now)
    }
    guard let question = desk.question else {
      if shown != nil || !saidIdle {
        (shown, saidIdle) = (nil, true)
        emit(.object(["event": .string("question"), "question": .null]))
      }
      return
    }
    let names = desk.classNames
    if shown?.question.candidate == question.candidate, shown?.keys.names == names { return }
    announcements += 1
    shown = Shown(
      question: question, keys: ClassKeys(names), announcement: announcements, completeAt: now)
    saidIdle = false
    emit(.object(["event": .string("question"), "question": describe(question)]))
  }

  private func answer(_ request: MachineRequest, _ desk: any OperatorDesk) {
    if request.mode == "human" || request.verb == "quit" {
      emit(reply(request, [:]))
      return endMachine(desk)
    }
    guard let verb = request.verb else {
      let known = request.mode == "json" || request.pin != nil
      return emit(
        known
          ? reply(request, ["mode": .string("json")])
          : .error(code: "request", "say what to \"do\", as in {\"do\":\"status\"}", id: request.id)
      )
    }
    do {
      emit(reply(request, try asking { try perform(verb, request, desk) }))
    } catch let refusal as Refusal {
      emit(.error(code: refusal.code, refusal.description, id: request.id))
    } catch {
      emit(.error(code: "failed", String(describing: error), id: request.id))
    }
  }

  private func reply(_ request: MachineRequest, _ members: [String: JSONValue]) -> JSONValue {
    var members = members
    members["ok"] = .bool(true)
    members["id"] = request.id
    return .object(members)
  }

  /// Why a request was not even put to the desk.
  private struct Refusal: Error, CustomStringConvertible {
    let code: String
    let description: String
  }

  private func perform(
    _ verb: String, _ request: MachineRequest, _ desk: any OperatorDesk
  ) throws -> [String: JSONValue] {
    switch verb {
    case "status": return ["status": .string(desk.statusLine)]
    case "classes": return ["classes": .array(desk.classNames.map { .string($0) })]
    case "question": return ["question": desk.question.map(describe) ?? .null]
    case "queue":
      let limit = max(0, min(Self.mostEntries, request.members["limit"]?.whole ?? 20))
      return ["queue": .array(try desk.queue(limit: Int(limit)).map(describe))]
    case "label":
      guard let name = request.members["class"]?.text else {
        throw Refusal(code: "request", description: "\"label\" needs a \"class\"")
      }
      guard desk.classNames.contains(name) else {
        throw Refusal(code: "class", description: "there is no class of that name; add it first")
      }
      return try give(.label(name), request, desk)
    case "skip": return try give(.skip, request, desk)
    case "unsure": return try give(.unsure, request, desk)
    case "undo": return try acted(desk.undo())
    case "more": return try acted(desk.more())
    case "newClass":
      guard let name = request.members["name"]?.text, isClassName(name) else {
        throw Refusal(
          code: "class",
          description:
            "\"newClass\" needs a \"name\" of 1 to \(Self.longestClassName) bytes, printable")
      }
      guard !desk.classNames.contains(name) else {
        throw Refusal(code: "class", description: "it is a class already")
      }
      try desk.addClass(name)
      return acted("added")
    case "why":
      let why = try desk.why(candidate: try candidate(request))
      return ["why": .array(pages.why(why).map { .string($0) })]
    case "preview":
      let limit = request.members["bytes"]?.whole ?? 16 * 1024
      let bytes = try desk.thumbnail(
        candidate: try candidate(request),
        byteLimit: Int(max(512, min(Self.mostThumbnailBytes, limit))))
      return ["type": .string("image/jpeg"), "base64": .string(Data(bytes).base64EncodedString())]
    case "progress": return ["progress": describe(try desk.progress())]
    case "models":
      return ["models": .array(try desk.models().suffix(Int(Self.mostEntries)).map(describe))]
    case "activate":
      guard let number = request.members["model"]?.whole else {
        throw Refusal(code: "request", description: "\"activate\" needs the number of a \"model\"")
      }
      return acted(try desk.activate(model: number))
    case "export": return ["text": .string(try desk.exportBundle())]
    case "trigger": return ["text": .string(try desk.trigger())]
    default:
      throw Refusal(code: "request", description: "nothing is called that; see `json` in the help")
    }
  }

  private func acted(_ text: String) -> [String: JSONValue] {
    actionCount += 1
    return ["text": .string(text)]
  }

  private func candidate(_ request: MachineRequest) throws -> Int64 {
    guard let candidate = request.candidate ?? shown?.question.candidate else {
      throw Refusal(code: "candidate", description: "no question is open; name a \"candidate\"")
    }
    return candidate
  }

  /// Hands an answer to the desk, if it names the candidate whose question is open.
  private func give(
    _ answer: OperatorAnswer, _ request: MachineRequest, _ desk: any OperatorDesk
  ) throws -> [String: JSONValue] {
    guard let candidate = request.candidate else {
      throw Refusal(code: "candidate", description: "an answer names its \"candidate\"")
    }
    guard let open = desk.question?.candidate, open == candidate else {
      throw Refusal(code: "candidate", description: "the question about #\(candidate) is not open")
    }
    let text = try desk.answer(candidate: candidate, answer)
    shown = nil
    return acted(text)
  }

  private func isClassName(_ name: String) -> Bool {
    (1...Self.longestClassName).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy(\.isSafeToPrint) && name == name.trimmed()
  }

  // MARK: Values

  private func describe(_ guess: ClassGuess) -> JSONValue {
    .object(["class": .string(guess.className), "probability": .optional(guess.probability)])
  }

  private func describe(_ question: OperatorQuestion) -> JSONValue {
    .object([
      "candidate": .integer(question.candidate), "photo": .string(question.photoName),
      "photos": .integer(Int64(question.photoCount)), "waiting": .integer(Int64(question.waiting)),
      "guesses": .array(question.guesses.prefix(20).map(describe)),
      "entropy": .optional(question.reason.entropy),
      "diversity": .optional(question.reason.diversity),
      "note": question.reason.note.map { .string($0) } ?? .null,
    ])
  }

  private func describe(_ entry: OperatorQueueEntry) -> JSONValue {
    .object([
      "candidate": .integer(entry.candidate), "photo": .string(entry.photoName),
      "guess": entry.guess.map(describe) ?? .null, "score": .optional(entry.score),
    ])
  }

  private func describe(_ progress: OperatorProgress) -> JSONValue {
    .object([
      "labels": .integer(Int64(progress.labels)),
      "rounds": .array(
        progress.rounds.suffix(Int(Self.mostEntries)).map { round in
          .object([
            "model": .integer(round.model), "labels": .integer(Int64(round.labels)),
            "before": .optional(round.before), "after": .optional(round.after),
            "accepted": .bool(round.isAccepted),
          ])
        }),
      "audit": .object([
        "right": .integer(Int64(progress.audit.right)),
        "labels": .integer(Int64(progress.audit.count)), "low": .optional(progress.audit.low),
        "high": .optional(progress.audit.high),
      ]),
    ])
  }

  private func describe(_ model: OperatorModel) -> JSONValue {
    .object([
      "model": .integer(model.number), "made": .string(model.made),
      "labels": .integer(Int64(model.labels)), "accuracy": .optional(model.accuracy),
      "active": .bool(model.isActive), "at_hand": .bool(model.isAtHand),
      "accepted": .bool(model.isAccepted), "why": .string(model.why),
    ])
  }
}
