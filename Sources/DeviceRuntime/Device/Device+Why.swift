package import ActiveLearning
import SampleStore
import Training

extension Device {
  /// The labelled examples, read from the store when they are first needed after a round, and when
  /// there are half as many captures again: few photos give another scale than many. They share the
  /// memory of training, which forgets them before it begins.
  func currentInsight() throws -> StoreInsight {
    let captures = try store.counts().captures
    if let insight, captures <= insight.captureCount * 3 / 2 { return insight }
    insight = nil
    let fresh = try StoreInsight(
      store: store, bodySHA256: judge.bodySHA256, featureCount: judge.featureCount,
      byteBudget: settings.training.byteBudget / 2, rule: settings.novelty)
    insight = fresh
    return fresh
  }

  /// All that is known of why `candidate` is asked; of an audit nothing that the model says, which
  /// would lead the operator.
  package func why(candidate: Int64) throws -> QuestionWhy {
    let entry = try store.entry(candidate)
    let recheck = try store.openRechecks().first { $0.candidateID == candidate }
    return try currentInsight().why(
      entry, prediction: entry.candidate.isAudit ? nil : try knownPrediction(entry),
      value: settings.choice.value,
      reason: recheck == nil ? try reasonOfAsking(entry) : .again,
      sentence: recheck.map { doubtSentence($0) })
  }

  /// What the head says of a candidate that it knows anything of; computed where the store has it not,
  /// as for labelled ones after a round.
  func knownPrediction(_ entry: QueueEntry) throws -> Prediction? {
    guard !isFresh else { return nil }
    if let prediction = entry.prediction { return prediction }
    return try store.features(of: entry.candidate.id, bodySHA256: judge.bodySHA256).map {
      prediction(of: entry.candidate.id, $0)
    }
  }

  /// Why a candidate was chosen, where something else than its score decided.
  private func reasonOfAsking(_ entry: QueueEntry) throws -> AskingReason? {
    AskingReason(try store.choice(of: entry.candidate.id), of: entry.candidate)
  }
}
