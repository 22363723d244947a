package import Inference
package import SampleStore
import Tensors
package import Training

/// What the same device reaches with photos taken at random instead of chosen.
///
/// Each run goes through the same rounds: as many questions, the same fine-tuning and the same gate.
/// An answer `unsure` counts as a question here as it does there.
package struct RandomBaseline: Sendable {
  /// A photo of the pool: its features, and the class the truth gives it; `nil` if nobody can tell.
  package struct Candidate: Sendable {
    package var id: Int64
    package var features: FeatureBlock
    package var label: Int?
  }

  package var classes: [String]
  package var settings: FineTuneSettings
  package var scaling: FeatureScaling

  /// Accuracy after each of `rounds` (questions asked so far), as `evaluate` measures it.
  package func run(
    pool: [Candidate], rounds: [Int], seed: UInt64, evaluate: (Head) -> Double
  ) throws -> [Double] {
    var random = SeededRandom(seed: seed)
    var order = pool
    random.shuffle(&order)
    var head = Head(classes: classes, featureCount: scaling.featureCount)
    var accuracies: [Double] = []
    var seen = 0
    for asked in rounds {
      var round = LearningRound(head: head, settings: settings)
      for (index, candidate) in order.prefix(asked).enumerated() {
        guard let label = candidate.label else { continue }
        round.add(
          TrainingSample(
            candidate: candidate.id, label: label, features: candidate.features.values,
            patches: candidate.features.patches), isNew: index >= seen)
      }
      if round.hasNews {
        let outcome = try round.run(scaling: scaling, seed: seed &+ UInt64(round.count))
        if outcome.verdict.accepted { head = outcome.head }
      }
      seen = asked
      accuracies.append(evaluate(head))
    }
    return accuracies
  }
}
