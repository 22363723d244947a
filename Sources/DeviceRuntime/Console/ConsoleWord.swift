/// Commands that are typed as a word, with Enter; those of one key are `ConsoleCommand`s.
///
/// A word whose first letter acts at once (as `s` skips) is typed behind a colon, as `:send`; all may be.
enum ConsoleWord: String, CaseIterable {
  case progress, models, activate, back, date, shoot, export, send, json, logout

  /// Other words for the same, which begin with a letter that is no key.
  var others: [String] {
    switch self {
    case .progress: ["graph"]
    case .models: ["versions"]
    case .send: ["transfer"]
    case .shoot: ["take"]
    case .logout: ["quit", "exit"]
    default: []
    }
  }

  /// The word that `text` begins with and what stands behind it; `nil` when it is none.
  static func read(_ text: String) -> (word: ConsoleWord, argument: String)? {
    let parts = text.split(separator: " ", maxSplits: 1)
    guard let first = parts.first?.lowercased(),
      let word = allCases.first(where: { $0.rawValue == first || $0.others.contains(first) })
    else { return nil }
    return (word, parts.count > 1 ? String(parts[1]) : "")
  }

  /// The word whose first letter has acted by itself, so that only `rest` was typed as a line.
  static func cut(_ rest: String) -> ConsoleWord? {
    allCases.first { $0.rawValue.dropFirst() == rest.lowercased() }
  }
}
