package import ActiveLearning
import SampleStore

/// What waits for an answer, in the order in which it will be asked, and what would come next.
package struct QueueListing {
  /// One candidate.
  package struct Line: Codable, Sendable {
    package var candidate: Int64
    package var photo: String
    /// `queued`, `again` for a label in doubt, `pool` for what would be chosen next.
    package var state: String
    package var guess: String?
    package var probability: Double?
    package var score: Double?
    /// Where it was asked for.
    package var why: QuestionWhy?
  }

  /// The first `limit` lines of the store in `folder`, with the reasons if `why` says so.
  ///
  /// What the pool holds is listed only once a model has learned something: before, the next round is
  /// chosen by the features of all photos together. Of audits the guess is kept back, not to lead
  /// whoever answers.
  package static func lines(
    folder: String, limit: Int, why: Bool, byteBudget: Int
  ) throws -> [Line] {
    let store = try SampleStore.openReadOnly(folder)
    let rechecks = try store.openRechecks()
    var entries = try store.queue(limit: limit, order: .chosen).map { ($0, "queued") }
    entries += try rechecks.map { (try store.entry($0.candidateID), "again") }
    let pool = try store.ranking(limit: limit + entries.count)
    entries +=
      pool.filter {
        $0.candidate.state == .pool && !$0.candidate.isAudit
          && $0.prediction?.knowsSomething == true
      }
      .map { ($0, "pool") }
    let insight = why ? try insight(store, byteBudget: byteBudget) : nil
    let names = try store.classes().map(\.name)
    return try entries.prefix(max(0, limit)).map { entry, state in
      let isKnown = entry.prediction?.knowsSomething == true && !entry.candidate.isAudit
      let prediction = isKnown ? entry.prediction : nil
      let mean = prediction?.mean
      var line = Line(
        candidate: entry.candidate.id, photo: entry.captures.first?.originalName ?? "?",
        state: state,
        guess: mean.flatMap { names.indices.contains($0.best) ? names[$0.best] : nil },
        probability: mean.map { Double($0.probabilities[$0.best]) }, score: prediction?.score)
      let recheck = rechecks.first { $0.candidateID == entry.candidate.id }
      line.why = try insight?.why(
        entry, prediction: prediction, value: DeviceSettings().choice.value,
        reason: recheck == nil
          ? AskingReason(try store.choice(of: entry.candidate.id), of: entry.candidate) : .again,
        sentence: recheck.map(doubtSentence))
      return line
    }
  }

  /// `nil` while the store has no model or no photo.
  private static func insight(_ store: SampleStore, byteBudget: Int) throws -> StoreInsight? {
    guard let body = try store.activeModel()?.model.bodySHA256 else { return nil }
    var samples = store.poolSamples(
      bodySHA256: body, states: Set(CandidateState.allCases), chunk: 1)
    guard let count = try samples.next()?.first?.features.length else { return nil }
    return try StoreInsight(
      store: store, bodySHA256: body, featureCount: count, byteBudget: byteBudget)
  }
}

extension Prediction {
  /// Whether the head that made it knows anything: one of zeros holds all classes equally probable.
  var knowsSomething: Bool { probabilities.contains { $0 != probabilities.first } }
}

/// What is said with a question that is asked once more.
func doubtSentence(_ recheck: RecheckRecord) -> String {
  "asked once more: it was labelled \(recheck.className), but \(recheck.reason); the answer given "
    + "now stands"
}
