internal import CKernels

/// A family of kernels: one computation in several variants that give the same bytes.
package enum KernelFamily: String, CaseIterable, Hashable, Sendable {
  case gemmS8 = "gemm_s8"
  case depthwiseS8 = "dwconv_s8"
  case addS8 = "add_s8"
  case fixedAddS8 = "fixadd_s8"
  case meanS8 = "mean_s8"
  case gemmF32 = "gemm_f32"
  case outerF32 = "outer_f32"
  case depthwiseF32 = "dwconv_f32"
  case expF32 = "exp_f32"
  case logF32 = "log_f32"
  case softmaxF32 = "softmax_f32"
  case widenF16 = "widen_f16"
}

/// A variant that is compiled in; whether it can run here is another question.
package struct KernelVariant: Hashable, Sendable {
  /// The instruction set in its name, as in `avx2`; `scalar` is the reference.
  package let name: String
  /// What it needs of the processor.
  package let required: CPUFeatures

  /// Whether this processor can run it.
  package var isSupported: Bool { required.isSubset(of: CPU.detected) }
}

/// One variant of each family: the fastest that the given instruction sets allow.
///
/// Choosing asks three questions apart: what is compiled in (`variants(of:)`), what this processor
/// supports (`CPU.detected`), and what is allowed (`CPU.features`, or the caller's own limit).
@safe
package struct KernelSet: @unchecked Sendable {
  let gemmS8: krn_gemm_s8_variant
  let depthwiseS8: krn_dwconv_s8_variant
  let addS8: krn_add_s8_variant
  let fixedAddS8: krn_fixadd_s8_variant
  let meanS8: krn_mean_s8_variant
  let gemmF32: krn_gemm_f32_variant
  let outerF32: krn_outer_f32_variant
  let depthwiseF32: krn_dwconv_f32_variant
  let expF32: krn_map_f32_variant
  let logF32: krn_map_f32_variant
  let softmaxF32: krn_softmax_f32_variant
  let widenF16: krn_widen_f16_variant

  /// What `CPU.features` allows; chosen once.
  package static let chosen = KernelSet(limitedTo: CPU.features)

  /// The fastest variants that need no more than `features`, and nothing this processor lacks.
  package init(limitedTo features: CPUFeatures) {
    let bits = features.intersection(CPU.detected).rawValue
    unsafe gemmS8 = fastest(krn_gemm_s8_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe depthwiseS8 = fastest(krn_dwconv_s8_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe addS8 = fastest(krn_add_s8_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe fixedAddS8 = fastest(krn_fixadd_s8_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe meanS8 = fastest(krn_mean_s8_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe gemmF32 = fastest(krn_gemm_f32_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe outerF32 = fastest(krn_outer_f32_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe depthwiseF32 = fastest(krn_dwconv_f32_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe expF32 = fastest(krn_exp_f32_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe logF32 = fastest(krn_log_f32_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe softmaxF32 = fastest(krn_softmax_f32_variant_at) { unsafe $0.cpu & ~bits == 0 }
    unsafe widenF16 = fastest(krn_widen_f16_variant_at) { unsafe $0.cpu & ~bits == 0 }
  }

  /// The set that the level called `name` allows, or `nil` if there is no such level or this
  /// processor does not offer it (`CPU.complaint(about:)` says which).
  package init?(level name: String) {
    guard CPU.complaint(about: name) == nil, let features = CPUFeatures(level: name) else {
      return nil
    }
    self.init(limitedTo: features)
  }

  /// The name of this set's variant of `family`.
  package func variant(of family: KernelFamily) -> String {
    switch family {
    case .gemmS8: unsafe String(cString: gemmS8.name)
    case .depthwiseS8: unsafe String(cString: depthwiseS8.name)
    case .addS8: unsafe String(cString: addS8.name)
    case .fixedAddS8: unsafe String(cString: fixedAddS8.name)
    case .meanS8: unsafe String(cString: meanS8.name)
    case .gemmF32: unsafe String(cString: gemmF32.name)
    case .outerF32: unsafe String(cString: outerF32.name)
    case .depthwiseF32: unsafe String(cString: depthwiseF32.name)
    case .expF32: unsafe String(cString: expF32.name)
    case .logF32: unsafe String(cString: logF32.name)
    case .softmaxF32: unsafe String(cString: softmaxF32.name)
    case .widenF16: unsafe String(cString: widenF16.name)
    }
  }

  /// The variants of `family` that are compiled in, fastest first, the reference last.
  package static func variants(of family: KernelFamily) -> [KernelVariant] {
    switch family {
    case .gemmS8: unsafe list(krn_gemm_s8_variant_at) { unsafe ($0.name, $0.cpu) }
    case .depthwiseS8: unsafe list(krn_dwconv_s8_variant_at) { unsafe ($0.name, $0.cpu) }
    case .addS8: unsafe list(krn_add_s8_variant_at) { unsafe ($0.name, $0.cpu) }
    case .fixedAddS8: unsafe list(krn_fixadd_s8_variant_at) { unsafe ($0.name, $0.cpu) }
    case .meanS8: unsafe list(krn_mean_s8_variant_at) { unsafe ($0.name, $0.cpu) }
    case .gemmF32: unsafe list(krn_gemm_f32_variant_at) { unsafe ($0.name, $0.cpu) }
    case .outerF32: unsafe list(krn_outer_f32_variant_at) { unsafe ($0.name, $0.cpu) }
    case .depthwiseF32: unsafe list(krn_dwconv_f32_variant_at) { unsafe ($0.name, $0.cpu) }
    case .expF32: unsafe list(krn_exp_f32_variant_at) { unsafe ($0.name, $0.cpu) }
    case .logF32: unsafe list(krn_log_f32_variant_at) { unsafe ($0.name, $0.cpu) }
    case .softmaxF32: unsafe list(krn_softmax_f32_variant_at) { unsafe ($0.name, $0.cpu) }
    case .widenF16: unsafe list(krn_widen_f16_variant_at) { unsafe ($0.name, $0.cpu) }
    }
  }
}

/// The first entry of a family's table that `allows`; the reference at its end needs nothing.
private func fastest<Variant>(
  _ variantAt: (Int) -> UnsafePointer<Variant>?, allows: (Variant) -> Bool
) -> Variant {
  var index = 0
  while let variant = unsafe variantAt(index) {
    if allows(unsafe variant.pointee) { return unsafe variant.pointee }
    index += 1
  }
  preconditionFailure("a kernel family without a reference: \(Variant.self)")
}

/// A family's whole table.
private func list<Variant>(
  _ variantAt: (Int) -> UnsafePointer<Variant>?,
  describe: (Variant) -> (UnsafePointer<CChar>, UInt32)
) -> [KernelVariant] {
  var variants: [KernelVariant] = []
  while let variant = unsafe variantAt(variants.count) {
    let (name, cpu) = unsafe describe(variant.pointee)
    variants.append(
      KernelVariant(
        name: unsafe String(cString: name), required: CPUFeatures(rawValue: cpu)))
  }
  return variants
}
