package import SampleStore
internal import Synchronization

/// Bursts that were taken and wait to be judged, oldest first; their photos are durable in the spool.
///
/// Bounded. When captures come faster than they can be judged, one makes room for the next: the oldest
/// that a glance found confident, else the oldest. Whatever is thrown away is counted by `takeDropped`.
/// Calls may come from any thread.
package final class Intake: Sendable {
  /// A burst that waits.
  package struct Waiting: Hashable, Sendable {
    package var entry: SpoolFolder.Entry
    package var trigger: Trigger
    package var triggeredNanoseconds: UInt64?
    package var takenNanoseconds: UInt64?
    /// How sure the model is of the first photo by one patch, 0...1; `nil` before the glance.
    package var confidence: Double?

    /// A burst in the spool.
    package init(
      entry: SpoolFolder.Entry, trigger: Trigger, triggeredNanoseconds: UInt64? = nil,
      takenNanoseconds: UInt64? = nil, confidence: Double? = nil
    ) {
      self.entry = entry
      self.trigger = trigger
      self.triggeredNanoseconds = triggeredNanoseconds
      self.takenNanoseconds = takenNanoseconds
      self.confidence = confidence
    }
  }

  /// A glance that is surer than this makes a burst the first to go.
  package static let confident = 0.9

  /// Most bursts that wait.
  package let limit: Int

  private struct State {
    var waiting: [Waiting] = []
    var dropped: [Waiting] = []
  }

  private let state = Mutex(State())

  /// An intake for `limit` bursts, at least one.
  package init(limit: Int) { self.limit = max(1, limit) }

  /// How many wait.
  package var count: Int { state.withLock { $0.waiting.count } }

  /// Whether the next one will make another go.
  package var isFull: Bool { count >= limit }

  /// Whether so many wait that it is worth a glance at each which may go.
  package var isCrowded: Bool { 2 * count > limit }

  /// Adds a burst at the end.
  package func add(_ burst: Waiting) {
    state.withLock { state in
      if state.waiting.count >= limit {
        let confident = state.waiting.firstIndex { ($0.confidence ?? 0) > Self.confident }
        state.dropped.append(state.waiting.remove(at: confident ?? 0))
      }
      state.waiting.append(burst)
    }
  }

  /// The oldest; it leaves the intake.
  package func next() -> Waiting? {
    state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
  }

  /// Puts a burst that could not be judged now back to the front.
  package func putBack(_ burst: Waiting) {
    state.withLock { $0.waiting.insert(burst, at: 0) }
  }

  /// The oldest that nobody has glanced at; it stays.
  package func nextUnseen() -> Waiting? {
    state.withLock { $0.waiting.first { $0.confidence == nil } }
  }

  /// Notes what a glance found; a burst that has left meanwhile is passed over.
  package func note(confidence: Double, of number: Int64) {
    state.withLock { state in
      guard let index = state.waiting.firstIndex(where: { $0.entry.number == number }) else {
        return
      }
      state.waiting[index].confidence = confidence
    }
  }

  /// What made room since the last call; the caller counts it durably and removes its files.
  package func takeDropped() -> [Waiting] {
    state.withLock { state in
      defer { state.dropped = [] }
      return state.dropped
    }
  }
}
