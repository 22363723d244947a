/// Names beside samples of their curves.
struct ChartLegend {
  /// A name and how its curve is drawn; `marked` ones show their marker.
  struct Entry {
    var name: String
    var style: CurveStyle
    var marked = true
  }

  let entries: [Entry]

  /// Characters that a name may have; longer ones are shortened.
  static let limit = 22
  /// Height of a line.
  static let lineHeight = 21.0

  /// The legend of `names`, with the full pool's line at the end.
  init(_ names: [String], _ styles: [CurveStyle], fullPool: String) {
    entries =
      zip(names, styles).map { Entry(name: $0, style: $1) }
      + [Entry(name: fullPool, style: CurvePanel.fullPool, marked: false)]
  }

  /// A width that holds the longest name, with 7.4 units a character at 12 units of height.
  var width: Double {
    42 + 7.4 * Double(entries.map { min(Self.limit, $0.name.count) }.max() ?? 0)
  }

  /// The entries below each other.
  func column(x: Double, y: Double) -> Markup {
    Markup(
      lines: entries.enumerated().map {
        draw($1, x, y + Double($0) * Self.lineHeight)
      })
  }

  /// Lines that `rows` needs for a width.
  func rowCount(width available: Double) -> Int {
    let perRow = max(1, Int(available / (width + 12)))
    return (entries.count + perRow - 1) / perRow
  }

  /// The entries in rows, a column's width each.
  func rows(x: Double, y: Double, width available: Double) -> Markup {
    let perRow = max(1, Int(available / (width + 12)))
    return Markup(
      lines: entries.enumerated().map { place, entry in
        draw(
          entry, x + Double(place % perRow) * (width + 12),
          y + Double(place / perRow) * Self.lineHeight)
      })
  }

  private func draw(_ entry: Entry, _ x: Double, _ y: Double) -> Markup {
    let style = entry.style
    let weight: Markup = style.width > 3 ? " font-weight=\"600\"" : ""
    let mark: Markup = entry.marked ? style.mark(x + 15, y, radius: 3.6) : ""
    let name = shortened(entry.name, to: Self.limit)
    return """
      \(style.line([(x, y), (x + 30, y)]))\(mark)\
      <text x="\(x + 38)" y="\(y + 4)"\(weight)>\(name)</text>
      """
  }
}
