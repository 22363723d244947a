/// What the device does with the time between captures.
package enum PowerAction: String, Hashable, Sendable, CaseIterable {
  /// It stays awake.
  case stay
  /// It ends with exit code 0; a timer of the system starts it again.
  case exit
  /// It suspends the board; the real-time clock wakes it.
  case suspend
}

/// Decides when a device that captures every few minutes may sleep: when the photos of the present
/// turn are judged, nothing is due, and nobody is there.
package struct PowerPlan: Hashable, Sendable {
  /// What is known at a moment; times in nanoseconds of the device's clock.
  package struct Situation: Hashable, Sendable {
    /// Now.
    package var now: UInt64
    /// Bursts taken since it woke.
    package var bursts: Int
    /// Bursts and files that wait to be judged.
    package var waiting: Int
    /// When the operator last pressed a key or a button; `nil` if not since it woke.
    package var operatorAt: UInt64?

    /// A situation.
    package init(now: UInt64, bursts: Int, waiting: Int, operatorAt: UInt64?) {
      self.now = now
      self.bursts = bursts
      self.waiting = waiting
      self.operatorAt = operatorAt
    }
  }

  /// Time from one capture to the next; `nil` for a device that does not sleep.
  package var period: Duration?
  package var action: PowerAction
  /// How long it stays awake after the operator's last key.
  package var patience = Duration.seconds(120)
  /// How long it waits for a photo before it sleeps again without one.
  package var captureLimit = Duration.seconds(30)

  /// A plan; with `.stay` or without a period it never sleeps.
  package init(period: Duration? = nil, action: PowerAction = .stay) {
    self.period = period
    self.action = action
  }

  /// How long to sleep now, from a capture at `wokeAt` to the next; `nil` to stay awake.
  package func sleep(_ situation: Situation, wokeAt: UInt64) -> Duration? {
    guard let period, action != .stay, situation.waiting == 0 else { return nil }
    func since(_ moment: UInt64) -> Duration {
      .nanoseconds(Int64(situation.now > moment ? situation.now - moment : 0))
    }
    if situation.bursts == 0, since(wokeAt) < captureLimit { return nil }
    if let last = situation.operatorAt, since(last) < patience { return nil }
    return max(.seconds(1), period - since(wokeAt))
  }
}
