package import SampleStore

extension Prediction {
  /// What the patches say together: a candidate is taken for the class of the greatest mean.
  ///
  /// One view of a photo is wrong more often than all of them: on solar cells the whole photo alone
  /// was right on 83 % of 416, the mean over its 8 patches on 89 %. Those were what one run had left
  /// unasked, the easier ones; on photos held out the gain was not measured apart.
  package struct Mean: Hashable, Sendable {
    /// Mean probability of each class over the patches.
    package var probabilities: [Float]
    /// Index of the greatest, the first of equals.
    package var best: Int
  }

  /// What the patches say together.
  package var mean: Mean { Self.meanOfPatches(probabilities, classCount: classCount) }

  /// The mean of `[patches, classCount]` probabilities.
  static func meanOfPatches(_ probabilities: [Float], classCount: Int) -> Mean {
    var sums = [Float](repeating: 0, count: classCount)
    for (index, probability) in probabilities.enumerated() {
      sums[index % classCount] += probability
    }
    let patches = Float(max(1, probabilities.count / max(1, classCount)))
    let means = sums.map { $0 / patches }
    return Mean(
      probabilities: means, best: means.indices.reduce(0) { means[$1] > means[$0] ? $1 : $0 })
  }
}
