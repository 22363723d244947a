extension HTMLPage {
  /// The figures of the strategy that stands out, the curves, and the numbers behind them.
  var curvesSection: Markup {
    """
    <section id="curves">
    <h2>Learning curves</h2>
    \(summary)
    <figure>
    \(LineChart(result, emphasised: emphasised, width: 1032, height: 540)
      .picture(identifier: "curves", isFile: false))
    <figcaption>Each line is the mean over seeds; its band is the 95 % interval of that mean \
    (Student’s t).</figcaption>
    </figure>
    <details>
    <summary>The numbers behind the curves</summary>
    \(numbers)
    </details>
    </section>
    """
  }

  /// The main figures of the strategy that stands out, as tiles.
  private var summary: Markup? {
    guard let strategy = result.strategies.first(where: { $0.name == emphasised }) else {
      return nil
    }
    var tiles = [
      tile(strategy.name, percent(strategy.area), "area under its curve")
    ]
    if let needed = strategy.labelsTo.first(where: { $0.percent == 98 }) {
      tiles.append(
        tile(
          "98 % of the full pool’s accuracy", labelText(needed.labels),
          needed.labels == nil ? "within the budget" : "labels" + remark(percent: needed.percent)))
      if let ratio = needed.ratioToRandom {
        tiles.append(
          tile("that is", "× " + decimal(ratio, places: 2), "the labels that random needs"))
      }
    }
    if let paired = strategy.againstRandom {
      tiles.append(
        tile(
          "against random", "\(paired.wins) : \(paired.ties) : \(paired.losses)",
          "wins, ties, losses by seed"))
    }
    return "<div class=\"tiles\">\n\(Markup(lines: tiles))\n</div>"
  }

  /// That random does not get there, if it does not.
  private func remark(percent: Int) -> String {
    let random = result.strategies.first { $0.name == StrategyResult.random }
    let needed = random?.labelsTo.first { $0.percent == percent }
    return needed.map { $0.labels == nil } == true ? "; random does not get there" : ""
  }

  private func tile(_ heading: String, _ value: String, _ unit: String) -> Markup {
    """
    <div class="tile"><span class="term">\(heading)</span><strong>\(value)</strong>\
    <span>\(unit)</span></div>
    """
  }

  /// Mean ± standard error by strategy and label count.
  private var numbers: Markup {
    let columns = Set(result.strategies.flatMap(\.labels)).sorted()
    let heads = columns.map { "<th scope=\"col\">\(grouped($0))</th>" as Markup }
    let rows = result.strategies.map { strategy in
      let cells = columns.map { column in
        guard let step = strategy.labels.firstIndex(of: column) else {
          return "<td></td>" as Markup
        }
        return """
          <td>\(decimal(strategy.mean[step] * 100, places: 1))<small> ± \
          \(decimal(strategy.stderr[step] * 100, places: 1))</small></td>
          """
      }
      return """
        <tr><th scope="row">\(strategy.name)</th>\(Markup(lines: cells))</tr>
        """ as Markup
    }
    return """
      <div class="scroll"><table class="numbers">
      <caption>Mean accuracy in percent ± its standard error, by number of labels</caption>
      <thead><tr><th scope="col">strategy</th>\(Markup(lines: heads))</tr></thead>
      <tbody>
      \(Markup(lines: rows))
      </tbody>
      </table></div>
      """
  }
}
