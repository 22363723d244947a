import Inference
import Tensors

/// What heads say of labels that they have not been trained on.
///
/// The samples are dealt into folds; each fold is judged by a head that was trained, from nothing, on
/// the others. So every label gets probabilities that it had no part in.
package struct CrossFitting: Sendable {
  /// How each head is trained.
  package var settings: FineTuneSettings
  /// Folds, at least 2; no more than there are samples.
  package var folds: Int

  /// Cross-fitting in `folds` folds.
  package init(settings: FineTuneSettings = .init(), folds: Int = 5) {
    self.settings = settings
    self.folds = folds
  }

  /// The probabilities of each sample, `[samples][classes]`, mean over its patches, in their order;
  /// empty for fewer than two samples.
  ///
  /// Each class is spread evenly over the folds, in an order that the seed of `settings` decides.
  ///
  /// - Throws: `TrainingError` as a fine-tune does.
  /// - Complexity: that of `folds` fine-tunes.
  package func probabilities(
    of samples: [TrainingSample], classes: [String], scaling: FeatureScaling
  ) throws(TrainingError) -> [[Double]] {
    guard samples.count >= 2 else { return [] }
    let fold = dealt(samples.map(\.label))
    let tuner = FineTuner(settings)
    let start = Head(classes: classes, featureCount: scaling.featureCount)
    var result = [[Double]](repeating: [], count: samples.count)
    for held in 0..<(fold.max() ?? 0) + 1 {
      let others = samples.indices.filter { fold[$0] != held }.map { samples[$0] }
      let head = try tuner.fineTune(head: start, new: others, old: [], scaling: scaling).head
      for index in samples.indices where fold[index] == held {
        result[index] = head.mean(samples[index])
      }
    }
    return result
  }

  /// The fold of each sample: the samples of a class follow one another, and the classes too.
  private func dealt(_ labels: [Int]) -> [Int] {
    var random = SeededRandom(seed: settings.seed)
    var order = Array(labels.indices)
    random.shuffle(&order)
    let byClass = order.enumerated().sorted {
      let (left, right) = (labels[$0.element], labels[$1.element])
      return left == right ? $0.offset < $1.offset : left < right
    }
    var fold = [Int](repeating: 0, count: labels.count)
    let count = max(2, min(folds, labels.count))
    for (place, item) in byClass.enumerated() { fold[item.element] = place % count }
    return fold
  }
}

extension Head {
  /// The mean of the probabilities over the patches of `sample`, `[classes]`.
  fileprivate func mean(_ sample: TrainingSample) -> [Double] {
    var sums = [Double](repeating: 0, count: classes.count)
    for (index, probability) in probabilities(sample.features.span, count: sample.patches)
      .enumerated()
    {
      sums[index % classes.count] += Double(probability)
    }
    return sums.map { $0 / Double(sample.patches) }
  }
}
