internal import Glibc

/// Lays out what the operator reads: pure functions of what is to be shown.
///
/// Lines are plain text within `settings.columns`, without line ends. Everything that came from a
/// file, a network or the operator is cleaned first.
struct ConsolePages {
  /// Emphasis of a line or a part of it.
  enum Style: String {
    case strong = "\u{1B}[1m"
    case good = "\u{1B}[32m"
    case bad = "\u{1B}[1;31m"
  }

  /// Classes beyond this count are not listed with every question.
  static let listedClasses = 26
  private static let shownGuesses = 3

  let settings: ConsoleSettings

  /// `text` in `style` where colours are allowed.
  func paint(_ text: String, _ style: Style) -> String {
    settings.colours ? style.rawValue + text + "\u{1B}[0m" : text
  }

  /// A name as it may be printed.
  func name(_ name: String, limit: Int = 120) -> String {
    let clean = ConsoleText.clean(name, unicode: settings.unicode, limit: limit)
    return clean.isEmpty ? "?" : clean
  }

  /// A sentence from elsewhere as it may be printed.
  func sentence(_ text: String) -> String {
    ConsoleText.clean(text, unicode: settings.unicode, limit: 800)
  }

  /// `text` under `label`, wrapped, later lines indented as far as the first.
  func field(_ label: String, _ lines: [String]) -> [String] {
    let indent = String(repeating: " ", count: 9)
    return lines.enumerated().map { index, line in
      (index == 0 ? ConsoleText.pad("  " + label, width: indent.count) : indent) + line
    }
  }

  private var fieldWidth: Int { max(20, settings.columns - 10) }

  /// A question, from its rule to the keys that answer it.
  func question(_ question: OperatorQuestion, _ keys: ClassKeys) -> [String] {
    var lines = [rule("Question #\(question.candidate)", right: "\(question.waiting) more wait")]
    let photo = name(question.photoName, limit: 255)
    lines += field("photo", ConsoleText.wrap([photo], separator: "", width: fieldWidth))
    if question.photoCount > 1 {
      let others =
        question.photoCount == 2 ? "1 more photo" : "\(question.photoCount - 1) more photos"
      lines += field("with", ["\(others) of the same subject; one label is for all"])
    }
    lines += field("guess", ConsoleText.wrap(guess(question.guesses), width: fieldWidth))
    lines += field("asked", ConsoleText.wrap(reason(question, keys), width: fieldWidth))
    lines += field("press", classItems(question, keys) + commandItems(keys))
    return lines
  }

  private func rule(_ left: String, right: String) -> String {
    let dashes = max(3, settings.columns - 1 - left.count - right.count - 10)
    return paint("--- \(left) \(String(repeating: "-", count: dashes)) \(right) ---", .strong)
  }

  private func guess(_ guesses: [ClassGuess]) -> String {
    if guesses.isEmpty { return "none yet" }
    return guesses.prefix(Self.shownGuesses)
      .map { "\(name($0.className)) \(ConsoleText.percent($0.probability))" }
      .joined(separator: ", ")
  }

  private func classItems(_ question: OperatorQuestion, _ keys: ClassKeys) -> [String] {
    let indices =
      keys.names.count <= Self.listedClasses
      ? Array(keys.names.indices)
      : question.guesses.prefix(Self.shownGuesses).compactMap {
        keys.names.firstIndex(of: $0.className)
      }
    var items = indices.compactMap { index in
      keys.legend(index).map { "\($0) \(name(keys.names[index]))" }
    }
    if items.count < keys.names.count {
      items.append("or type a name and Enter")
      items.append("\(keys.legend(.classes)) all \(keys.names.count) classes")
    }
    if items.isEmpty { items = ["\(keys.legend(.newClass)) the first class"] }
    return ConsoleText.wrap(items, separator: "   ", width: fieldWidth)
  }

  private func commandItems(_ keys: ClassKeys) -> [String] {
    let items = [ConsoleCommand.skip, .unsure, .undo, .picture, .help].map {
      "\(keys.legend($0)) \($0.words[0])"
    }
    return ConsoleText.wrap(items, separator: "   ", width: fieldWidth)
  }

  /// Why the candidate is asked about, in words with the figures behind them.
  func reason(_ question: OperatorQuestion, _ keys: ClassKeys) -> String {
    let reason = question.reason
    var parts: [String] = []
    if let note = reason.note { parts.append(sentence(note)) }
    if let entropy = reason.entropy {
      let classes = question.guesses.isEmpty ? keys.names.count : question.guesses.count
      parts.append(doubt(entropy, classes: classes))
    }
    if let votes = votes(reason.votes) { parts.append(votes) }
    if let diversity = reason.diversity {
      let agree = diversity < 0.1 ? "views agree" : diversity < 1 ? "views differ" : "views clash"
      parts.append("\(agree) (diversity \(ConsoleText.decimal(diversity)))")
    }
    if let rank = reason.rank { parts.append("rank \(rank) of \(max(rank, reason.ranked))") }
    return parts.isEmpty ? "the device gave no reason" : parts.joined(separator: "; ")
  }

  private func doubt(_ entropy: Double, classes: Int) -> String {
    let most = log(Double(max(2, classes)))
    let share = entropy / most
    let word = share >= 0.9 ? "very unsure" : share >= 0.5 ? "unsure" : "fairly sure"
    let (found, limit) = (ConsoleText.decimal(entropy), ConsoleText.decimal(most))
    return "the network is \(word) (entropy \(found) of \(limit))"
  }

  private func votes(_ votes: [ClassVote]) -> String? {
    let total = votes.reduce(0) { $0 + $1.patches }
    guard total > 1, let first = votes.first else { return nil }
    if votes.count == 1 { return "all \(total) views say \(name(first.className))" }
    let rest = votes.dropFirst().prefix(2).map { "\($0.patches) \(name($0.className))" }
    return "\(first.patches) of \(total) views say \(name(first.className)), "
      + rest.joined(separator: ", ")
  }

  /// The waiting candidates, `shown` marked.
  func queue(_ entries: [OperatorQueueEntry], shown: Int64?) -> [String] {
    if entries.isEmpty { return ["Nothing waits for a label."] }
    let number = entries.map { "#\($0.candidate)".count }.max() ?? 0
    let photo = max(10, settings.columns - number - 46)
    return ["Waiting for a label, most useful first:"]
      + entries.map { entry in
        let guess = entry.guess.map {
          let text = ConsoleText.shorten(name($0.className), width: 15)
          return "\(text) \(ConsoleText.percent($0.probability))"
        }
        let columns = [
          ConsoleText.pad("  #\(entry.candidate)", width: number + 4),
          ConsoleText.pad(
            ConsoleText.shorten(name(entry.photoName), width: photo), width: photo + 1),
          ConsoleText.pad(guess ?? "no guess", width: 21),
          entry.score.map { "score \(ConsoleText.decimal($0))" } ?? "",
          entry.candidate == shown ? " <- asked" : "",
        ]
        return ConsoleText.shorten(columns.joined().trimmingEnd(), width: settings.columns - 1)
      }
  }

  /// All classes with their keys.
  func classes(_ keys: ClassKeys) -> [String] {
    if keys.names.isEmpty { return ["There is no class yet; \(keys.legend(.newClass)) adds one."] }
    let items = keys.names.indices.map { index in
      (keys.legend(index).map { "\($0) " } ?? "") + name(keys.names[index], limit: 40)
    }
    return ["The classes:"]
      + ConsoleText.wrap(items, separator: "   ", width: settings.columns - 3).map { "  " + $0 }
  }
}

extension String {
  /// Without the spaces at its end.
  fileprivate func trimmingEnd() -> String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
