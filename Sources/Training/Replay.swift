package import Inference
import Kernels

/// The old labels worth training on again, as many as fit: those the head gets wrong or is not
/// sure of, the hardest first.
///
/// Samples are offered one after the other, so that a store need never hold more than the replay in
/// memory.
///
/// - Source: ACFT(HQ) in Zhou et al., Medical Image Analysis 71, 2021, table 2.
package struct Replay: Sendable {
  /// Samples kept, in the order they were offered.
  package var samples: [TrainingSample] { kept.sorted { $0.order < $1.order }.map(\.sample) }
  /// Samples that were hard but did not fit.
  package private(set) var crowdedOut = 0
  /// Samples the head is sure of and right about.
  package private(set) var easy = 0

  private struct Entry: Sendable {
    var sample: TrainingSample
    var probability: Float
    var order: Int
  }
  private let head: Head
  private let confidence: Float
  private let byteBudget: Int
  private var kept: [Entry] = []
  private var keptBytes = 0
  private var offered = 0

  /// An empty replay for fine-tuning `head`, of at most `byteBudget` bytes of features.
  package init(head: Head, confidence: Float, byteBudget: Int) {
    self.head = head
    self.confidence = confidence
    self.byteBudget = byteBudget
  }

  /// Keeps `sample` if it is hard and there is room, or harder than one that is kept.
  ///
  /// - Complexity: O(patches × classes × features + samples kept).
  package mutating func offer(_ sample: TrainingSample) {
    let judged = Judgement(sample, by: head)
    guard confidence >= 1 || !judged.isRight || judged.probability < confidence else {
      easy += 1
      return
    }
    kept.append(Entry(sample: sample, probability: judged.probability, order: offered))
    keptBytes += byteCount(of: sample)
    offered += 1
    while keptBytes > byteBudget, let easiest = easiest {
      keptBytes -= byteCount(of: kept[easiest].sample)
      kept.remove(at: easiest)
      crowdedOut += 1
    }
  }

  /// Index of the kept sample with the highest probability, the youngest of equals.
  private var easiest: Int? {
    kept.indices.max {
      let (left, right) = (kept[$0], kept[$1])
      return left.probability == right.probability
        ? left.order < right.order : left.probability < right.probability
    }
  }
}

/// What a head says of a labelled sample: the mean of its probabilities over the patches.
struct Judgement {
  /// Probability of the label.
  let probability: Float
  /// Whether no other class is more probable; of equals the first counts.
  let isRight: Bool

  init(_ sample: TrainingSample, by head: Head) {
    let classes = head.classes.count
    let each = head.probabilities(sample.features.span, count: sample.patches)
    var mean = [Float](repeating: 0, count: classes)
    for (index, probability) in each.enumerated() { mean[index % classes] += probability }
    let top = mean.indices.reduce(0) { mean[$1] > mean[$0] ? $1 : $0 }
    probability = mean[sample.label] / Float(max(sample.patches, 1))
    isRight = top == sample.label
  }
}
