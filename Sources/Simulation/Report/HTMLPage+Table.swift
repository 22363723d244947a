extension HTMLPage {
  /// The strategies compared, the greatest area first.
  var tableSection: Markup {
    let styles = CurveStyle.styles(result.strategies.map(\.name), emphasised: emphasised)
    let order = result.strategies.indices.sorted {
      let (left, right) = (result.strategies[$0].area, result.strategies[$1].area)
      return left == right ? $0 < $1 : left > right
    }
    let percents = result.strategies.first?.labelsTo.map(\.percent) ?? []
    let heads = percents.map { "<th scope=\"col\" class=\"lead\">\($0) %</th>" as Markup }
    return """
      <section id="strategies">
      <h2>Strategies compared</h2>
      <div class="scroll"><table class="strategies">
      <thead>
      <tr><th scope="col" rowspan="2">strategy</th><th scope="col" rowspan="2" class="lead">area, %</th>\
      <th scope="colgroup" colspan="\(percents.count)">labels to a share of the full pool’s \
      accuracy</th><th scope="colgroup" colspan="4">against random, by paired seeds</th></tr>
      <tr>\(Markup(lines: heads))<th scope="col" class="lead">area</th><th scope="col">p</th>\
      <th scope="col">win : tie : loss</th><th scope="col">below it at</th></tr>
      </thead>
      <tbody>
      \(Markup(lines: order.map { row(result.strategies[$0], styles[$0]) }))
      </tbody>
      </table></div>
      \(notes)
      </section>
      """
  }

  private func row(_ strategy: StrategyResult, _ style: CurveStyle) -> Markup {
    let isRandom = strategy.name == StrategyResult.random
    let kind: Markup =
      strategy.name == emphasised
      ? " class=\"emphasised\"" : isRandom ? " class=\"random\"" : ""
    let needed = strategy.labelsTo.map { needed in
      let ratio = isRandom ? nil : needed.ratioToRandom
      let times = ratio.map { "× " + decimal($0, places: 2) } ?? ""
      let value: Markup =
        needed.labels == nil ? "<span class=\"none\">–</span>" : "\(labelText(needed.labels))"
      return "<td>\(value)<small>\(times)</small></td>" as Markup
    }
    return """
      <tr\(kind)><th scope="row"><svg class="swatch" viewBox="0 0 34 14" width="34" height="14" \
      aria-hidden="true">\(style.line([(1, 7), (33, 7)]))\(style.mark(17, 7, radius: 4))</svg>\
      \(strategy.name)</th>\
      <td>\(decimal(strategy.area * 100, places: 2))\
      <small>± \(decimal(strategy.areaStderr * 100, places: 2))</small></td>\
      \(Markup(lines: needed))\(comparison(strategy))</tr>
      """
  }

  private func comparison(_ strategy: StrategyResult) -> Markup {
    guard let paired = strategy.againstRandom else {
      let word = strategy.name == StrategyResult.random ? "the reference" : "–"
      return "<td colspan=\"4\" class=\"none\">\(word)</td>"
    }
    let difference = paired.meanDifference * 100
    let below = paired.belowAt.map(grouped).joined(separator: ", ")
    let places = below.isEmpty ? "nowhere" : below
    let mark: Markup = below.isEmpty ? "" : " class=\"below\""
    return """
      <td>\(difference > 0 ? "+" : "")\(decimal(difference, places: 2))\
      <small>± \(decimal(paired.stderr * 100, places: 2))</small></td>\
      <td>\(paired.p < 0.001 ? "< 0.001" : decimal(paired.p, places: 3))</td>\
      <td>\(paired.wins) : \(paired.ties) : \(paired.losses)</td><td\(mark)>\(places)</td>
      """
  }

  private var notes: Markup {
    """
    <div class="notes">
    <p><b>Area</b>: mean accuracy along the curve, each doubling of the labels counting the same; ± \
    is one standard error over seeds. <b>Labels to</b>: where the mean curve first reaches that share \
    of the full pool’s \(percent(result.fullAccuracy)), and × how many times the labels random needs; \
    “–” is not reached within the budget. <b>p</b>: two-sided sign-flip test of the difference in \
    area, which is in points; seeds whose areas differ by less than 0.05 points are ties. <b>Below it at</b>: label \
    counts where the paired difference plus 1.96 standard errors is under 0. Each count is tested by \
    itself at 2.5 %, so that among many of them one or two come up by chance.</p>
    </div>
    """
  }
}
