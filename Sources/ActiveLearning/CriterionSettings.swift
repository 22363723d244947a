/// What makes a candidate worth a label: the weights of the published criteria and their form.
package struct CriterionSettings: Hashable, Sendable, Codable {
  /// Weight λ1 of the entropy: how unsure the network is of each patch. Finite and ≥ 0.
  package var lambda1: Double
  /// Weight λ2 of the diversity: how much the patches contradict each other. Finite and ≥ 0. Two
  /// patches sure of opposite things differ by up to ln 1/ε, ten times the entropy of a coin.
  package var lambda2: Double
  /// Share of the patches that majority selection keeps, in 0 < α ≤ 1; `nil` keeps all.
  package var alpha: Double?
  /// Probabilities are moved into `epsilon ... 1 − epsilon` first, so that an exact 0 cannot decide
  /// everything; above 0 and below ½. The authors' own ln(x + 2⁻⁵²) differs by less than 1e-13.
  package var epsilon: Double
  /// Divides entropy by m and diversity by m (m − 1), m being the patches kept, so that candidates
  /// of different size compare; without it the sums are those that were published.
  package var normalise: Bool

  /// The criterion with the given weights; the defaults are those of the device.
  package init(
    lambda1: Double = 1, lambda2: Double = 0.1, alpha: Double? = 0.25, epsilon: Double = 1e-6,
    normalise: Bool = true
  ) {
    self.lambda1 = lambda1
    self.lambda2 = lambda2
    self.alpha = alpha
    self.epsilon = epsilon
    self.normalise = normalise
  }

  /// The authors' demo: all patches unless `alpha` is given, ε = 2⁻⁵², plain sums.
  ///
  /// - Source: `active_select_demo.m` of the repository MrGiovanni/Active-Learning.
  package static func published(
    lambda1: Double = 1, lambda2: Double = 1, alpha: Double? = nil
  ) -> CriterionSettings {
    CriterionSettings(
      lambda1: lambda1, lambda2: lambda2, alpha: alpha, epsilon: 0x1p-52, normalise: false)
  }

  /// What is wrong with these settings in a sentence that names the value, or `nil` if nothing is.
  package var problem: String? {
    for (name, value) in [("lambda1", lambda1), ("lambda2", lambda2)]
    where !(value >= 0 && value.isFinite) {
      return "\(name) is \(value); it weighs a criterion: give a finite number of at least 0"
    }
    if let alpha, !(alpha > 0 && alpha <= 1) {
      return "alpha is \(alpha); it is the share of patches kept: give a number above 0, at most 1"
    }
    if !(epsilon > 0 && epsilon < 0.5) {
      return "epsilon is \(epsilon); probabilities are kept that far from 0 and 1: "
        + "give a number above 0 and below 0.5"
    }
    return nil
  }
}
