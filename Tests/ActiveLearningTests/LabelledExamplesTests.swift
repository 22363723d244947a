import ActiveLearning
import Foundation
import Tensors
import Testing

@Suite("Labelled examples")
struct LabelledExamplesTests {
  static let dimension = 48
  static let kinds = 6

  /// Features around the centre of a made-up kind.
  static func feature(kind: Int, _ random: inout SeededRandom) -> [Float] {
    var centre = SeededRandom(seed: UInt64(kind))
    return (0..<dimension).map { _ in
      Float(4 * centre.unit() - 2 + random.unit() + random.unit() - 1)
    }
  }

  /// `count` examples of all kinds in turn, labelled by kind, on the scale of all of them.
  static func examples(_ count: Int, seed: UInt64 = 1) -> LabelledExamples {
    var random = SeededRandom(seed: seed)
    let features = (0..<count).map { feature(kind: $0 % kinds, &random) }
    var moments = FeatureMoments(dimension: dimension)
    for feature in features { moments.add(feature) }
    var examples = LabelledExamples(moments: moments)
    for (index, feature) in features.enumerated() {
      examples.add(candidate: Int64(index + 100), label: index % kinds, feature: feature)
    }
    return examples
  }

  @Test("gives the nearest first, each with its class, and leaves out the one that is asked about")
  func nearest() {
    var moments = FeatureMoments(dimension: 2)
    for corner: [Float] in [[1, 1], [-1, -1], [1, -1], [-1, 1]] { moments.add(corner) }
    var examples = LabelledExamples(moments: moments)
    examples.add(candidate: 7, label: 0, feature: [1, 0])
    examples.add(candidate: 8, label: 1, feature: [0, 2])
    examples.add(candidate: 9, label: 0, feature: [3, 3])
    let near = examples.nearest(to: [1, 0.5], limit: 2)
    #expect(near.map(\.candidate) == [9, 7])
    #expect(abs(near[0].cosine - 1.5 / (2.5).squareRoot()) < 1e-6, "4.5 / (√1.25 × √18)")
    #expect(near[0].label == 0)
    #expect(examples.nearest(to: [1, 0.5], limit: 5, except: 9).map(\.candidate) == [7, 8])
    #expect(examples.nearest(to: [1, 0], limit: 0).isEmpty)
  }

  @Test("keeps each one's distance to the nearest other while examples come and go")
  func distances() {
    var examples = Self.examples(30)
    let full = examples
    for candidate in [100, 117, 129, 103] as [Int64] { examples.remove(candidate: candidate) }
    examples.remove(candidate: 4)
    var again = LabelledExamples(moments: full.moments)
    var random = SeededRandom(seed: 1)
    let features = (0..<30).map { Self.feature(kind: $0 % Self.kinds, &random) }
    for (index, feature) in features.enumerated() where ![0, 17, 29, 3].contains(index) {
      again.add(candidate: Int64(index + 100), label: index % Self.kinds, feature: feature)
    }
    #expect(examples == again)
    #expect(full != examples && full.count == 30 && examples.count == 26)
    var one = LabelledExamples(moments: full.moments)
    one.add(candidate: 1, label: 0, feature: features[0])
    #expect(one.distances == [2])
    one.remove(candidate: 1)
    #expect(one.distances.isEmpty && one.nearest(to: features[0], limit: 3).isEmpty)
  }

  @Test("calls what is unlike all examples novel, and not more of the same", arguments: 1...5)
  func novelty(seed: Int) throws {
    let examples = Self.examples(60, seed: UInt64(seed))
    let limit = try #require(NoveltyRule().limit(examples.distances))
    var random = SeededRandom(seed: UInt64(seed), stream: 9)
    var (known, foreign) = (0, 0)
    for index in 0..<50 {
      for (kind, isKnown) in [(index % Self.kinds, true), (77, false)] {
        let feature = Self.feature(kind: kind, &random)
        let near = try #require(examples.nearest(to: feature, limit: 1).first)
        let isNovel = Novelty(distance: 1 - near.cosine, limit: limit).isNovel
        if isNovel, isKnown { known += 1 } else if isNovel { foreign += 1 }
      }
    }
    #expect(foreign == 50, "a kind of which there is no example")
    #expect(known <= 5, "about 1 in 61 by the rule; seed \(seed)")
  }

  @Test("has no limit before enough is labelled, and takes the asked share of the distances")
  func limit() {
    let rule = NoveltyRule(leastExamples: 10, quantile: 0.8, factor: 2)
    #expect(rule.limit(Array(repeating: 0.5, count: 9)) == nil)
    // Of 1 ... 14 tenths the 12th: 12 of 15 places lie at or below it.
    let distances = (1...14).map { Double(15 - $0) / 10 }
    #expect(abs((rule.limit(distances) ?? 0) - 2.4) < 1e-12)
    #expect(NoveltyRule(leastExamples: 3).limit([0.1, 0.3, 0.2]) == 0.3, "at most the greatest")
    #expect(!Novelty(distance: 1.9, limit: nil).isNovel)
  }

  @Test("says so in JSON")
  func json() throws {
    let novelty = Novelty(distance: 0.75, limit: 0.5)
    let text = String(decoding: try JSONEncoder().encode(novelty), as: UTF8.self)
    #expect(text.contains("\"novel\":true"))
    #expect(try JSONDecoder().decode(Novelty.self, from: Data(text.utf8)) == novelty)
  }

  @Test("finds pairs that are nearly the same and labelled otherwise")
  func pairs() {
    var examples = Self.examples(Self.kinds)
    var random = SeededRandom(seed: 1)
    let first = Self.feature(kind: 0, &random)
    examples.add(candidate: 500, label: 1, feature: first)
    examples.add(candidate: 501, label: 0, feature: first)
    let pairs = examples.contradictingPairs(cosine: 0.9999)
    #expect(pairs.map { [$0.0.candidate, $0.1.candidate] } == [[100, 500], [500, 501]])
    #expect(pairs.allSatisfy { $0.0.label != $0.1.label && $0.0.cosine > 0.9999 })
  }

  @Test("compares by the mean of the patches, and features that never change count for nothing")
  func means() {
    #expect(meanFeature([1, 2, 3, 6], dimension: 2) == [2, 4])
    var moments = FeatureMoments(dimension: 2)
    moments.add([1, 5])
    moments.add([3, 5])
    #expect(moments.direction([4, 9]) == [1, 0])
    #expect(moments.direction([2, 9]) == [0, 0])
  }
}
