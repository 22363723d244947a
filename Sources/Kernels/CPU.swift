internal import CKernels
internal import Glibc

/// Instruction sets that kernels can be written for.
package struct CPUFeatures: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32

  /// The sets whose bits are in `rawValue`.
  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// AVX2, FMA and F16C.
  package static let avx2 = CPUFeatures(rawValue: UInt32(KRN_CPU_AVX2))
  /// AVX-512 F, BW, DQ, VL and VNNI.
  package static let avx512vnni = CPUFeatures(rawValue: UInt32(KRN_CPU_AVX512VNNI))
  /// Advanced SIMD of Armv8.0.
  package static let neon = CPUFeatures(rawValue: UInt32(KRN_CPU_NEON))
  /// The dot product instructions of Armv8.2.
  package static let dotprod = CPUFeatures(rawValue: UInt32(KRN_CPU_DOTPROD))
  /// The matrix multiply instructions on bytes of Armv8.6.
  package static let i8mm = CPUFeatures(rawValue: UInt32(KRN_CPU_I8MM))

  /// Names a person can force, each with all that it allows; the highest of each processor family
  /// first.
  package static let levels: [(name: String, features: CPUFeatures)] = [
    ("avx512vnni", [.avx2, .avx512vnni]), ("avx2", [.avx2]), ("i8mm", [.neon, .dotprod, .i8mm]),
    ("dotprod", [.neon, .dotprod]), ("neon", [.neon]), ("scalar", []),
  ]

  /// What the level called `name` allows, or `nil` for a name that is not in `levels`.
  package init?(level name: String) {
    guard let level = Self.levels.first(where: { $0.name == name }) else { return nil }
    self = level.features
  }
}

extension CPUFeatures: CustomStringConvertible {
  /// As in `avx2, avx512vnni`; `none` for no set.
  package var description: String {
    let names: [(CPUFeatures, String)] = [
      (.avx2, "avx2"), (.avx512vnni, "avx512vnni"), (.neon, "neon"), (.dotprod, "dotprod"),
      (.i8mm, "i8mm"),
    ]
    let present = names.filter { contains($0.0) }.map(\.1)
    return present.isEmpty ? "none" : present.joined(separator: ", ")
  }
}

/// This processor: what it offers, and what may be used of it.
package enum CPU {
  /// What the processor and the operating system offer; read once.
  package static let detected = CPUFeatures(rawValue: krn_cpu_detect())

  /// What kernels may use: `detected`, limited by `LOAM_CPU` if that is set to a name of
  /// `CPUFeatures.levels`. Never more than `detected`, so no choice ends in an illegal instruction.
  package static let features: CPUFeatures = {
    guard let forced, let level = CPUFeatures(level: forced) else { return detected }
    return detected.intersection(level)
  }()

  /// The value of `LOAM_CPU`, if set and not empty.
  package static let forced: String? = {
    guard let value = unsafe getenv("LOAM_CPU") else { return nil }
    let name = unsafe String(cString: value)
    return name.isEmpty ? nil : name
  }()

  /// Why `LOAM_CPU` cannot be followed, for an error at start; `nil` if it is unset or followed.
  package static var complaint: String? {
    forced.flatMap { complaint(about: $0, detected: detected) }
  }

  /// Why the level called `name` cannot be had on a processor that offers `detected`.
  package static func complaint(about name: String, detected: CPUFeatures = detected) -> String? {
    let names = CPUFeatures.levels.map(\.name).joined(separator: ", ")
    guard let level = CPUFeatures(level: name) else {
      return "processor level '\(name)' is unknown; use one of \(names)"
    }
    guard level.isSubset(of: detected) else {
      return "processor level '\(name)' needs \(level), this processor offers \(detected); "
        + "use a lower level or leave it out"
    }
    return nil
  }

  /// The variant that is used of `family` unless a `KernelSet` of one's own is given.
  package static func variant(of family: KernelFamily) -> String {
    KernelSet.chosen.variant(of: family)
  }

  /// One line for the log at start: what was found, and which variant of each family runs.
  package static var report: String {
    let variants = KernelFamily.allCases.map { "\($0.rawValue)=\(variant(of: $0))" }
    let limit = forced.map { ", LOAM_CPU=\($0)" } ?? ""
    return "cpu \(detected)\(limit); kernels \(variants.joined(separator: " "))"
  }
}
