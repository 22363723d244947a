import Inference
import Testing
import Training

/// A head of two classes on one feature: p(second) is the logistic function of the feature.
private let logistic = Head(
  classes: ["no", "yes"], featureCount: 1, weights: [0, 1], bias: [0, 0])

/// A sample with one patch of one feature.
private func sample(_ candidate: Int64, _ feature: Float, label: Int) -> TrainingSample {
  TrainingSample(candidate: candidate, label: label, features: [feature], patches: 1)
}

@Suite("Gate")
struct GateTests {
  private let heldOut = [
    sample(1, 2, label: 1), sample(2, 1, label: 1), sample(3, -1, label: 0),
    sample(4, 0.5, label: 0),
  ]

  private func head(weight: Float) -> Head {
    Head(classes: ["no", "yes"], featureCount: 1, weights: [0, weight], bias: [0, 0])
  }

  @Test("a head that gets fewer held-out labels right is refused")
  func refuses() {
    let verdict = Gate.judge(current: logistic, proposed: head(weight: -1), heldOut: heldOut)
    #expect(!verdict.accepted && verdict.accuracyBefore == 0.75 && verdict.accuracyAfter == 0.25)
    #expect(verdict.why == "refused, it got worse: 3 → 1 of 4 audit labels right")
  }

  @Test("one as good or better passes, and says so")
  func accepts() throws {
    let same = Gate.judge(current: logistic, proposed: head(weight: 3), heldOut: heldOut)
    #expect(same.accepted && same.why.hasPrefix("accepted, as good as before: 3 → 3 of 4"))
    let (before, after) = (try #require(same.lossBefore), try #require(same.lossAfter))
    #expect(before > 0 && after > 0 && before != after)
    let better = Gate.judge(current: head(weight: -1), proposed: logistic, heldOut: heldOut)
    #expect(better.accepted && better.why.hasPrefix("accepted, it got better: 1 → 3 of 4"))
  }

  @Test("one that gets fewer right is refused, though the labels are likelier on the whole")
  func strict() {
    // The first label is just right before and just wrong after; the second is far likelier.
    let labels = [sample(1, 0.1, label: 1), sample(2, 2, label: 1), sample(3, -2, label: 0)]
    let before = Head(classes: ["no", "yes"], featureCount: 1, weights: [0, 0.2], bias: [0, 0])
    let after = Head(classes: ["no", "yes"], featureCount: 1, weights: [0, 3], bias: [0, -0.4])
    let verdict = Gate.judge(current: before, proposed: after, heldOut: labels)
    #expect(!verdict.accepted && verdict.accuracyBefore == 1 && verdict.accuracyAfter == 2.0 / 3)
    #expect(verdict.why == "refused, it got worse: 3 → 2 of 3 audit labels right")
  }

  @Test("of a step too far, the part that does no harm is taken")
  func goesPartOfTheWay() {
    // "yes" begins at −bias: at 3 two of the four are wrong, at half the way one, as at the start.
    let start = Head(classes: ["no", "yes"], featureCount: 1, weights: [0, 1], bias: [0, 0])
    let far = Head(classes: ["no", "yes"], featureCount: 1, weights: [0, 1], bias: [0, -3])
    let chosen = Gate.choose(current: start, proposed: far, heldOut: heldOut)
    #expect(chosen.verdict.accepted && chosen.verdict.step == 0.5)
    #expect(chosen.head.bias == [0, -1.5] && chosen.head.weights == [0, 1])
    #expect(
      chosen.verdict.why == "accepted, as good as before: 3 → 3 of 4 audit labels "
        + "right, after 1/2 of a step that made it worse as a whole")
    let onlyYes = [sample(1, 0.1, label: 1)]
    let refused = Gate.choose(current: start, proposed: far, heldOut: onlyYes)
    #expect(!refused.verdict.accepted && refused.verdict.step == 0 && refused.head == start)
    let taken = Gate.choose(current: far, proposed: start, heldOut: onlyYes)
    #expect(taken.verdict.step == 1 && taken.head == start)
  }

  @Test("nothing to judge by lets pass, numbers that are none do not")
  func edges() {
    let blind = Gate.judge(current: logistic, proposed: logistic, heldOut: [])
    #expect(blind.accepted && blind.accuracyAfter == nil && blind.why.contains("no audit label"))
    let broken = Gate.judge(current: logistic, proposed: head(weight: .nan), heldOut: heldOut)
    #expect(!broken.accepted && broken.why.contains("not finite"))
  }

  @Test("the patches of a candidate are judged together")
  func patches() {
    let mixed = [TrainingSample(candidate: 1, label: 1, features: [-1, 3], patches: 2)]
    let verdict = Gate.judge(current: logistic, proposed: logistic, heldOut: mixed)
    #expect(verdict.accuracyAfter == 1)
  }
}
