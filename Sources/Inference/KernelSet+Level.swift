package import Kernels

extension KernelSet {
  /// The set that the processor level called `name` allows, the best allowed if there is none; throws with the
  /// complaint about a level that cannot be had.
  package init(allowedBy name: String?) throws(InferenceError) {
    guard let name else {
      self = .chosen
      return
    }
    guard let set = Self(level: name) else {
      throw .processor(CPU.complaint(about: name) ?? "processor level '\(name)' cannot be used")
    }
    self = set
  }
}
