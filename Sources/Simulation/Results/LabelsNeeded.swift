/// How many labels a strategy needs for a share of the full pool's accuracy.
package struct LabelsNeeded: Codable, Hashable, Sendable {
  /// The share, in percent.
  package var percent: Int
  /// The accuracy that this is, 0...1.
  package var target: Double
  /// Labels at which the mean curve reaches it; `nil` if it does not within the budget.
  package var labels: Double?
  /// These labels divided by random's; `nil` if one of the two does not reach the target.
  package var ratioToRandom: Double?

  /// The labels needed by a strategy and by random choice.
  package init(percent: Int, target: Double, labels: Double?, random: Double? = nil) {
    self.percent = percent
    self.target = target
    self.labels = labels
    ratioToRandom = labels.flatMap { own in random.map { own / $0 } }
  }

  /// Writes `null` for what was not reached, so that the keys are always there.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(percent, forKey: .percent)
    try container.encode(target, forKey: .target)
    try container.encode(labels, forKey: .labels)
    try container.encode(ratioToRandom, forKey: .ratioToRandom)
  }

  private enum CodingKeys: String, CodingKey {
    case percent, target, labels
    case ratioToRandom = "ratio_to_random"
  }
}
