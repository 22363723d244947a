/// What a stranger sees of the demo: plain lines, with colours if the terminal takes them.
package struct DemoScreen: Sendable {
  /// Whether SGR colours may be used.
  package let usesColour: Bool
  private let print: @Sendable (String) -> Void

  /// A screen that hands each line, without its end, to `print`.
  package init(usesColour: Bool, print: @escaping @Sendable (String) -> Void) {
    self.usesColour = usesColour
    self.print = print
  }

  /// Colours of the two curves and of what is said in passing.
  enum Ink: String {
    case loam = "1;32"
    case random = "33"
    case faint = "2"
    case bold = "1"
  }

  func paint(_ text: String, _ ink: Ink) -> String {
    usesColour ? "\u{1b}[\(ink.rawValue)m\(text)\u{1b}[0m" : text
  }

  func line(_ text: String = "") { print(text) }

  /// The heading: what is about to happen, on what, within which limits.
  func opening(_ facts: [(String, String)]) {
    line()
    line("  " + paint("L O A M", .loam) + "   a camera that learns in the field")
    line()
    for (name, fact) in facts {
      line("  " + paint(filled(name, 12), .faint) + fact)
    }
  }

  /// The beginning of a step.
  func step(_ number: Int, _ text: String) {
    line()
    line("  " + paint("\(number)", .bold) + "  " + text)
  }

  /// A fact within a step.
  func note(_ text: String) {
    line("     " + text)
  }

  /// What stood on the operator's line, framed.
  func console(_ lines: [String]) {
    line("     " + paint("┌ the operator's console " + String(repeating: "─", count: 46), .faint))
    for text in lines { line("     " + paint("│ ", .faint) + text) }
    line("     " + paint("└" + String(repeating: "─", count: 70), .faint))
  }

  /// The heading of the table of rounds.
  func tableHead(seeds: Int) {
    line()
    let head =
      padded("asked", 8) + "  " + filled("held-out accuracy of the device", 38)
      + "random (mean of \(seeds))"
    line("     " + paint(head, .faint))
  }

  /// One round: questions asked so far, accuracy on the photos held out, and the gate's verdict.
  func round(_ round: DemoRound, random: DemoRound.Random?) {
    let bar = String(repeating: "█", count: max(0, Int((round.accuracy * 24).rounded())))
    let share = padded(decimal(100 * round.accuracy, 1), 5) + " %"
    let verdict = round.accepted ? "" : paint("  gate kept the old model", .faint)
    let peer =
      random.map {
        padded(decimal(100 * $0.mean, 1), 5) + " % ± " + decimal(100 * $0.standardError, 1)
      } ?? ""
    line(
      "     " + padded("\(round.asked)", 8) + "  " + paint(share, .loam) + "  "
        + paint(filled(bar, 28), .loam) + paint(peer, .random) + verdict)
  }

  /// The curves of all rounds.
  func chart(_ rounds: [DemoRound], random: [DemoRound.Random]) {
    var chart = TextChart(usesColour: usesColour)
    chart.width = 62
    let ours = rounds.map { (labels: $0.asked, accuracy: $0.accuracy) }
    let theirs = zip(rounds, random).map { (labels: $0.asked, accuracy: $1.mean) }
    line()
    for text in chart.lines([
      .init(mark: "●", colour: Ink.loam.rawValue, points: ours),
      .init(mark: "·", colour: Ink.random.rawValue, points: theirs),
    ]) {
      line("     " + text)
    }
    line(
      "              " + paint("● the photos Loam asked about", .loam) + "    "
        + paint("· photos taken at random", .random))
  }
}

/// The state of the device after a round of questions.
package struct DemoRound: Sendable, Codable {
  /// The same rounds with photos taken at random, over several seeds.
  package struct Random: Sendable, Codable {
    package var mean: Double
    package var standardError: Double
  }

  /// Questions the operator has been asked, the ones answered `unsure` included.
  package var asked: Int
  /// Labels given.
  package var labels: Int
  /// Share of the held-out photos that the active model classifies right.
  package var accuracy: Double
  /// Whether the gate let the fine-tuned model in.
  package var accepted: Bool
  /// What the gate said.
  package var why: String
}
