/// The learning curves of one result as a picture that stands by itself.
///
/// Mean accuracy against labels on a logarithmic axis, with 95 % intervals over seeds (Student's t)
/// as bands and the full pool's accuracy as a dashed line. It is drawn on a white panel, so that it
/// reads on a dark page too, without fonts or anything else from elsewhere.
package struct LineChart {
  package var result: SimulationResult
  /// The strategy that stands out.
  package var emphasised: String?
  package var width: Double
  package var height: Double

  /// A chart of at least one strategy.
  package init(
    _ result: SimulationResult, emphasised: String? = nil, width: Double = 720,
    height: Double = 420
  ) {
    self.result = result
    self.emphasised = emphasised
    self.width = width
    self.height = height
  }

  /// The picture as a file of its own.
  package var svg: String {
    picture(identifier: "curves", isFile: true).text
  }

  /// The picture; within a page it needs an `identifier` of its own and no namespace.
  func picture(identifier: String, isFile: Bool) -> Markup {
    let styles = CurveStyle.styles(result.strategies.map(\.name), emphasised: emphasised)
    let order = result.strategies.indices.sorted {
      let (left, right) = (result.strategies[$0].area, result.strategies[$1].area)
      return left == right ? $0 < $1 : left > right
    }
    let legend = ChartLegend(
      order.map { result.strategies[$0].name }, order.map { styles[$0] },
      fullPool: "full pool \(percent(result.fullAccuracy))")
    let scale = ChartScale(
      left: 52, top: 82, width: width - 52 - 26 - legend.width - 12, height: height - 82 - 52,
      strategies: result.strategies, fullAccuracy: result.fullAccuracy)
    let panel = CurvePanel(
      result: result, styles: styles, scale: scale, identifier: identifier)
    return Picture(
      width: width, height: height, identifier: identifier, isFile: isFile,
      title: "Learning curves on \(result.data)", description: description,
      content: """
        <text x="16" y="27" font-size="16" font-weight="600">\
        \(shortened(result.data, to: Int(width / 10)))</text>
        <text x="16" y="47" fill="#555">\(shortened(result.caption, to: Int((width - 32) / 6.8)))</text>
        <text x="16" y="65" fill="#555">accuracy on \(grouped(result.testPhotos)) test photos, %</text>
        \(panel.markup)
        <text x="\(scale.left + scale.width / 2)" y="\(height - 12)" text-anchor="middle" \
        fill="#555">labels, on a logarithmic scale</text>
        \(legend.column(x: scale.left + scale.width + 24, y: scale.top + 8))
        """
    ).markup
  }

  private var description: String {
    "Mean test accuracy against the number of labels. Full pool: \(percent(result.fullAccuracy)). "
      + result.strategies.map(\.summary).joined(separator: "; ") + "."
  }
}

extension SimulationResult {
  /// The setting in a line.
  var caption: String {
    var parts = [
      counted(classes.count, "class", "classes"),
      counted(candidates, groups ? "group" : "photo") + " in the pool",
      seeds == 1 ? "1 seed" : "\(seeds) seeds, 95\u{A0}% intervals",
    ]
    if labelNoise > 0 { parts.append("\(percent(labelNoise, places: 0)) wrong labels") }
    if let imbalance { parts.append("classes \(imbalance)") }
    return parts.joined(separator: " · ")
  }
}
