package import Inference
import Kernels

/// Whether a trained head may take the place of the current one, and why.
package struct Verdict: Hashable, Sendable, Codable {
  package var accepted: Bool
  /// How far from the current head to the proposed one the way is taken: 1 all of it, 0 refused.
  package var step: Double
  /// Audit labels judged by.
  package var heldOut: Int
  /// Share of the audit labels each head gets right; `nil` without audit labels.
  package var accuracyBefore: Double?
  package var accuracyAfter: Double?
  /// Mean of −ln p(label) over the audit labels; `nil` without.
  package var lossBefore: Double?
  package var lossAfter: Double?
  /// A sentence without a full stop, for the console and the report.
  package var why: String
}

/// Lets a trained head through only if labels it never saw do not get worse.
package enum Gate {
  /// Compares two heads on `heldOut`, the audit labels, which neither may have been trained on.
  ///
  /// A sample counts as its patches' mean probabilities say. The proposed head is refused if fewer
  /// of the labels are right, or if one of its numbers is not finite.
  package static func judge(
    current: Head, proposed: Head, heldOut: [TrainingSample]
  ) -> Verdict {
    guard proposed.weights.allSatisfy(\.isFinite), proposed.bias.allSatisfy(\.isFinite) else {
      return Verdict(
        accepted: false, step: 0, heldOut: heldOut.count,
        why: "the trained weights are not finite numbers")
    }
    // A head of zeros gets right what is of the first class: a trained one must not lose to that.
    if current.weights.allSatisfy({ $0 == 0 }) {
      return Verdict(
        accepted: true, step: 1, heldOut: heldOut.count,
        why: "accepted: the head before it knew nothing")
    }
    guard !heldOut.isEmpty else {
      return Verdict(
        accepted: true, step: 1, heldOut: 0, why: "accepted untested: there is no audit label yet")
    }
    let (before, after) = (Tally(heldOut, by: current), Tally(heldOut, by: proposed))
    let count = heldOut.count
    let figures = "\(before.right) → \(after.right) of \(count) audit labels right"
    let why =
      if after.right < before.right {
        "refused, it got worse: \(figures)"
      } else if after.right > before.right {
        "accepted, it got better: \(figures)"
      } else {
        "accepted, as good as before: \(figures)"
      }
    let accepted = after.right >= before.right
    return Verdict(
      accepted: accepted, step: accepted ? 1 : 0, heldOut: count,
      accuracyBefore: Double(before.right) / Double(count),
      accuracyAfter: Double(after.right) / Double(count), lossBefore: before.loss / Double(count),
      lossAfter: after.loss / Double(count), why: why)
  }

  /// The head to go on with: the proposed one, or the farthest of half, a quarter and an eighth of
  /// the way to it that does not get worse, or the current one.
  ///
  /// A few audit labels judge coarsely: one that flips refuses a round that did good elsewhere.
  /// Going half the way keeps the promise and most of the good. Of two heads for different classes
  /// or features only the whole way is tried.
  ///
  /// - Returns: the head, and the verdict on it; the verdict on the whole way if all are refused.
  package static func choose(
    current: Head, proposed: Head, heldOut: [TrainingSample]
  ) -> (head: Head, verdict: Verdict) {
    let whole = judge(current: current, proposed: proposed, heldOut: heldOut)
    if whole.accepted { return (proposed, whole) }
    if whole.accuracyAfter != nil, current.classes == proposed.classes,
      current.featureCount == proposed.featureCount
    {
      for step in [0.5, 0.25, 0.125] as [Float] {
        let head = current.moved(step, towards: proposed)
        var verdict = judge(current: current, proposed: head, heldOut: heldOut)
        guard verdict.accepted else { continue }
        verdict.step = Double(step)
        verdict.why += ", after 1/\(Int(1 / step)) of a step that made it worse as a whole"
        return (head, verdict)
      }
    }
    return (current, whole)
  }
}

extension Head {
  /// The head `share` of the way from this one to `other`, which has its shape.
  fileprivate func moved(_ share: Float, towards other: Head) -> Head {
    let between = { (from: Float, to: Float) in from + share * (to - from) }
    return Head(
      classes: classes, featureCount: featureCount,
      weights: zip(weights, other.weights).map(between), bias: zip(bias, other.bias).map(between))
  }
}

/// How a head does on labelled samples.
private struct Tally {
  var right = 0
  var loss = 0.0

  init(_ samples: [TrainingSample], by head: Head) {
    for sample in samples {
      let judged = Judgement(sample, by: head)
      if judged.isRight { right += 1 }
      loss -= Double(logF32(max(judged.probability, 1e-30)))
    }
  }
}
