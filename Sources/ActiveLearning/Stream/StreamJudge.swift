import Tensors

/// Decides of each capture as it comes whether to ask about it, so that the questions fit a rate.
///
/// A capture passes if its score is among the share p of the best of the latest scores, where p is
/// what the budget leaves over what is about to come. With the period W and the horizon H = W/4,
///
///     p = (budget − questions of the last W − H) / (arrivals a second × H),
///
/// so that the W that ends a horizon from now holds the budget: what was not used at night is used in
/// the morning, and a burst makes p smaller. Whatever p says, no W up to now ever holds more than
/// the budget. H = W/4 used 77 to 94 % of 20 questions a day in simulations of steady days, days and
/// nights, weeks and bursts of 8,000 a day; a longer one left more of it, a shorter one chose less well.
///
/// Only the order of scores counts, never their size, so that a scale that a fine-tune has changed
/// does no harm once `replaceScores` has been told what the new model says of the same captures.
package struct StreamJudge: Sendable {
  /// What became of a capture.
  package struct Decision: Hashable, Sendable {
    /// Whether to ask about it.
    package var isAsked: Bool
    /// Share of captures that pass at present, 0...1.
    package var share: Double
    /// The least score that passes for certain; `nil` if it was not asked or no known score would do.
    package var threshold: Double?
    /// Questions that the period still allows, before this one.
    package var allowance: Int
  }

  /// Scores that a capture is compared with: the latest of them.
  package static let scoreCount = 500
  /// Fewer than these say nothing about what is rare; nothing passes.
  package static let fewestScores = 20

  package let rate: AskRate
  /// Share of the questions that audits take; they are asked besides the captures that pass.
  private let auditShare: Double
  private var arrivals: ArrivalRate
  /// The latest scores, oldest first.
  private var scores: [Double] = []
  private var random: SeededRandom

  /// A judge of a stream that begins at `now`, in seconds on a clock that does not go back.
  package init(rate: AskRate, auditShare: Double, seed: UInt64, now: Double) {
    self.rate = rate
    self.auditShare = auditShare
    random = SeededRandom(seed: seed, stream: UInt64(rate.questions))
    let period = rate.period.seconds
    arrivals = ArrivalRate(memory: period / 4, shortest: period / 1440, now: now)
  }

  /// What the present model says of the latest captures, oldest first; replaces what was known.
  package mutating func replaceScores(_ latest: [Double]) {
    scores = latest.suffix(Self.scoreCount).map { $0.isNaN ? -.infinity : $0 }
  }

  /// Counts a capture at `now` without judging it, as while a model knows nothing.
  package mutating func arrive(at now: Double) { arrivals.arrive(at: now) }

  /// Questions that the period up to now still allows, given the ages of those asked, in seconds.
  package func allowance(ages: [Double]) -> Int {
    max(0, rate.questions - ages.count { $0 < rate.period.seconds })
  }

  /// Judges a capture of `score` that arrives at `now`; `ages` are those of the questions asked, in
  /// seconds.
  ///
  /// A capture equal to some of the latest scores passes in proportion to how many of them would.
  ///
  /// - Complexity: O(scores + questions); of one that passes O(scores × log scores).
  package mutating func judge(score: Double, ages: [Double], now: Double) -> Decision {
    arrivals.arrive(at: now)
    let score = score.isNaN ? -.infinity : score
    let allowance = allowance(ages: ages)
    let share = passingShare(ages: ages, now: now)
    let places = share * Double(scores.count + 1)
    var (better, equal) = (0, 0)
    for other in scores where other >= score {
      if other > score { better += 1 } else { equal += 1 }
    }
    let place = Double(better) + random.unit() * Double(equal + 1)
    let isAsked = scores.count >= Self.fewestScores && allowance > 0 && place < places
    let threshold = isAsked ? threshold(places) : nil
    scores.append(score)
    if scores.count > Self.scoreCount { scores.removeFirst() }
    return Decision(isAsked: isAsked, share: share, threshold: threshold, allowance: allowance)
  }

  private func passingShare(ages: [Double], now: Double) -> Double {
    let period = rate.period.seconds
    let horizon = period / 4
    let left = rate.questions - ages.count { $0 < period - horizon }
    let expected = max(arrivals.perSecond(at: now) * horizon, 1e-9)
    return min(1, max(0, Double(left)) * (1 - auditShare) / expected)
  }

  /// The score with which fewer than `places` of the latest are better or equal.
  private func threshold(_ places: Double) -> Double? {
    let rank = Int(places.rounded(.down))
    guard rank >= 1 else { return nil }
    let sorted = scores.sorted(by: >)
    return rank > sorted.count ? sorted.last : sorted[rank - 1]
  }
}
