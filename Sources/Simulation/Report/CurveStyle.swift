/// How the curve of one strategy is drawn: told apart by colour, dashes and marker, so that one of
/// the three is enough.
struct CurveStyle: Hashable {
  /// The shape at each step.
  enum Marker: CaseIterable {
    case square, triangle, diamond, downTriangle, cross, circle
  }

  var colour: String
  /// As SVG's `stroke-dasharray`; empty for a solid line.
  var dashes: String
  var marker: Marker
  var width: Double
  /// Opacity of the interval band.
  var band: Double

  /// The styles of `names`, in their order: `emphasised` stands out, random is grey, the others
  /// take turns, so that 20 of them differ in more than their marker.
  ///
  /// - Source: colours from Okabe and Ito, "Color Universal Design", 2008, without the yellow, which
  ///   a white page swallows.
  static func styles(_ names: [String], emphasised: String?) -> [CurveStyle] {
    let colours = ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
    let dashes = ["", "7 3", "2 2.5", "9 3 2 3"]
    var turn = 0
    return names.map { name in
      if name == emphasised {
        return CurveStyle(colour: "#D55E00", dashes: "", marker: .circle, width: 3.2, band: 0.2)
      }
      if name == StrategyResult.random {
        return CurveStyle(colour: "#444444", dashes: "", marker: .circle, width: 2.2, band: 0.16)
      }
      defer { turn += 1 }
      return CurveStyle(
        colour: colours[turn % colours.count], dashes: dashes[turn % dashes.count],
        marker: Marker.allCases[turn % 5], width: 1.6, band: 0.08)
    }
  }

  /// The marker around (`x`, `y`).
  func mark(_ x: Double, _ y: Double, radius: Double) -> Markup {
    let (r, w) = (radius, radius * 0.87)
    let fill: Markup = "fill=\"\(colour)\" stroke=\"#fff\" stroke-width=\"0.8\""
    switch marker {
    case .circle: return "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(r)\" \(fill)/>"
    case .square:
      return "<path d=\"M\(x - w) \(y - w)H\(x + w)V\(y + w)H\(x - w)Z\" \(fill)/>"
    case .triangle:
      return "<path d=\"M\(x) \(y - r * 1.2)L\(x + r * 1.1) \(y + w)H\(x - r * 1.1)Z\" \(fill)/>"
    case .downTriangle:
      return "<path d=\"M\(x) \(y + r * 1.2)L\(x + r * 1.1) \(y - w)H\(x - r * 1.1)Z\" \(fill)/>"
    case .diamond:
      let d = r * 1.25
      return "<path d=\"M\(x) \(y - d)L\(x + d) \(y)L\(x) \(y + d)L\(x - d) \(y)Z\" \(fill)/>"
    case .cross:
      return """
        <path d="M\(x - w) \(y - w)L\(x + w) \(y + w)M\(x - w) \(y + w)L\(x + w) \(y - w)" \
        fill="none" stroke="\(colour)" stroke-width="1.8"/>
        """
    }
  }

  /// The curve through `points`, without markers.
  func line(_ points: [(x: Double, y: Double)]) -> Markup {
    let path = points.map { ("\($0.x) \($0.y)" as Markup).text }.joined(separator: "L")
    let dashed: Markup = dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes)\""
    return """
      <path d="M\(path)" fill="none" stroke="\(colour)" stroke-width="\(width)" \
      stroke-linejoin="round"\(dashed)/>
      """
  }
}
