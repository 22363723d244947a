/// Why a label is asked once more.
package enum LabelDoubt: Hashable, Sendable, Codable {
  /// The model is sure of another class.
  case model(given: Double, other: Int, probability: Double)
  /// A photo that is nearly the same was given another class.
  case twin(candidate: Int64, label: Int, cosine: Double)
}

/// When a label contradicts the model or an earlier label so strongly that it is asked once more.
package struct DoubtRule: Hashable, Sendable, Codable {
  /// The model's probability of the given class lies below this …
  package var givenBelow: Double
  /// … and that of another class at or above this. A model for several classes that is 95 % sure by the
  /// mean of all patches is seldom wrong, or else the operator's second look is worth its time.
  package var otherAtLeast: Double
  /// Labels that the model has learned from at least: what a few labels taught is no ground for doubt.
  package var leastLabels: Int
  /// Share of the labels held out for its gate that the model got right at least.
  package var leastAccuracy: Double
  /// Cosine at which two photos count as nearly the same. On five packs of photos (9,792 in all,
  /// standardised EfficientNet-Lite0 features, mean of 8 patches) the nearest photo of another class
  /// had at most 0.82, and all of the 462 pairs of 0.9 or more were of one class.
  package var twinCosine: Double

  /// A rule; the defaults are the device's.
  package init(
    givenBelow: Double = 0.05, otherAtLeast: Double = 0.95, leastLabels: Int = 40,
    leastAccuracy: Double = 0.7, twinCosine: Double = 0.9
  ) {
    self.givenBelow = givenBelow
    self.otherAtLeast = otherAtLeast
    self.leastLabels = leastLabels
    self.leastAccuracy = leastAccuracy
    self.twinCosine = twinCosine
  }

  /// Whether what a model says may cast doubt on a label: it has passed the gate with enough labels.
  ///
  /// `accuracy` is its share of right held-out labels, `nil` if none were held out.
  package func trusts(labels: Int, accuracy: Double?) -> Bool {
    labels >= leastLabels && (accuracy ?? 0) >= leastAccuracy
  }

  /// Why the label `given` is to be asked again, or `nil` if nothing speaks against it.
  ///
  /// - Parameters:
  ///   - probabilities: what a trusted model says, one a class; `nil` without such a model. A class
  ///     that the model does not know yet contradicts nothing.
  ///   - neighbours: labelled examples, the nearest first. Of those nearly the same one with the given
  ///     class speaks for the label.
  package func doubt(
    given: Int, probabilities: [Double]?, neighbours: [LabelledExamples.Neighbour]
  ) -> LabelDoubt? {
    let twins = neighbours.filter { $0.cosine >= twinCosine }
    if twins.contains(where: { $0.label == given }) { return nil }
    if let twin = twins.first {
      return .twin(candidate: twin.candidate, label: twin.label, cosine: twin.cosine)
    }
    guard let probabilities, probabilities.indices.contains(given) else { return nil }
    let best = probabilities.indices.reduce(0) {
      probabilities[$1] > probabilities[$0] ? $1 : $0
    }
    guard best != given, probabilities[given] < givenBelow, probabilities[best] >= otherAtLeast
    else { return nil }
    return .model(given: probabilities[given], other: best, probability: probabilities[best])
  }
}
