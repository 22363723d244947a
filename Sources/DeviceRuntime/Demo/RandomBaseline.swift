import ActiveLearning
package import Inference
package import SampleStore
import Tensors
package import Training

/// What the same device reaches with photos taken at random instead of chosen.
///
/// Each run goes through the same rounds: as many questions, as many of them audits of the same
/// candidates' kind, the same fine-tuning and the same gate.
/// An answer `unsure` counts as a question here as it does there.
package struct RandomBaseline: Sendable {
  /// A photo of the pool: its features, and the class the truth gives it; `nil` if nobody can tell.
  package struct Candidate: Sendable {
    package var id: Int64
    package var features: FeatureBlock
    package var label: Int?
    /// Whether it is kept apart to measure accuracy on, as the device has it.
    package var isAudit: Bool
  }

  package var classes: [String]
  package var settings: FineTuneSettings
  package var scaling: FeatureScaling
  /// Which questions are audits.
  package var auditShare: Double

  /// Accuracy after each of `rounds` (questions asked so far), as `evaluate` measures it.
  package func run(
    pool: [Candidate], rounds: [Int], seed: UInt64, evaluate: (Head) -> Double
  ) throws -> [Double] {
    var random = SeededRandom(seed: seed)
    var shuffled = pool
    random.shuffle(&shuffled)
    var others = shuffled.filter { !$0.isAudit }[...]
    var audits = shuffled.filter(\.isAudit)[...]
    let rule = AuditRule(share: auditShare, seed: seed)
    var order: [Candidate] = []
    var head = Head(classes: classes, featureCount: scaling.featureCount)
    var accuracies: [Double] = []
    for asked in rounds {
      let seen = order.count
      let audited = order.count(where: \.isAudit)
      let due = rule.questions(answered: seen, audited: audited, batch: max(0, asked - seen))
      for _ in 0..<due { if let next = audits.popFirst() { order.append(next) } }
      while order.count < asked, let next = others.popFirst() ?? audits.popFirst() {
        order.append(next)
      }
      var round = LearningRound(head: head, settings: settings)
      for (index, candidate) in order.enumerated() {
        guard let label = candidate.label else { continue }
        round.add(
          TrainingSample(
            candidate: candidate.id, label: label, features: candidate.features.values,
            patches: candidate.features.patches), isNew: index >= seen,
          isHeldOut: candidate.isAudit)
      }
      if round.hasNews {
        let outcome = try round.run(scaling: scaling, seed: seed &+ UInt64(round.count))
        if outcome.verdict.accepted { head = outcome.head }
      }
      accuracies.append(evaluate(head))
    }
    return accuracies
  }
}
