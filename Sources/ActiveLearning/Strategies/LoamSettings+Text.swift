/// Loam's strategy with other settings, as it is named on a command line: `loam:shortlist=8:spread=none`.
extension LoamSettings {
  /// The settings that `text` names, all others at their defaults.
  ///
  /// `text` is parts joined by colons: `start=` a whole number of at least 0; `value=` margin, entropy, least-confidence or aift;
  /// `shortlist=` a whole number of at least 1; `spread=` none, clusters or centres; `duplicates=` a
  /// cosine above 0, or `off`. Throws what is wrong with it.
  package init(text: Substring) throws(LoamSettingsError) {
    self.init()
    for part in text.split(separator: ":" as Character, omittingEmptySubsequences: false) {
      let words = part.split(separator: "=" as Character, maxSplits: 1).map(String.init)
      guard words.count == 2, set(words[0], to: words[1]) else {
        throw LoamSettingsError(part: String(part))
      }
    }
  }

  /// Sets what is called `name`; false if there is no such thing or it cannot be `text`.
  private mutating func set(_ name: String, to text: String) -> Bool {
    switch name {
    case "value":
      let values: [String: Value] = [
        "margin": .margin, "entropy": .entropy, "least-confidence": .leastConfidence,
        "aift": .aift(CriterionSettings()),
      ]
      guard let value = values[text] else { return false }
      self.value = value
    case "shortlist":
      guard let number = Int(text), number >= 1 else { return false }
      shortlist = number
    case "start":
      guard let number = Int(text), number >= 0 else { return false }
      start = number
    case "spread":
      guard let spread = Spread(rawValue: text) else { return false }
      self.spread = spread
    case "duplicates":
      guard text != "off" else {
        duplicateCosine = nil
        return true
      }
      guard let cosine = Float(text), cosine > 0, cosine <= 1 else { return false }
      duplicateCosine = cosine
    default: return false
    }
    return true
  }
}

/// A setting that Loam's strategy has not.
package struct LoamSettingsError: Error, Hashable, Sendable, CustomStringConvertible {
  package var part: String

  /// What was found, and what is expected.
  package var description: String {
    "'\(part)' is no setting of the strategy loam; expected start=N (0 or more), value=margin, entropy, "
      + "least-confidence or aift, shortlist=N (1 or more), spread=none, clusters or centres, "
      + "duplicates=COSINE or off, joined by colons as in loam:shortlist=8:spread=none"
  }
}
