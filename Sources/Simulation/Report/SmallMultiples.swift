/// Several results side by side in one picture, a panel each, with the same styles and one legend.
package struct SmallMultiples {
  package var results: [SimulationResult]
  /// The strategy that stands out.
  package var emphasised: String?
  package var columns: Int

  private let panelWidth = 312.0
  private let panelHeight = 250.0
  private let margin = 16.0

  /// A picture of at least one result, each with at least one strategy.
  package init(_ results: [SimulationResult], emphasised: String? = nil, columns: Int = 3) {
    self.results = results
    self.emphasised = emphasised
    self.columns = max(1, min(columns, results.count))
  }

  /// The strategies of all results, in the order in which they first come up.
  private var names: [String] {
    results.flatMap(\.strategies).reduce(into: []) { names, strategy in
      if !names.contains(strategy.name) { names.append(strategy.name) }
    }
  }

  /// The picture as a file of its own.
  package var svg: String {
    let styles = CurveStyle.styles(names, emphasised: emphasised)
    let legend = ChartLegend(names, styles, fullPool: "full pool")
    let width = Double(columns) * panelWidth + 2 * margin
    let legendHeight =
      Double(legend.rowCount(width: width - 2 * margin)) * ChartLegend.lineHeight
    let rows = (results.count + columns - 1) / columns
    let top = margin + legendHeight + 14
    let height = top + Double(rows) * panelHeight + 2 * margin
    let panels = results.enumerated().map { place, result in
      panel(
        result, place, x: margin + Double(place % columns) * panelWidth,
        y: top + Double(place / columns) * panelHeight,
        styles: result.strategies.map { strategy in
          styles[names.firstIndex(of: strategy.name) ?? 0]
        })
    }
    return Picture(
      width: width, height: height, identifier: "panels",
      isFile: true, title: "Learning curves on \(results.map(\.data).joined(separator: ", "))",
      description: description,
      content: """
        \(legend.rows(x: margin + 4, y: margin + 10, width: width - 2 * margin))
        \(Markup(lines: panels))
        <text x="\(width / 2)" y="\(height - margin)" text-anchor="middle" fill="#555">\
        test accuracy in % against labels, on a logarithmic scale</text>
        """
    ).markup.text
  }

  private var description: String {
    "Mean test accuracy in percent against the number of labels, a panel for each data set. "
      + results.map { result in
        "\(result.title): "
          + result.strategies.map(\.summary).joined(separator: "; ")
          + "; full pool \(percent(result.fullAccuracy))."
      }.joined(separator: " ")
  }

  private func panel(
    _ result: SimulationResult, _ place: Int, x: Double, y: Double, styles: [CurveStyle]
  ) -> Markup {
    let scale = ChartScale(
      left: x + 38, top: y + 48, width: panelWidth - 38 - 22, height: panelHeight - 48 - 36,
      strategies: result.strategies, fullAccuracy: result.fullAccuracy)
    let panel = CurvePanel(
      result: result, styles: styles, scale: scale, identifier: "panel\(place + 1)")
    let setting =
      "\(counted(result.candidates, result.groups ? "group" : "photo")) · "
      + "\(counted(result.seeds, "seed")) · full pool \(percent(result.fullAccuracy))"
    return """
      <text x="\(x + 8)" y="\(y + 18)" font-size="13" font-weight="600">\
      \(shortened(result.title, to: 30))</text>
      <text x="\(x + 8)" y="\(y + 35)" font-size="11" fill="#555">\(setting)</text>
      \(panel.markup)
      """
  }
}

extension SimulationResult {
  /// The data and under which conditions, as in `dogs8, 5 % wrong answers`.
  fileprivate var title: String {
    var parts = [data]
    if groups { parts.append("one label a group") }
    if labelNoise > 0 { parts.append("\(percent(labelNoise)) wrong answers") }
    if let imbalance {
      parts.append(imbalance.split(separator: ",").first.map(String.init) ?? imbalance)
    }
    return parts.joined(separator: ", ")
  }
}
