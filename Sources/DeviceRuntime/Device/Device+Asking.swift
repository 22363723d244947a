import ActiveLearning
import Board
import FoundationEssentials
import Imaging
import Inference
import Logging
import SampleStore
import Tensors

extension Device {
  /// Chooses the next batch of questions if it is time to: none is open, enough photos are there,
  /// and no stop rule has fired. Returns whether there are questions now.
  @discardableResult
  package func askIfDue() throws -> Bool {
    guard currentQuestion == nil else { return true }
    guard hasNews || isTimeToAsk else { return false }
    hasNews = false
    askAgainNanoseconds = nil
    do {
      return try ask()
    } catch {
      askLater()
      throw error
    }
  }

  /// Whether a time has come that was waited for.
  private var isTimeToAsk: Bool {
    askAgainNanoseconds.map { clock.monotonicNanoseconds >= $0 } ?? false
  }

  /// Looks again in half a minute, though nothing may happen by then.
  private func askLater() {
    askAgainNanoseconds = clock.monotonicNanoseconds + 30_000_000_000
  }

  private func ask() throws -> Bool {
    if try loadQuestion() { return true }
    guard stopReason == nil, try store.counts().captures >= settings.askAfter else { return false }
    let size = try batchSize()
    guard size > 0 else {
      askLater()
      return false
    }
    let byFeatures = try isStarting(size)
    guard stream == nil || byFeatures else { return false }
    guard try hasChoice(of: size) else {
      askLater()
      return false
    }
    let chosen = try withAudits(size: size, choice: byFeatures ? .features : .score) {
      try chooseNext($0, byFeatures: byFeatures)
    }
    if chosen.isEmpty, try requeueSkipped() { return true }
    guard !chosen.isEmpty else {
      try sayEmpty()
      return false
    }
    hasSaidEmpty = false
    try ask(chosen)
    return try loadQuestion()
  }

  /// Questions of the next batch, as far as the label budget and the rate allow.
  func batchSize() throws -> Int {
    min(isFresh ? settings.firstBatch : settings.batch, try questionsLeft(), try allowance())
  }

  /// Whether the pool is large enough to choose `size` questions from, or empty, or no capture has come
  /// for a while.
  private func hasChoice(of size: Int) throws -> Bool {
    let pool = try (store.counts().candidates[.pool] ?? 0) - store.waitingAudits().count
    let quiet = clock.monotonicNanoseconds - capturedNanoseconds
    return settings.chooseFrom <= 1 || pool == 0 || pool >= settings.chooseFrom * size
      || Double(quiet) / 1e9 >= settings.pause / .seconds(1)
  }

  /// Asks once more what was skipped, once for each answer that was none; returns whether there is a
  /// question now.
  func requeueSkipped() throws -> Bool {
    guard hasAnsweredSinceRequeue, (try store.counts().decisions[.skip] ?? 0) > 0 else {
      return false
    }
    hasAnsweredSinceRequeue = false
    try store.requeueSkipped(by: operatorName, at: clock.stamp)
    return try loadQuestion()
  }

  /// Tells once that nothing is left to ask; asking goes on when more photos come.
  private func sayEmpty() throws {
    guard !hasSaidEmpty else { return }
    hasSaidEmpty = true
    notice("Every photo has been answered; waiting for more.")
    try store.recordEvent(
      .info, kind: "asking.stopped", message: "every photo has been answered", at: clock.stamp)
  }

  /// Takes the first queued candidate as the question; returns whether there is one.
  ///
  /// A label in doubt comes after the queue; with a rate, where there is always a queue, before it, but
  /// never at once.
  func loadQuestion() throws -> Bool {
    if stream != nil, try awaitedRechecks().contains(where: { $0.candidateID != lastAnswered }) {
      return try loadRecheck()
    }
    guard let entry = try store.queue(limit: 1, order: .chosen).first else {
      currentQuestion = nil
      return try loadRecheck()
    }
    let counts = try store.counts()
    let doubts = try awaitedRechecks().count
    currentQuestion = question(entry, waiting: counts.queued - 1 + doubts)
    return true
  }

  private func question(_ entry: QueueEntry, waiting: Int) -> OperatorQuestion {
    var reason = QuestionReason()
    var guesses: [ClassGuess] = []
    if entry.candidate.isAudit {
      reason.note = "drawn at random, to measure accuracy; the guess is kept back, not to lead you"
    } else if !isFresh, let prediction = entry.prediction {
      guesses = self.guesses(prediction)
      reason = why(prediction)
    }
    if !entry.candidate.isAudit, let choice = try? store.choice(of: entry.candidate.id),
      choice == .features || isFresh
    {
      reason.note = AskingReason(choice, of: entry.candidate)?.sentence
    }
    if !entry.candidate.isAudit, isNovel(entry.candidate.id) {
      reason.note = "unlike anything labelled: perhaps a new class? type its name and Enter"
    }
    return OperatorQuestion(
      candidate: entry.candidate.id, photoName: entry.captures.first?.originalName ?? "?",
      photoCount: entry.captures.count, guesses: guesses, reason: reason, waiting: waiting)
  }

  /// The classes by the mean over the patches, most probable first.
  func guesses(_ prediction: Prediction) -> [ClassGuess] {
    zip(head.classes, prediction.mean.probabilities)
      .map { ClassGuess($0, Double($1)) }
      .sorted { $0.probability > $1.probability }
  }

  private func why(_ prediction: Prediction) -> QuestionReason {
    var votes = [Int](repeating: 0, count: prediction.classCount)
    for start in stride(from: 0, to: prediction.probabilities.count, by: prediction.classCount) {
      let row = prediction.probabilities[start..<start + prediction.classCount]
      if let best = row.indices.max(by: { row[$0] < row[$1] }) { votes[best - start] += 1 }
    }
    let named = zip(head.classes, votes).filter { $1 > 0 }.sorted { $0.1 > $1.1 }
    return QuestionReason(
      entropy: prediction.entropy, diversity: prediction.diversity,
      votes: named.map { ClassVote($0, $1) })
  }
}

extension Device: OperatorDesk {
  package var question: OperatorQuestion? { currentQuestion }

  package var classNames: [String] { classes.map(\.name) }

  package var statusLine: String {
    guard let counts = try? store.counts() else { return "the store cannot be read" }
    let accuracy = (try? store.auditCounts().sentence) ?? "accuracy unknown"
    var line =
      "\(counts.captures) photos, \(counts.queued) wait, \(counts.labels) labels, "
      + "model \(model.id), \(accuracy)"
    if let rate = settings.rate, let asked = try? askedInPeriod() {
      line += ", \(asked) asked of \(rate)"
    }
    return line + (stopReason.map { "; no more is asked: \($0)" } ?? "")
  }

  package func answer(candidate: Int64, _ answer: OperatorAnswer) throws -> String {
    defer { noteAnswer() }
    let guess = guessedClass(of: candidate)
    switch answer {
    case .label(let name):
      guard let known = try store.findClass(try Name(name)) else {
        throw DeviceError.unknownClass(name)
      }
      let doubt = doubt(about: candidate, label: known)
      let receipt = try store.label(
        candidate: candidate, kind: .label, class: known.id, operator: operatorName,
        at: clock.stamp, guess: guess, doubt: doubt)
      noteLabel(receipt, known, doubt: doubt)
    case .skip where try store.openRechecks().contains { $0.candidateID == candidate }:
      // The label stands; it is in doubt until somebody gives the second answer.
      postponed.insert(candidate)
    case .skip:
      _ = try store.label(
        candidate: candidate, kind: .skip, class: nil, operator: operatorName, at: clock.stamp)
    case .unsure:
      _ = try store.label(
        candidate: candidate, kind: .unsure, class: nil, operator: operatorName, at: clock.stamp,
        guess: guess)
    }
    // The answer is durable: nothing that fails from here on may say otherwise.
    lastAnswered = candidate
    if answer != .skip { hasAnsweredSinceRequeue = true }
    if answer == .unsure { noteUnsure(candidate) }
    if candidate == currentQuestion?.candidate {
      currentQuestion = nil
      _ = try? loadQuestion()
    }
    guard let waiting = try? store.counts().queued + awaitedRechecks().count else { return "" }
    guard stream == nil || isFresh else { return "\(waiting) more wait" }
    return waiting == 0 ? "the round is complete" : "\(waiting) more until the next round"
  }

  /// The class that the model takes `candidate` for; `nil` while it knows nothing.
  private func guessedClass(of candidate: Int64) -> Int64? {
    guard !isFresh, let prediction = try? store.prediction(of: candidate) else {
      return nil
    }
    return classes.first { $0.position == prediction.mean.best }?.id
  }

  /// Remembers that an answer was given or taken back, and when.
  private func noteAnswer() {
    (hasNews, hasNewAnswers) = (true, true)
    unlearnedCount = nil
    answeredNanoseconds = clock.monotonicNanoseconds
  }

  package func undo() throws -> String {
    guard let label = try store.undoLast(operator: operatorName, at: clock.stamp) else {
      throw DeviceError.nothingToUndo
    }
    return try taken(back: label)
  }

  package func askAgain(candidate: Int64) throws -> String {
    guard let label = try store.undo(candidate: candidate, operator: operatorName, at: clock.stamp)
    else { throw DeviceError.noAnswer(candidate: candidate) }
    if try store.candidate(candidate).state == .pool {
      try ask([NewQuestion(candidateID: candidate, choice: .more)])
    }
    return try taken(back: label) + " and asked again"
  }

  /// Goes on after `label` was taken back, and says so.
  private func taken(back label: LabelRecord) throws -> String {
    noteAnswer()
    insight?.remove(candidate: label.candidateID)
    postponed.remove(label.candidateID)
    lastAnswered = nil
    _ = try loadQuestion()
    switch label.kind {
    case .label: return "#\(label.candidateID) is no longer labelled \(label.className ?? "?")"
    case .skip: return "#\(label.candidateID) is no longer skipped"
    case .unsure: return "#\(label.candidateID) is no longer marked as unsure"
    }
  }

  package func addClass(_ name: String) throws {
    try store.addClass(try Name(name), at: clock.stamp)
    classes = try store.classes()
  }

  package func queue(limit: Int) throws -> [OperatorQueueEntry] {
    try store.queue(limit: limit, order: .chosen).map { entry in
      // What the model says of an audit would lead whoever answers.
      let isKept = isFresh || entry.candidate.isAudit
      return OperatorQueueEntry(
        candidate: entry.candidate.id, photoName: entry.captures.first?.originalName ?? "?",
        guess: isKept ? nil : entry.prediction.flatMap { guesses($0).first },
        score: isKept ? nil : entry.prediction?.score)
    }
  }

  package func preview(candidate: Int64, _ request: PreviewRequest) throws -> String {
    guard let hash = try store.captures(of: candidate).first?.sha256 else {
      throw DeviceError.gone(candidate: candidate)
    }
    let photo = Photo(path: try store.photos.path(of: hash), limits: settings.decoding)
    return try previewText(of: photo, request)
  }
}
