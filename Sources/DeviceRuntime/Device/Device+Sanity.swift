import ActiveLearning
import Logging
import SampleStore

extension Device {
  /// What speaks against labelling `candidate` with `label`, in a sentence, or `nil`. No candidate is
  /// doubted twice, and no audit at all: to ask again only where the model disagrees would flatter it.
  /// An error casts no doubt: the answer must be kept all the same.
  func doubt(about candidate: Int64, label: ClassRecord) -> String? {
    do {
      let entry = try store.entry(candidate)
      guard !entry.candidate.isAudit, try !store.wasInDoubt(candidate: candidate) else {
        return nil
      }
      let rule = settings.doubt
      let trusts = rule.trusts(
        labels: model.model.labelCount, accuracy: model.model.accuracyAfter)
      let probabilities = try knownPrediction(entry)?.mean.probabilities
      let neighbours = try currentInsight().neighbours(of: candidate, limit: 5)
      let doubt = rule.doubt(
        given: label.position, probabilities: trusts ? probabilities?.map { Double($0) } : nil,
        neighbours: neighbours)
      return try doubt.map { try sentence($0) }
    } catch {
      log.warning("label not checked", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  private func sentence(_ doubt: LabelDoubt) throws -> String {
    let name = { [classes] (position: Int) in
      classes.first { $0.position == position }?.name ?? "?"
    }
    switch doubt {
    case .model(let given, let other, let probability):
      return "the model is \(percent(probability)) sure of \(name(other)) and gives this class "
        + percent(given)
    case .twin(let candidate, let label, let cosine):
      let photo = try store.captures(of: candidate).first?.originalName ?? "?"
      return "#\(candidate) (\(photo)) looks nearly the same (cosine \(decimal(cosine, 2))) and is "
        + "labelled \(name(label))"
    }
  }

  /// Labels in doubt whose second answer is awaited in this round.
  func awaitedRechecks() throws -> [RecheckRecord] {
    try store.openRechecks().filter { !postponed.contains($0.candidateID) }
  }

  /// Takes the first label in doubt as the question; returns whether there is one.
  func loadRecheck() throws -> Bool {
    let open = try awaitedRechecks()
    let next = open.first { $0.candidateID != lastAnswered } ?? open.first
    guard let recheck = next else { return false }
    let entry = try store.entry(recheck.candidateID)
    var question = OperatorQuestion(
      candidate: recheck.candidateID, photoName: entry.captures.first?.originalName ?? "?",
      photoCount: entry.captures.count, guesses: [],
      reason: QuestionReason(note: doubtSentence(recheck)), waiting: open.count - 1)
    if let prediction = try knownPrediction(entry) { question.guesses = guesses(prediction) }
    currentQuestion = question
    return true
  }

  /// Keeps in mind what became of a label, for the examples and the doubts of those after it.
  func noteLabel(_ receipt: LabelReceipt, _ label: ClassRecord, doubt: String?) {
    do {
      if insight != nil {
        try insight?.add(candidate: receipt.candidateID, position: label.position)
      }
    } catch {
      insight = nil
    }
    if receipt.isInDoubt, let doubt {
      notice(
        "#\(receipt.candidateID) is kept as \(label.name), and will be asked once more: \(doubt).")
    }
  }

  /// Keeps in mind that nobody can tell a candidate, so that none like it is asked.
  func noteUnsure(_ candidate: Int64) {
    do { try insight?.addUnanswerable(candidate: candidate) } catch { insight = nil }
  }

  /// `chosen` with the waiting candidate that is least like anything labelled in the first place, if
  /// one is; the last makes room for it.
  func withNovelFirst(_ chosen: [Int64]) throws -> [Int64] {
    guard !isFresh, !chosen.isEmpty, let novel = try currentInsight().mostNovel(1).first?.candidate
    else {
      return chosen
    }
    let others = chosen.filter { $0 != novel }
    return [novel] + others.prefix(chosen.count - 1)
  }

  /// Whether a candidate is unlike anything labelled; what cannot be read is not.
  func isNovel(_ candidate: Int64) -> Bool {
    guard let counts = try? store.counts(), counts.labels >= settings.novelty.leastExamples else {
      return false
    }
    return (try? currentInsight().novelty(of: candidate)?.isNovel) == true
  }

  private func percent(_ probability: Double) -> String { ConsoleText.percent(probability) }
}
