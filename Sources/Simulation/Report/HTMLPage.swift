/// What a simulation found, as one HTML file that needs nothing else: no script, no network.
///
/// Its content security policy forbids the browser both, so that not even a mistake here could make
/// a file name or a label reach out.
package struct HTMLPage {
  package var result: SimulationResult
  /// The run that is looked at closely, if one is.
  package var detail: RunDetail?
  /// The strategy that stands out: the default.
  package var emphasised: String?
  /// The command that makes the page again.
  package var command: String

  /// A page about at least one strategy.
  package init(
    _ result: SimulationResult, detail: RunDetail? = nil, emphasised: String? = nil,
    command: String
  ) {
    self.result = result
    self.detail = detail
    self.emphasised = emphasised
    self.command = command
  }

  /// The whole file.
  ///
  /// - Complexity: linear in what it shows.
  package var html: String {
    ("""
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Learning curves on \(result.data)</title>
    <style>
    \(Self.styleSheet)
    </style>
    </head>
    <body>
    <header>
    <p class="kind">loam simulate</p>
    <h1>Learning curves on <span class="name">\(result.data)</span></h1>
    \(setting)
    </header>
    <main>
    \(curvesSection)
    \(tableSection)
    \(detail.map(modelSection))
    \(detail.flatMap(askedSection))
    \(detail.map(suspectsSection))
    \(repeatSection)
    </main>
    </body>
    </html>

    """ as Markup).text
  }

  /// What was simulated, as a list of terms.
  private var setting: Markup {
    var terms: [(String, String)] = [
      ("model", result.model),
      ("classes", shortened(result.classes.joined(separator: ", "), to: 160)),
      (
        "pool",
        result.groups
          ? "\(counted(result.candidates, "group")) of \(counted(result.photos, "photo")), "
            + "one label for each group" : counted(result.photos, "photo")
      ),
      ("test", counted(result.testPhotos, "photo")),
      ("full pool", "\(percent(result.fullAccuracy)) right after learning from every label"),
      ("learner", result.learner),
      ("rounds", rounds),
      ("seeds", grouped(result.seeds)),
      ("patches of a photo", "\(result.patches ?? 8)"), ("mirroring", result.flips),
    ]
    if result.labelNoise > 0 {
      terms.append(("label noise", "\(percent(result.labelNoise)) of the answers are wrong"))
    }
    if let imbalance = result.imbalance { terms.append(("imbalance", imbalance)) }
    if result.seconds > 0 { terms.append(("time", durationText(result.seconds))) }
    let items = terms.map { "<div><dt>\($0)</dt><dd>\($1)</dd></div>" as Markup }
    return "<dl class=\"setting\">\n\(Markup(lines: items))\n</dl>"
  }

  private var rounds: String {
    let growth =
      result.growth > 0
      ? ", growing to \(percent(result.growth, places: 0)) of the labels given" : ""
    return "batches of \(result.batch)\(growth), up to \(counted(result.budget, "label"))"
  }

  private var repeatSection: Markup {
    """
    <section id="repeat">
    <h2>How to repeat it</h2>
    <pre><code>\(command)</code></pre>
    <p>The same command on the same photos gives the same numbers: every draw comes from its seed. \
    With <code>--json</code> it prints every curve of every seed.</p>
    </section>
    """
  }
}

/// A time in words: "4.2 s", "3 min 20 s".
func durationText(_ seconds: Double) -> String {
  guard seconds >= 60, seconds < 1e9 else { return decimal(seconds, places: 1) + " s" }
  let whole = Int(seconds.rounded())
  return "\(whole / 60) min \(whole % 60) s"
}
