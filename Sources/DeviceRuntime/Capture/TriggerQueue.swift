internal import Dispatch
internal import Synchronization

/// Triggers that wait for the camera, oldest first. Calls may come from any thread.
///
/// Bounded: nobody waits for more than a few, and a stuck button must not fill the memory.
package final class TriggerQueue: Sendable {
  /// A trigger and when it came, on the device's clock.
  package struct Pull: Hashable, Sendable {
    package var trigger: Trigger
    package var nanoseconds: UInt64
  }

  /// Most triggers that wait; one more is refused.
  package static let capacity = 16

  private let pulls = Mutex<[Pull]>([])
  private let wake = DispatchSemaphore(value: 0)

  /// An empty queue.
  package init() {}

  /// Adds a trigger; `false` when too many wait.
  @discardableResult
  package func pull(_ trigger: Trigger, at nanoseconds: UInt64) -> Bool {
    let added = pulls.withLock { pulls in
      guard pulls.count < Self.capacity else { return false }
      pulls.append(Pull(trigger: trigger, nanoseconds: nanoseconds))
      return true
    }
    wake.signal()
    return added
  }

  /// The oldest, waiting up to `timeout` for one.
  package func next(timeout: Duration) -> Pull? {
    let deadline = DispatchTime.now() + timeout.dispatchInterval
    while true {
      if let pull = pulls.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return pull }
      if wake.wait(timeout: deadline) == .timedOut { return nil }
    }
  }

  /// Ends a wait early.
  package func nudge() { wake.signal() }
}

extension Duration {
  /// For Dispatch, in nanoseconds; at most 292 years.
  var dispatchInterval: DispatchTimeInterval {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow, product < Int64.max / 2 else { return .never }
    return .nanoseconds(Int(max(0, product + attoseconds / 1_000_000_000)))
  }
}
