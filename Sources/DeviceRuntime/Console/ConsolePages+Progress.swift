import ActiveLearning

extension ConsolePages {
  private static let shownRounds = 8

  /// How learning has gone: a curve, the last rounds, and what the audits say.
  func progress(_ progress: OperatorProgress) -> [String] {
    let labels = progress.labels == 1 ? "1 label" : "\(progress.labels) labels"
    let rounds = progress.rounds.count == 1 ? "1 round" : "\(progress.rounds.count) rounds"
    var lines = ["\(labels), \(rounds) of learning."]
    let curve = progress.rounds.filter(\.isAccepted).compactMap(\.after)
    if curve.count > 1, let first = curve.first, let last = curve.last {
      let spark = sparkline(curve, width: settings.columns - 32)
      lines.append(
        "  accuracy  \(ConsoleText.percent(first)) \(spark) \(ConsoleText.percent(last))")
    }
    if progress.rounds.count > Self.shownRounds { lines.append("  the latest rounds:") }
    for round in progress.rounds.suffix(Self.shownRounds) {
      let change = "\(share(round.before)) -> \(share(round.after))"
      let outcome = round.isAccepted ? "" : "   not taken"
      lines.append(
        "  " + ConsoleText.pad("model \(round.model)", width: 12)
          + ConsoleText.pad(round.labels == 1 ? "1 label" : "\(round.labels) labels", width: 14)
          + change + outcome)
    }
    let audit =
      progress.audit.share == nil
      ? "No audit label has judged a model yet."
      : "On photos drawn at random: \(interval(progress.audit)) right "
        + "(\(progress.audit.right) of the latest \(progress.audit.count))."
    return lines.map { ConsoleText.shorten($0, width: settings.columns - 1) }
      + ConsoleText.wrap(audit, width: settings.columns - 1)
  }

  private func share(_ share: Double?) -> String { share.map(ConsoleText.percent) ?? "-" }

  private func interval(_ estimate: AccuracyEstimate) -> String {
    guard let share = estimate.share else { return "unknown" }
    return "\(ConsoleText.percent(share)) (\(ConsoleText.percent(estimate.low)) to "
      + "\(ConsoleText.percent(estimate.high)))"
  }

  /// `values` as one line of bars from the least to the greatest; the latest `width` of them.
  func sparkline(_ values: [Double], width: Int) -> String {
    let bars = Array(settings.unicode ? "▁▂▃▄▅▆▇█" : "_.-=+*%#")
    let shown = values.suffix(max(1, width)).filter(\.isFinite)
    guard let least = shown.min(), let most = shown.max() else { return "" }
    // Less than five points from end to end is no hill.
    let range = max(most - least, 0.05)
    return String(
      shown.map { bars[min(bars.count - 1, Int(($0 - least) / range * Double(bars.count)))] })
  }

  /// The models, the latest ones, newest last.
  func models(_ models: [OperatorModel]) -> [String] {
    if models.isEmpty { return ["There is no model."] }
    let shown = models.suffix(20)
    var lines = ["The models:"]
    if shown.count < models.count {
      lines[0] = "The latest \(shown.count) of \(models.count) models:"
    }
    for model in shown {
      let state =
        model.isActive
        ? "active"
        : model.isAtHand && model.isAccepted ? "at hand" : model.isAccepted ? "" : "not taken"
      let columns = [
        ConsoleText.pad("  \(model.number)", width: 7),
        ConsoleText.pad(name(model.made, limit: 20), width: 19),
        ConsoleText.pad(model.labels == 1 ? "1 label" : "\(model.labels) labels", width: 13),
        ConsoleText.pad(share(model.accuracy), width: 7), ConsoleText.pad(state, width: 11),
        sentence(model.why),
      ]
      lines.append(ConsoleText.shorten(columns.joined(), width: settings.columns - 1))
    }
    if models.contains(where: { $0.isAtHand && !$0.isActive && $0.isAccepted }) {
      lines.append(
        "'activate' and a number that is at hand goes to that model, 'back' to the other.")
    }
    return lines
  }
}
