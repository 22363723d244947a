/// Learning curves drawn with characters, for a terminal.
package struct TextChart: Sendable {
  /// One curve: labels given and the accuracy reached with them.
  package struct Curve: Sendable {
    package var mark: Character
    /// SGR parameters of its colour, as in `1;32`.
    package var colour: String
    package var points: [(labels: Int, accuracy: Double)]

    /// A curve drawn with `mark`.
    package init(mark: Character, colour: String, points: [(labels: Int, accuracy: Double)]) {
      self.mark = mark
      self.colour = colour
      self.points = points
    }
  }

  /// Characters of the plot's inside.
  package var width = 60
  package var height = 11
  package var usesColour = true

  /// A chart of the default size.
  package init(usesColour: Bool = true) {
    self.usesColour = usesColour
  }

  /// The lines of the chart, the first curve on top of the others.
  package func lines(_ curves: [Curve]) -> [String] {
    let points = curves.flatMap(\.points)
    guard let most = points.map(\.labels).max(), most > 0,
      let lowest = points.map(\.accuracy).min(), let highest = points.map(\.accuracy).max()
    else { return [] }
    let floor = (lowest * 20).rounded(.down) / 20
    let ceiling = max((highest * 20).rounded(.up) / 20, floor + 0.05)
    var cells = [[(Character, String)?]](
      repeating: Array(repeating: nil, count: width), count: height)
    for curve in curves.reversed() {
      for column in 0..<width {
        let labels = Double(column) / Double(width - 1) * Double(most)
        guard let value = interpolate(curve.points, at: labels) else { continue }
        let row = Int(((value - floor) / (ceiling - floor) * Double(height - 1)).rounded())
        cells[height - 1 - row][column] = (curve.mark, curve.colour)
      }
    }
    var lines: [String] = []
    for (row, line) in cells.enumerated() {
      let value = ceiling - (ceiling - floor) * Double(row) / Double(height - 1)
      let axis = row % 2 == 0 ? padded("\(decimal(100 * value, 0)) %", 7) + " ┤" : "        │"
      lines.append(axis + line.map(draw).joined())
    }
    lines.append("        └" + String(repeating: "─", count: width))
    let half = "\(most / 2)"
    let gap = String(repeating: " ", count: max(1, width / 2 - 1 - half.count / 2))
    let rest = width - 1 - gap.count - half.count
    lines.append("         0" + gap + half + padded("\(most) labels asked", max(1, rest)))
    return lines
  }

  private func draw(_ cell: (Character, String)?) -> String {
    guard let (mark, colour) = cell else { return " " }
    return usesColour ? "\u{1b}[\(colour)m\(mark)\u{1b}[0m" : String(mark)
  }

  private func interpolate(
    _ points: [(labels: Int, accuracy: Double)], at labels: Double
  ) -> Double? {
    guard let first = points.first, let last = points.last,
      labels >= Double(first.labels), labels <= Double(last.labels)
    else { return nil }
    for (left, right) in zip(points, points.dropFirst()) where labels <= Double(right.labels) {
      let span = Double(right.labels - left.labels)
      let share = span > 0 ? (labels - Double(left.labels)) / span : 1
      return left.accuracy + (right.accuracy - left.accuracy) * share
    }
    return last.accuracy
  }
}

/// `text` with spaces before it, up to `width` characters.
package func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

/// `text` with spaces after it, up to `width` characters.
package func filled(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
