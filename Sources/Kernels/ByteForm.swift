internal import CKernels

/// How a signed byte lies in memory.
package enum ByteForm: Hashable, Sendable {
  /// As it is.
  case plain
  /// With its sign bit flipped: the unsigned byte that is 128 more. What multiplies unsigned bytes by signed
  /// ones takes it as it lies.
  case flipped

  /// What a byte is exclusive-ored with.
  package var mask: Int8 { self == .flipped ? .min : 0 }
}

/// The forms of what a kernel reads and of what it writes.
package struct ByteForms: Hashable, Sendable {
  package let input: ByteForm
  package let output: ByteForm

  package static let plain = ByteForms(input: .plain, output: .plain)

  package init(input: ByteForm, output: ByteForm) {
    self.input = input
    self.output = output
  }
}

extension KernelSet {
  /// Whether its products and depthwise convolutions take bytes that are flipped.
  package var takesFlippedBytes: Bool {
    unsafe gemmS8.flips != 0 && depthwiseS8.flips != 0
  }
}
