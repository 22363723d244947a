import Inference
import Training

/// How a model is made from the labels so far: the fine-tuning strategies of the journal paper.
///
/// RFT(LQ), random questions learned from the beginning, is `aftLQ` with the strategy `random`.
///
/// - Source: Zhou et al., Medical Image Analysis 71, 2021, table 2.
package enum Learner: String, Hashable, Sendable, Codable, CaseIterable {
  /// From the pretrained start on all labels, each round anew.
  case aftLQ = "aft-lq"
  /// From the last model on the new labels alone; what they do not show is forgotten.
  case acftQ = "acft-q"
  /// From the last model on all labels.
  case acftLQ = "acft-lq"
  /// From the last model on the new labels and those old ones that are wrong or not sure: what a
  /// device does.
  case acftHQ = "acft-hq"

  /// What it does, in a few words.
  package var summary: String {
    switch self {
    case .aftLQ: "AFT(LQ): from the pretrained start on all labels"
    case .acftQ: "ACFT(Q): from the last model on the new labels alone"
    case .acftLQ: "ACFT(LQ): from the last model on all labels"
    case .acftHQ: "ACFT(HQ): from the last model on new and hard old labels"
    }
  }

  /// The head after a round with the labels `new`, when `old` ones had been learned before.
  func learn(
    from last: Head, new: [TrainingSample], old: [TrainingSample], scaling: FeatureScaling,
    settings: FineTuneSettings
  ) throws(TrainingError) -> Head {
    var settings = settings
    let start: Head
    var (fresh, replayed) = (new, old)
    switch self {
    case .aftLQ:
      start = Head(classes: last.classes, featureCount: last.featureCount)
      (fresh, replayed) = (old + new, [])
    case .acftQ:
      start = last
      replayed = []
    case .acftLQ:
      start = last
      settings.replayConfidence = 1
    case .acftHQ:
      start = last
    }
    return try FineTuner(settings).fineTune(
      head: start, new: fresh, old: replayed, scaling: scaling
    ).head
  }
}
