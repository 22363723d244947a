/// How many captures arrive a second, as far as the latest of them tell.
///
/// Each arrival counts as e^(−age / memory): a burst raises the estimate at once, an idle night lets
/// it fall. The sum is divided by what it would be for one arrival a second watched as long, so that
/// the first minutes after a start do not count as if nothing had come before.
package struct ArrivalRate: Hashable, Sendable {
  /// Seconds after which an arrival counts 1/e.
  private let memory: Double
  /// When watching began, and when the weight below was brought up to date; seconds.
  private let start: Double
  private var updated: Double
  private var weight = 0.0
  /// The shortest time that counts as having been watched: one capture is no flood.
  private let shortest: Double

  /// An estimate that begins at `now`, in seconds on a clock that does not go back.
  package init(memory: Double, shortest: Double, now: Double) {
    self.memory = memory
    self.shortest = shortest
    start = now
    updated = now
  }

  /// Counts an arrival at `now`.
  package mutating func arrive(at now: Double) {
    weight = weight * decay(to: now) + 1
    updated = max(updated, now)
  }

  /// Arrivals a second, as things stand at `now`.
  package func perSecond(at now: Double) -> Double {
    let watched = max(now - start, shortest)
    return weight * decay(to: now) / (memory * (1 - naturalExponential(-watched / memory)))
  }

  private func decay(to now: Double) -> Double {
    naturalExponential(-max(0, now - updated) / memory)
  }
}

/// e to the power of `x` ≤ 0, within 10 ulp: the same bits on every machine, as selections must be.
///
/// e^x = (e^(x / 1024))^1024 would lose digits; instead x = n ln 2 + r with |r| ≤ ½ ln 2, and the
/// series of e^r to the 14th term is scaled by 2ⁿ. Below −700 the result is 0.
func naturalExponential(_ x: Double) -> Double {
  precondition(x <= 0, "no exponential is wanted of \(x)")
  guard x > -700 else { return 0 }
  let scale = (x * 0x1.71547652b82fep+0).rounded()
  let rest = (x - scale * 0x1.62e42fefa38p-1) - scale * 0x1.ef35793c7673p-45
  var series = 1.0
  for term in stride(from: 14.0, through: 1, by: -1) { series = series * rest / term + 1 }
  return Double(sign: .plus, exponent: Int(scale), significand: series)
}
