extension HTMLPage {
  /// The photos asked, in order, round by round.
  func askedSection(_ detail: RunDetail) -> Markup? {
    guard !detail.asked.isEmpty else { return nil }
    let rounds = Set(detail.asked.map(\.round)).sorted()
    let parts = rounds.enumerated().map { place, round in
      let asked = detail.asked.filter { $0.round == round }
      let known = asked.filter { $0.guess != nil }
      let right = known.filter { $0.guess == $0.label }.count
      let hits =
        known.isEmpty
        ? "no model yet" : "the model had \(right) of \(known.count) right"
      let open: Markup = place < 4 ? " open" : ""
      return """
        <details\(open)>
        <summary>Round \(round) <small>labels \(asked.first?.number ?? 0)–\
        \(asked.last?.number ?? 0) · \(hits)</small></summary>
        <ol class="cards" start="\(asked.first?.number ?? 1)">
        \(Markup(lines: asked.map(card)))
        </ol>
        </details>
        """ as Markup
    }
    return """
      <section id="asked">
      <h2>What was asked, and why</h2>
      <p>\(detail.strategy), seed \(detail.seed): every question in its order. The guess is the \
      model’s when it asked; the tick or cross says whether the answer agreed.</p>
      \(Markup(lines: parts))
      </section>
      """
  }

  private func card(_ asked: AskedPhoto) -> Markup {
    """
    <li class="card">
    \(thumbnail(asked.thumbnail, of: asked.photo))
    <div class="said">
    <p class="photo"><b>\(asked.number)</b> <span title="\(asked.photo)">\
    \(shortened(asked.photo, to: 60))</span></p>
    <p class="label">\(asked.label)\(guess(asked))</p>
    <p class="reason">\(asked.reason)</p>
    \(figures(asked))\(votes(asked))\(nearest(asked))
    </div>
    </li>
    """
  }

  /// The picture, or an empty frame; only a data URI of a picture is let in.
  private func thumbnail(_ source: String?, of photo: String) -> Markup {
    guard let source, source.hasPrefix("data:image/") else {
      return "<div class=\"thumbnail\" aria-hidden=\"true\"></div>"
    }
    return """
      <img class="thumbnail" src="\(source)" alt="\(photo)" width="96" height="96" loading="lazy">
      """
  }

  private func guess(_ asked: AskedPhoto) -> Markup? {
    guard let guess = asked.guess else { return nil }
    let probability = asked.guessProbability.map { " " + percent($0, places: 0) } ?? ""
    return guess == asked.label
      ? "<span class=\"right\">✓ guessed\(probability)</span>"
      : "<span class=\"wrong\">✗ guessed \(guess)\(probability)</span>"
  }

  private func figures(_ asked: AskedPhoto) -> Markup? {
    let parts = [
      asked.rank.map { "rank " + grouped($0) },
      asked.entropy.map { "entropy " + decimal($0, places: 2) },
      asked.diversity.map { "diversity " + decimal($0, places: 2) },
    ].compactMap { $0 }
    return parts.isEmpty
      ? nil : "<p class=\"figures\">\(parts.joined(separator: " · "))</p>\n"
  }

  /// How the patches voted, as a bar and in words.
  private func votes(_ asked: AskedPhoto) -> Markup? {
    let total = asked.votes.reduce(0) { $0 + $1.count }
    guard total > 0 else { return nil }
    let shades = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#999999"]
    let parts = asked.votes.enumerated().map { place, vote in
      """
      <i style="flex: \(vote.count); background: \(shades[min(place, shades.count - 1)])"></i>
      """ as Markup
    }
    let words = asked.votes.map { "\($0.className) \($0.count)" }.joined(separator: ", ")
    return """
      <div class="votes" aria-hidden="true">\(Markup(lines: parts))</div>
      <p class="figures">patches: \(words)</p>

      """
  }

  private func nearest(_ asked: AskedPhoto) -> Markup? {
    guard !asked.nearest.isEmpty else { return nil }
    let items = asked.nearest.map { neighbour in
      """
      <li title="\(neighbour.photo)">\(decimal(neighbour.cosine, places: 2)) \(neighbour.label) \
      <small>\(shortened(neighbour.photo, to: 60))</small></li>
      """ as Markup
    }
    return """
      <p class="figures">nearest labelled:</p>
      <ul class="nearest">\(Markup(lines: items))</ul>
      """
  }

  /// The labels that look wrong.
  func suspectsSection(_ detail: RunDetail) -> Markup {
    let cards = detail.suspects.map { suspect in
      """
      <li class="card">
      \(thumbnail(suspect.thumbnail, of: suspect.photo))
      <div class="said">
      <p class="photo"><span title="\(suspect.photo)">\(shortened(suspect.photo, to: 60))</span></p>
      <p class="label">\(suspect.given)<span class="wrong">→ \(suspect.suggested)? \
      \(percent(suspect.probability, places: 0))</span></p>
      </div>
      </li>
      """ as Markup
    }
    let list: Markup =
      cards.isEmpty
      ? "<p>No label contradicts the model strongly enough to be named.</p>"
      : """
      <p>Labels that strongly contradict what the model learned from the others: the label given, \
      and what the model takes the photo for. Nothing was changed.</p>
      <ol class="cards">
      \(Markup(lines: cards))
      </ol>
      """
    return """
      <section id="suspects">
      <h2>Labels to look at again</h2>
      \(list)
      </section>
      """
  }
}
