/// `text` from a file or an operator on one line, without what would disturb a terminal.
package func printable(_ text: String) -> String { ConsoleText.clean(text, unicode: true) }

/// `report` as lines for people.
package func reportLines(_ report: StoreReport) -> [String] {
  let counts = report.counts
  var lines = [
    row("photos", "\(counts.captures), \(counts.failed_captures) of them unusable"),
    row("waiting", "\(counts.queue) in the queue, \(counts.pool) in the pool"),
    row(
      "answers",
      "\(counts.labels) labels, \(counts.unsure) unsure, \(counts.skipped) skipped; "
        + "\(counts.undone) taken back"),
  ]
  for (index, known) in report.labels_per_class.enumerated() {
    lines.append(row(index == 0 ? "labels" : "", "\(known.labels) \(printable(known.name))"))
  }
  lines += accuracyLines(report)
  lines += noiseLines(report)
  lines += list("nearly the same, labelled differently", report.contradictions) {
    "\(labelled($0.first)) and \(labelled($0.second)), cosine \(decimal($0.cosine, 2))"
  }
  lines += list("asked once more", report.asked_again) {
    "#\($0.candidate): labelled \(printable($0.first)), but \(printable($0.reason)); "
      + ($0.second.map { "answered \(printable($0))" } ?? "not answered yet")
  }
  lines += list("unlike anything labelled", report.unlike_anything_labelled) {
    "#\($0.candidate) \(printable($0.photo)), distance \(decimal($0.distance, 2)) "
      + "(limit \($0.limit.map { decimal($0, 2) } ?? "?"))"
  }
  if let history = report.history {
    lines += list("every decision", history) { decision in
      let undone = decision.undone_by.map {
        "; taken back by \(printable($0)) at \(decision.undone_at ?? "?")"
      }
      return "#\(decision.candidate) \(printable(decision.photo)): "
        + "\(printable(decision.name ?? decision.kind)) by \(printable(decision.by)) at \(decision.at)"
        + (decision.clock_trusted ? "" : " (clock not trusted)") + (undone ?? "")
    }
  }
  return lines
}

private func row(_ title: String, _ text: String) -> String { filled(title, 12) + text }

private func accuracyLines(_ report: StoreReport) -> [String] {
  let percent = { (share: Double) in "\(decimal(100 * share, 1)) %" }
  let audit = report.accuracy.audit.map {
    "\(percent(Double($0.right) / Double($0.labels))) (\(percent($0.low)) to \(percent($0.high))) on "
      + "what the camera sees: \($0.right) of the latest \($0.labels) audit labels guessed before"
  }
  let gate = report.accuracy.gate.map {
    "\(percent($0)) of the audit labels there were when model \(report.model ?? 0) was made"
  }
  let fitted = report.accuracy.cross_fitted.map {
    "\(percent($0)) of all labels, each judged by a head that has not seen it; labels were asked "
      + "for hard photos"
  }
  let known = [audit, gate, fitted].compactMap { $0 }
  return (known.isEmpty ? ["not measured yet"] : known).enumerated().map { index, text in
    row(index == 0 ? "accuracy" : "", text)
  }
}

private func noiseLines(_ report: StoreReport) -> [String] {
  guard let noise = report.noise else {
    return [row("wrong", report.noise_missing ?? "not estimated")]
  }
  let head = row(
    "wrong",
    "about \(decimal(100 * noise.share, 1)) % of \(noise.labels) labels (\(noise.folds) folds, "
      + "\(noise.patches) patches a photo, \(decimal(noise.seconds, 1)) s)")
  return [head]
    + list("suspects, the most suspect first", noise.suspects) {
      "#\($0.candidate) \(printable($0.photo)): labelled \(printable($0.given)) "
        + "(\(decimal(100 * $0.probability, 1)) %), likely \(printable($0.suggested)), "
        + "margin \(decimal($0.margin, 2))"
    }
}

private func labelled(_ item: StoreReport.Labelled) -> String {
  "#\(item.candidate) \(printable(item.photo)) (\(printable(item.name)))"
}

private func list<Item>(_ title: String, _ items: [Item], _ line: (Item) -> String) -> [String] {
  items.isEmpty ? [] : ["\(title) (\(items.count)):"] + items.map { "  " + line($0) }
}
