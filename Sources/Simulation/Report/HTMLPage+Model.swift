extension HTMLPage {
  /// How the model of one run errs at its end.
  func modelSection(_ detail: RunDetail) -> Markup {
    let total = detail.confusion.joined().reduce(0, +)
    let right = detail.confusion.indices.reduce(0) { $0 + detail.confusion[$1][$1] }
    let accuracy = Double(right) / Double(max(1, total))
    return """
      <section id="model">
      <h2>The model at the end of one run</h2>
      <p>\(detail.strategy), seed \(detail.seed), after \(counted(detail.labels, "label")): \
      \(grouped(right)) of \(counted(total, "test photo")) right (\(percent(accuracy))).</p>
      <div class="columns">
      <div>
      <h3>Confusion</h3>
      \(confusion(detail))
      </div>
      <div>
      <h3>Calibration</h3>
      \(ReliabilityDiagram(calibration: detail.calibration, identifier: "calibration").markup)
      <p class="notes">On average the model’s confidence is \
      \(decimal(detail.calibration.expectedError * 100, places: 1)) points from how often it is right \
      (expected calibration error, ten bins). Below the dashed line it is too sure of itself. The \
      bars count photos.</p>
      </div>
      </div>
      </section>
      """
  }

  private func confusion(_ detail: RunDetail) -> Markup {
    let isUpright = detail.classes.count > 4 || detail.classes.contains { $0.count > 9 }
    let kind: Markup = isUpright ? "confusion upright" : "confusion"
    let heads = detail.classes.map {
      "<th scope=\"col\"><span>\(shortened($0, to: 24))</span></th>" as Markup
    }
    let rows = zip(detail.classes, detail.confusion).enumerated().map { place, row in
      confusionRow(row.0, row.1, diagonal: place)
    }
    return """
      <div class="scroll"><table class="\(kind)">
      <caption>Test photos by true class (rows) and predicted class (columns)</caption>
      <thead><tr><td></td>\(Markup(lines: heads))<th scope="col"><span>found</span></th></tr></thead>
      <tbody>
      \(Markup(lines: rows))
      </tbody>
      </table></div>
      """
  }

  /// A true class: its photos by predicted class, shaded by their share, and the share found.
  private func confusionRow(_ name: String, _ counts: [Int], diagonal: Int) -> Markup {
    let total = Double(max(1, counts.reduce(0, +)))
    let cells = counts.enumerated().map { column, count in
      let share = Double(count) / total
      // Blue where it is right, orange where it is not, as strong as its share of the row.
      // No shade is so dark that the figures could not be read on it.
      guard count > 0 else { return "<td class=\"zero\">0</td>" as Markup }
      let shade: Markup =
        column == diagonal
        ? "0 114 178 / \(share: 0.1 + 0.55 * share)"
        : "213 94 0 / \(share: 0.05 + min(0.7, 1.5 * share))"
      return "<td style=\"background: rgb(\(shade))\">\(grouped(count))</td>" as Markup
    }
    return """
      <tr><th scope="row">\(shortened(name, to: 24))</th>\(Markup(lines: cells))\
      <td class="total">\(percent(Double(counts[diagonal]) / total, places: 0))</td></tr>
      """
  }
}
