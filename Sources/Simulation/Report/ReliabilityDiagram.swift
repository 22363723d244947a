/// How often predictions are right against how sure they were; below, how many there are.
struct ReliabilityDiagram {
  let calibration: Calibration
  let identifier: String

  private let size = 250.0
  private let left = 46.0
  private let top = 16.0

  var markup: Markup {
    let bottom = top + size
    let grid = [0, 0.2, 0.4, 0.6, 0.8, 1].map { tick in
      """
      <path d="M\(left) \(y(tick))H\(left + size)" stroke="#e3e3e3"/>\
      <text x="\(left - 7)" y="\(y(tick) + 4)" text-anchor="end">\
      \(decimal(tick * 100, places: 0))</text>\
      <text x="\(x(tick))" y="\(bottom + 78)" text-anchor="middle">\
      \(decimal(tick * 100, places: 0))</text>
      """ as Markup
    }
    let filled = calibration.bins.filter { $0.count > 0 }
    let style = CurveStyle(colour: "#0072B2", dashes: "", marker: .circle, width: 2, band: 0)
    let points = filled.map { (x: x($0.confidence), y: y($0.accuracy)) }
    let line: Markup = points.isEmpty ? "" : style.line(points)
    return Picture(
      width: left + size + 24, height: bottom + 112, identifier: identifier, isFile: false,
      title: "Calibration", description: description,
      content: """
        \(Markup(lines: grid))
        <path d="M\(left) \(bottom)L\(left + size) \(top)" stroke="#777" stroke-dasharray="5 4"/>
        \(line)
        \(Markup(lines: points.map { style.mark($0.x, $0.y, radius: 4.5) }))
        \(Markup(lines: bars(bottom + 60)))
        <path d="M\(left) \(bottom + 60)H\(left + size)" stroke="#767676"/>
        <text x="\(left + size / 2)" y="\(bottom + 98)" text-anchor="middle" fill="#555">\
        how sure the model is, %</text>
        <text transform="translate(14 \(top + size / 2)) rotate(-90)" text-anchor="middle" \
        fill="#555">how often it is right, %</text>
        """
    ).markup
  }

  private func x(_ confidence: Double) -> Double { left + size * confidence }

  private func y(_ accuracy: Double) -> Double { top + size * (1 - accuracy) }

  /// A bar for the count of each bin, standing on `base`, the highest 44 units.
  private func bars(_ base: Double) -> [Markup] {
    let most = Double(max(1, calibration.bins.map(\.count).max() ?? 1))
    return calibration.bins.map { bin in
      let height = 44 * Double(bin.count) / most
      return """
        <rect x="\(x(bin.low) + 1.5)" y="\(base - height)" width="\(size / 10 - 3)" \
        height="\(height)" fill="#9db8c9"><title>\(counted(bin.count, "photo"))</title></rect>
        """
    }
  }

  private var description: String {
    calibration.bins.filter { $0.count > 0 }.map { bin in
      "\(percent(bin.confidence, places: 0)) sure: \(percent(bin.accuracy, places: 0)) right "
        + "(\(counted(bin.count, "photo")))"
    }.joined(separator: "; ")
  }
}
