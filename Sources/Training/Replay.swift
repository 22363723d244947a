package import Inference
import Kernels
import Tensors

/// The old labels to train on again: those the head gets wrong or is not sure of.
///
/// Samples are offered one after the other, so that a store need never hold more than the replay in
/// memory. Where the hard ones do not fit, all of them keep fewer patches (half as many, and half
/// again; the first patch, the whole photo, always stays); where one patch each is too much, a
/// random draw of them stays and counts for the ones left out. Keeping only the very hardest
/// instead teaches a head that all it knew is wrong: it falls below a guess within a few rounds.
///
/// - Source: ACFT(HQ) in Zhou et al., Medical Image Analysis 71, 2021, table 2; Vitter, "Random
///   sampling with a reservoir", 1985.
package struct Replay: Sendable {
  /// Hard samples that were left out.
  package var crowdedOut: Int { hard - kept.count }
  /// Samples the head is sure of and right about.
  package private(set) var easy = 0

  private let head: Head
  private let confidence: Float
  private let byteBudget: Int
  private var random: SeededRandom
  private var kept: [TrainingSample] = []
  private var keptBytes = 0
  private var patchLimit = Int.max
  private var hard = 0

  /// An empty replay for fine-tuning `head`, of at most `byteBudget` bytes.
  package init(head: Head, confidence: Float, byteBudget: Int, seed: UInt64) {
    self.head = head
    self.confidence = confidence
    self.byteBudget = byteBudget
    random = SeededRandom(seed: seed, stream: 0x7265_706c_6179)
  }

  /// The samples kept, as thin as they had to be, each counting for its share of the hard ones.
  package var samples: [TrainingSample] {
    guard crowdedOut > 0 else { return kept }
    let share = Float(hard) / Float(max(kept.count, 1))
    return kept.map { sample in
      var sample = sample
      sample.weight *= share
      return sample
    }
  }

  /// Keeps `sample` if it is hard and there is room, or the draw falls on it.
  ///
  /// - Complexity: O(patches × classes × features), amortised.
  package mutating func offer(_ sample: TrainingSample) {
    let judged = Judgement(sample, by: head)
    guard confidence >= 1 || !judged.isRight || judged.probability < confidence else {
      easy += 1
      return
    }
    hard += 1
    kept.append(thinned(sample))
    keptBytes += byteCount(of: kept[kept.count - 1])
    while keptBytes > byteBudget {
      let most = kept.reduce(1) { max($0, $1.patches) }
      guard most > 1 else { return drawLast() }
      patchLimit = most / 2
      for index in kept.indices { kept[index] = thinned(kept[index]) }
      keptBytes = kept.reduce(0) { $0 + byteCount(of: $1) }
    }
  }

  /// `sample` with no more than the first `patchLimit` patches.
  private func thinned(_ sample: TrainingSample) -> TrainingSample {
    guard sample.patches > patchLimit else { return sample }
    var sample = sample
    sample.features = Array(sample.features.prefix(patchLimit * head.featureCount))
    sample.patches = patchLimit
    return sample
  }

  /// Takes the last sample out again, or another in its place, so that each hard one is as likely
  /// to stay.
  private mutating func drawLast() {
    let last = kept.removeLast()
    keptBytes -= byteCount(of: last)
    let place = random.below(hard)
    if place < kept.count { kept[place] = last }
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
