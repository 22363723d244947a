/// The curves of one result on one pair of axes: grid, intervals, lines and markers.
struct CurvePanel {
  let result: SimulationResult
  /// A style for each of the result's strategies.
  let styles: [CurveStyle]
  let scale: ChartScale
  /// Makes the names of its parts unique on a page.
  let identifier: String

  /// The full pool's dashes.
  static let fullPool = CurveStyle(
    colour: "#777777", dashes: "5 4", marker: .circle, width: 1.4, band: 0)

  /// All of it, the most prominent curves on top.
  var markup: Markup {
    let order = styles.indices.sorted {
      styles[$0].width == styles[$1].width ? $0 < $1 : styles[$0].width < styles[$1].width
    }
    let full = scale.y(result.fullAccuracy)
    let clip: Markup = "\(identifier)-plot"
    return """
      <clipPath id="\(clip)"><rect x="\(scale.left)" y="\(scale.top)" \
      width="\(scale.width)" height="\(scale.height)"/></clipPath>
      \(axes)
      <g clip-path="url(#\(clip))">
      \(Markup(lines: order.map { band(result.strategies[$0], styles[$0]) }))
      </g>
      \(Self.fullPool.line([(scale.left, full), (scale.left + scale.width, full)]))
      \(Markup(lines: order.map { curve(result.strategies[$0], styles[$0]) }))
      """
  }

  private var axes: Markup {
    let (right, bottom) = (scale.left + scale.width, scale.top + scale.height)
    let rows = scale.ticks.map { tick in
      """
      <path d="M\(scale.left) \(scale.y(tick))H\(right)" stroke="#e3e3e3"/>\
      <text x="\(scale.left - 7)" y="\(scale.y(tick) + 4)" text-anchor="end">\
      \(decimal(tick * 100, places: 0))</text>
      """ as Markup
    }
    let marks = scale.labels.map { count in
      "<path d=\"M\(scale.x(count)) \(bottom)v4\" stroke=\"#767676\"/>" as Markup
    }
    let names = scale.namedLabels(room: 30).map { count in
      """
      <text x="\(scale.x(count))" y="\(bottom + 17)" text-anchor="middle">\(count)</text>
      """ as Markup
    }
    return """
      \(Markup(lines: rows))
      <path d="M\(scale.left) \(bottom)H\(right)" stroke="#767676"/>
      \(Markup(lines: marks))
      \(Markup(lines: names))
      """
  }

  private func band(_ strategy: StrategyResult, _ style: CurveStyle) -> Markup {
    guard strategy.seeds > 1 else { return "" }
    let intervals = zip(strategy.labels, strategy.intervals).map { (scale.x($0), $1) }
    let upper = intervals.map { ("\($0) \(scale.y($1.upperBound))" as Markup).text }
    let lower = intervals.reversed().map { ("\($0) \(scale.y($1.lowerBound))" as Markup).text }
    let path = (upper + lower).joined(separator: "L")
    return "<path d=\"M\(path)Z\" fill=\"\(style.colour)\" fill-opacity=\"\(share: style.band)\"/>"
  }

  private func curve(_ strategy: StrategyResult, _ style: CurveStyle) -> Markup {
    let points = zip(strategy.labels, strategy.mean).map { (x: scale.x($0), y: scale.y($1)) }
    let stride = max(1, (points.count + 11) / 16)
    let radius = (style.width > 3 ? 4.2 : 3.4) * (scale.width < 300 ? 0.75 : 1)
    let marks = points.indices.filter { $0 % stride == 0 || $0 == points.count - 1 }.map {
      style.mark(points[$0].x, points[$0].y, radius: radius)
    }
    return """
      <g><title>\(strategy.summary)</title>\(style.line(points))
      \(Markup(lines: marks))</g>
      """
  }
}

extension StrategyResult {
  /// Where its curve begins and ends, in a phrase.
  var summary: String {
    guard let first = labels.first, let last = labels.last, let start = mean.first,
      let end = mean.last
    else { return name }
    return "\(name): \(percent(start)) with \(first) labels, \(percent(end)) with \(last)"
  }
}

extension Markup.Interpolation {
  /// Adds a share of 1 in hundredths.
  mutating func appendInterpolation(share value: Double) {
    appendLiteral(decimal(value, places: 2, minus: "-"))
  }
}
