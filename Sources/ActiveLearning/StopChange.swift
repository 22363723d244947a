/// A wish to set a stop rule or to switch it off, as in `unsure=0.5/20` or `stable=off`.
package enum StopChange: Hashable, Sendable {
  case set(StopRule)
  case off(StopRule.Kind)

  /// The wish that `text` says; see `StopRule.Kind.form` for what each rule takes.
  package init(_ text: String) throws(StopChangeError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let kind = StopRule.Kind(rawValue: String(parts[0])) else {
      throw .unknownRule(text)
    }
    if parts[1] == "off" {
      self = .off(kind)
    } else if let rule = StopRule(kind, parts[1].split(separator: "/").map(String.init)) {
      self = .set(rule)
    } else {
      throw .badValue(kind, String(parts[1]))
    }
  }

  /// The rule that is meant.
  package var kind: StopRule.Kind {
    switch self {
    case .set(let rule): rule.kind
    case .off(let kind): kind
    }
  }
}

/// Why a text says nothing about a stop rule.
package enum StopChangeError: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownRule(String)
  case badValue(StopRule.Kind, String)

  /// What was found, and what to write instead.
  package var description: String {
    switch self {
    case .unknownRule(let text):
      "'\(text.prefix(60))' names no stop rule; write one of "
        + StopRule.Kind.allCases.map(\.form).joined(separator: ", ") + ", or RULE=off"
    case .badValue(let kind, let value):
      "'\(value.prefix(40))' does not fit the stop rule '\(kind.rawValue)'; "
        + "write it as in \(kind.form), or \(kind.rawValue)=off"
    }
  }
}

extension [StopRule] {
  /// These rules after `changes`, the later of which win; one of each kind at most, in the order of
  /// the kinds.
  package func applying(_ changes: [StopChange]) -> [StopRule] {
    var rules = self
    for change in changes {
      rules.removeAll { $0.kind == change.kind }
      if case .set(let rule) = change { rules.append(rule) }
    }
    return StopRule.Kind.allCases.flatMap { kind in rules.filter { $0.kind == kind } }
  }
}

extension StopRule {
  /// The name of a rule.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case budget
    case alreadyRight = "already-right"
    case unsure, stable, gain

    /// How it is written, with values that make sense.
    package var form: String {
      switch self {
      case .budget: "budget=1000"
      case .alreadyRight: "already-right=34/36"
      case .unsure: "unsure=0.8/24"
      case .stable: "stable=0.01/3"
      case .gain: "gain=0.002/3"
      }
    }
  }

  /// Its name.
  package var kind: Kind {
    switch self {
    case .labelBudget: .budget
    case .alreadyRight: .alreadyRight
    case .operatorUnsure: .unsure
    case .poolStable: .stable
    case .smallGain: .gain
    }
  }

  /// The rule of `kind` with `values` as they are written, or `nil` if they do not fit.
  fileprivate init?(_ kind: Kind, _ values: [String]) {
    switch kind {
    case .budget:
      guard values.count == 1, let labels = Int(values[0]), labels >= 1 else { return nil }
      self = .labelBudget(labels: labels)
    case .alreadyRight:
      guard values.count == 2, let count = Int(values[0]), let last = Int(values[1]), count >= 1,
        last >= count
      else { return nil }
      self = .alreadyRight(count: count, last: last)
    case .unsure:
      guard values.count == 2, let share = Self.share(values[0]), share > 0,
        let last = Int(values[1]), last >= 1
      else { return nil }
      self = .operatorUnsure(share: share, last: last)
    case .stable:
      guard values.count == 2, let share = Self.share(values[0]), let rounds = Int(values[1]),
        rounds >= 1
      else { return nil }
      self = .poolStable(share: share, rounds: rounds)
    case .gain:
      guard (1...2).contains(values.count), let gain = Self.share(values[0]), gain > 0,
        let rounds = values.count == 2 ? Int(values[1]) : 3, rounds >= 1
      else { return nil }
      self = .smallGain(gain: gain, rounds: rounds)
    }
  }

  private static func share(_ text: String) -> Double? {
    Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
  }
}
