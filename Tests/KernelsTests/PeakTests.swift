import Kernels
import Testing

@Suite("Peak")
struct PeakTests {
  @Test("every level that this processor has can be measured")
  func measured() {
    for level in CPUFeatures.levels where CPU.complaint(about: level.name) == nil {
      let peak = KernelSet(limitedTo: level.features).measuredPeakS8(tries: 2)
      #expect(peak > 1e6 && peak < 1e14, "\(level.name): \(peak) products a second")
    }
  }
}
