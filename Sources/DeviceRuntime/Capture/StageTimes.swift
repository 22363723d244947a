/// When a burst passed the stages on its way to the operator, on the device's clock.
package struct StageTimes: Hashable, Sendable {
  /// The trigger came; `nil` when nobody was there to see it.
  package var triggered: UInt64?
  /// The last photo was there and durable.
  package var taken: UInt64?
  /// The device took it up.
  package var begun: UInt64
  /// Features and probabilities were computed.
  package var judged: UInt64
  /// All that is known of it was in the store.
  package var kept: UInt64
  /// The question about it was in the store; `nil` if none was asked at once.
  package var asked: UInt64?
  /// The attention light was set.
  package var flagged: UInt64?

  /// Times on the device's clock, in nanoseconds.
  package init(
    triggered: UInt64? = nil, taken: UInt64? = nil, begun: UInt64, judged: UInt64, kept: UInt64,
    asked: UInt64? = nil, flagged: UInt64? = nil
  ) {
    self.triggered = triggered
    self.taken = taken
    self.begun = begun
    self.judged = judged
    self.kept = kept
    self.asked = asked
    self.flagged = flagged
  }
}

/// The stages of the latest bursts, for `loam status` and the log: milliseconds from one to the next.
package struct StageLog: Sendable {
  /// Bursts that are kept.
  package static let capacity = 200

  /// From what to what.
  package enum Stage: String, Hashable, Sendable, CaseIterable {
    /// From the trigger to the photos on the disk.
    case take
    /// From there until the device took them up.
    case wait
    /// Decoding, patches, body, head.
    case judge
    /// Keeping what is known.
    case keep
    /// Deciding to ask, and keeping the question.
    case ask
    /// Setting the light.
    case flag
    /// From the trigger, or from the photo where there was none, to the light.
    case total
  }

  /// Milliseconds of one stage over the latest bursts.
  package struct Figures: Hashable, Sendable, Codable {
    package var count: Int
    package var median: Double
    package var p90: Double
    package var largest: Double
  }

  private var times: [StageTimes] = []
  private var next = 0

  /// An empty log.
  package init() {}

  /// Adds a burst; the oldest makes room.
  package mutating func add(_ stages: StageTimes) {
    if times.count < Self.capacity {
      times.append(stages)
    } else {
      times[next] = stages
      next = (next + 1) % Self.capacity
    }
  }

  /// The latest bursts, in no order.
  package var latest: [StageTimes] { times }

  /// Milliseconds of `stage`; `nil` when no burst passed it.
  package func figures(_ stage: Stage) -> Figures? {
    let sorted = times.compactMap { $0.milliseconds(stage) }.sorted()
    guard let largest = sorted.last else { return nil }
    func quantile(_ share: Double) -> Double {
      sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
    return Figures(
      count: sorted.count, median: quantile(0.5), p90: quantile(0.9), largest: largest)
  }
}

extension StageTimes {
  /// Milliseconds that `stage` took; `nil` when the burst did not pass it.
  package func milliseconds(_ stage: StageLog.Stage) -> Double? {
    func from(_ start: UInt64?, _ end: UInt64?) -> Double? {
      guard let start, let end, end >= start else { return nil }
      return Double(end - start) / 1e6
    }
    return switch stage {
    case .take: from(triggered, taken)
    case .wait: from(taken, begun)
    case .judge: from(begun, judged)
    case .keep: from(judged, kept)
    case .ask: from(kept, asked)
    case .flag: from(asked, flagged)
    case .total: from(triggered ?? taken ?? begun, flagged)
    }
  }
}
