/// A moment, as a device whose wall clock may be wrong can tell it.
package struct DeviceMoment: Hashable, Sendable {
  /// How often the device had started.
  package var boot: Int64
  /// Nanoseconds on a clock that does not go back within a boot.
  package var monotonicNanoseconds: UInt64
  /// Milliseconds since 1970-01-01 UTC, and whether that clock was right.
  package var unixMilliseconds: Int64
  package var clockTrusted: Bool

  /// A moment.
  package init(
    boot: Int64, monotonicNanoseconds: UInt64, unixMilliseconds: Int64, clockTrusted: Bool
  ) {
    self.boot = boot
    self.monotonicNanoseconds = monotonicNanoseconds
    self.unixMilliseconds = unixMilliseconds
    self.clockTrusted = clockTrusted
  }
}

/// Seconds since each of `moments` (newest first), never more than have passed.
///
/// Within this boot the monotonic clock says it. What lies before a restart is as old as the two wall
/// clocks say if both were trusted; else at least as old as this boot is (`started` on the same
/// clock), and as far from the later ones as its own boot's monotonic clock says. Too young an age asks
/// too little for a while; too old a one would break the budget.
///
/// - Complexity: O(moments).
package func ages(
  of moments: [DeviceMoment], now: DeviceMoment, started: UInt64
) -> [Double] {
  let seconds = { (from: UInt64, to: UInt64) in to > from ? Double(to - from) / 1e9 : 0 }
  var result: [Double] = []
  /// The newest moment of the boot at hand, and how old it is at least.
  var anchor = (moment: now, age: 0.0)
  for moment in moments {
    if moment.boot != anchor.moment.boot {
      let before =
        anchor.moment.boot == now.boot
        ? seconds(started, now.monotonicNanoseconds) : result.last ?? 0
      anchor = (moment, before)
    }
    var age =
      anchor.age + seconds(moment.monotonicNanoseconds, anchor.moment.monotonicNanoseconds)
    if moment.boot != now.boot, moment.clockTrusted, now.clockTrusted {
      age = max(age, Double(now.unixMilliseconds - moment.unixMilliseconds) / 1000)
    }
    result.append(age)
  }
  return result
}
