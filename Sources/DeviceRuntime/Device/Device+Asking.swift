import ActiveLearning
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
    guard hasNews else { return false }
    hasNews = false
    do {
      return try ask()
    } catch {
      hasNews = true
      throw error
    }
  }

  private func ask() throws -> Bool {
    if try loadQuestion() { return true }
    let counts = try store.counts()
    guard stopReason == nil, counts.captures >= settings.askAfter else { return false }
    var chosen = try chooseBatch(counts)
    if chosen.isEmpty, hasAnsweredSinceRequeue, (counts.decisions[.skip] ?? 0) > 0 {
      hasAnsweredSinceRequeue = false
      try store.requeueSkipped(by: operatorName, at: clock.stamp)
      chosen = try chooseBatch(counts)
    }
    guard !chosen.isEmpty else {
      try sayEmpty()
      return false
    }
    hasSaidEmpty = false
    try store.setQueue(chosen)
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

  /// The candidates to ask next: by their features while the head knows nothing, by score then.
  private func chooseBatch(_ counts: StoreCounts) throws -> [Int64] {
    let answered = counts.labels + (counts.decisions[.unsure] ?? 0)
    let left = max(0, settings.labelBudget - answered)
    guard !chosenByFeatures else {
      return try chooseByFeatures(min(settings.firstBatch, left))
    }
    let ranking = try store.ranking(limit: settings.batch * max(4, settings.batching.randomisation))
    let chosen = selectBatch(
      scores: ranking.map { $0.prediction?.score ?? 0 }, count: min(settings.batch, left),
      settings: settings.batching, seed: settings.seed &+ UInt64(model.id))
    return chosen.map { ranking[$0].candidate.id }
  }

  /// Typical and mutually far candidates among at most 2,000, by the features of the whole photo.
  private func chooseByFeatures(_ count: Int) throws -> [Int64] {
    var ids: [Int64] = []
    var values: [Float] = []
    var samples = store.poolSamples(bodySHA256: judge.bodySHA256)
    while ids.count < 2000, let chunk = try samples.next() {
      for sample in chunk {
        ids.append(sample.candidateID)
        values += sample.features.values.prefix(judge.featureCount)
      }
    }
    guard !ids.isEmpty else { return [] }
    let chosen = coldStart(
      features: FeatureTable(dimension: judge.featureCount, values: values),
      count: count, seed: settings.seed)
    return chosen.map { ids[$0] }
  }

  /// Takes the first queued candidate as the question; returns whether there is one.
  private func loadQuestion() throws -> Bool {
    guard let entry = try store.queue(limit: 1, order: .chosen).first else {
      currentQuestion = nil
      return false
    }
    let counts = try store.counts()
    currentQuestion = question(entry, waiting: counts.queued - 1)
    return true
  }

  private func question(_ entry: QueueEntry, waiting: Int) -> OperatorQuestion {
    var reason = QuestionReason()
    var guesses: [ClassGuess] = []
    if chosenByFeatures {
      reason.note = "typical of the photos so far, and unlike the others asked in this round"
    } else if let prediction = entry.prediction {
      guesses = self.guesses(prediction)
      reason = why(prediction)
    }
    return OperatorQuestion(
      candidate: entry.candidate.id, photoName: entry.captures.first?.originalName ?? "?",
      photoCount: entry.captures.count, guesses: guesses, reason: reason, waiting: waiting)
  }

  /// The classes by the mean over the patches, most probable first.
  private func guesses(_ prediction: Prediction) -> [ClassGuess] {
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

  /// Ends the asking, durably noted; labels may still be undone.
  func stop(_ reason: String) {
    guard stopReason == nil else { return }
    stopReason = reason
    notice("No more questions: \(reason).")
    log.info("asking stopped", metadata: ["reason": "\(reason)"])
    do {
      try store.recordEvent(.info, kind: "asking.stopped", message: reason, at: clock.stamp)
    } catch {
      log.error("event not kept", metadata: ["error": "\(error)"])
    }
  }
}

extension Device: OperatorDesk {
  package var question: OperatorQuestion? { currentQuestion }

  package var classNames: [String] { classes.map(\.name) }

  package var statusLine: String {
    guard let counts = try? store.counts() else { return "the store cannot be read" }
    let accuracy =
      model.model.accuracyAfter.map { " (\(decimal(100 * $0, 0)) % of held-out labels)" } ?? ""
    return "\(counts.captures) photos, \(counts.queued) wait, \(counts.labels) labels, "
      + "model \(model.id)\(accuracy)"
  }

  package func answer(candidate: Int64, _ answer: OperatorAnswer) throws -> String {
    defer { (hasNews, hasNewAnswers) = (true, true) }
    let guess = ((try? store.prediction(of: candidate)) ?? nil).flatMap { guesses($0).first }?
      .className
    switch answer {
    case .label(let name):
      guard let known = try store.findClass(try Name(name)) else {
        throw DeviceError.unknownClass(name)
      }
      _ = try store.label(
        candidate: candidate, kind: .label, class: known.id, operator: operatorName,
        at: clock.stamp)
      note(guess == name ? .asGuessed : .otherwise)
    case .skip:
      _ = try store.label(
        candidate: candidate, kind: .skip, class: nil, operator: operatorName, at: clock.stamp)
    case .unsure:
      _ = try store.label(
        candidate: candidate, kind: .unsure, class: nil, operator: operatorName, at: clock.stamp)
      note(.unsure)
    }
    // The answer is durable: nothing that fails from here on may say otherwise.
    if answer != .skip { hasAnsweredSinceRequeue = true }
    if candidate == currentQuestion?.candidate {
      currentQuestion = nil
      _ = try? loadQuestion()
    }
    guard let waiting = try? store.counts().queued else { return "" }
    return waiting == 0 ? "the round is complete" : "\(waiting) more until the next round"
  }

  /// Remembers how the model fared on a photo that the criteria chose.
  private func note(_ answer: LearningHistory.Answer) {
    if !chosenByFeatures { history.answers.append(answer) }
  }

  package func undo() throws -> String {
    guard let label = try store.undoLast(operator: operatorName, at: clock.stamp) else {
      throw DeviceError.nothingToUndo
    }
    (hasNews, hasNewAnswers) = (true, true)
    if !chosenByFeatures, label.kind != .skip, !history.answers.isEmpty {
      history.answers.removeLast()
    }
    // What was labelled when the pool was last scored has no score by this model.
    if let features = try? store.features(of: label.candidateID, bodySHA256: judge.bodySHA256) {
      try? store.save([prediction(of: label.candidateID, features)], model: model.id)
    }
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
      OperatorQueueEntry(
        candidate: entry.candidate.id, photoName: entry.captures.first?.originalName ?? "?",
        guess: chosenByFeatures ? nil : entry.prediction.flatMap { guesses($0).first },
        score: chosenByFeatures ? nil : entry.prediction?.score)
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
