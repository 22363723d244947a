internal import CKernels

extension KernelSet {
  /// The most products of bytes a second that one core does with the instructions of this set's
  /// matrix product: the best of `tries`, well below a millisecond each, on registers alone.
  package func measuredPeakS8(tries: Int = 200) -> Double {
    let cpu = unsafe gemmS8.cpu
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<max(1, tries) {
      var count: UInt64 = 0
      let took = clock.measure { count = krn_peak_s8(cpu, 1 << 18) }
      best = max(best, Double(count) / max(1e-9, took / .seconds(1)))
    }
    return best
  }
}
