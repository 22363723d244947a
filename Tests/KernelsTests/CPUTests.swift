import Kernels
import Testing

@Suite("CPU")
struct CPUTests {
  @Test("every family ends in a reference that needs nothing", arguments: KernelFamily.allCases)
  func endsInReference(family: KernelFamily) throws {
    let last = try #require(KernelSet.variants(of: family).last)
    #expect(last.name == "scalar" && last.required.isEmpty)
  }

  @Test("no set uses what this processor lacks", arguments: CPUFeatures.levels.map(\.name))
  func staysSupported(level: String) throws {
    let features = try #require(CPUFeatures(level: level))
    let kernels = KernelSet(limitedTo: features)
    for family in KernelFamily.allCases {
      let name = kernels.variant(of: family)
      let variant = try #require(KernelSet.variants(of: family).first { $0.name == name })
      #expect(variant.isSupported && variant.required.isSubset(of: features))
    }
  }

  @Test("the scalar level runs nothing but references")
  func scalarLevel() throws {
    let kernels = try #require(KernelSet(level: "scalar"))
    #expect(KernelFamily.allCases.allSatisfy { kernels.variant(of: $0) == "scalar" })
  }

  @Test("an unknown level and one the processor lacks are refused in words")
  func complaints() {
    let unknown = CPU.complaint(about: "sse9")
    #expect(unknown?.contains("'sse9' is unknown; use one of avx512vnni, avx2") == true)
    let missing = CPU.complaint(about: "avx512vnni", detected: [.avx2])
    #expect(missing?.contains("needs avx2, avx512vnni, this processor offers avx2") == true)
    #expect(CPU.complaint(about: "avx2", detected: [.avx2, .avx512vnni]) == nil)
    #expect(KernelSet(level: "sse9") == nil)
  }
}
