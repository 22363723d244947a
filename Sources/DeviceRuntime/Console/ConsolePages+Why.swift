package import ActiveLearning

extension ConsolePages {
  /// All that is known of why a candidate is asked, with the figures.
  func why(_ why: QuestionWhy) -> [String] {
    let width = max(20, settings.columns - 10)
    let rows: [(String, String?)] = [
      ("photo", name(why.photo, limit: 255)), ("reason", sentence(why.sentence)),
      ("guess", guesses(why)), ("views", views(why)), ("scores", figures(why)),
    ]
    var lines = ["Why #\(why.candidate) is asked:"]
    for (label, text) in rows {
      if let text { lines += field(label, ConsoleText.wrap(text, width: width)) }
    }
    guard why.reason != .audit else { return lines }
    lines += field("near", why.nearest.isEmpty ? ["nothing is labelled yet"] : nearest(why))
    if let text = why.novelty.map(novelty) {
      lines += field("novel", ConsoleText.wrap(text, width: width))
    }
    return lines
  }

  private func guesses(_ why: QuestionWhy) -> String? {
    guard !why.guesses.isEmpty else { return nil }
    return why.guesses.prefix(5)
      .map { "\(name($0.name, limit: 40)) \(ConsoleText.percent($0.probability))" }
      .joined(separator: ", ")
  }

  private func views(_ why: QuestionWhy) -> String? {
    guard !why.votes.isEmpty else { return nil }
    return why.votes.prefix(5).map { "\($0.patches) say \(name($0.name, limit: 40))" }
      .joined(separator: ", ")
  }

  private func figures(_ why: QuestionWhy) -> String? {
    let numbers = [("entropy", why.entropy), ("diversity", why.diversity), ("score", why.score)]
    var parts = numbers.compactMap { title, value in
      value.map { "\(title) \(ConsoleText.decimal($0))" }
    }
    if let rank = why.rank, let ranked = why.ranked { parts.append("rank \(rank) of \(ranked)") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private func nearest(_ why: QuestionWhy) -> [String] {
    let width = max(20, settings.columns - 10)
    return why.nearest.map { example in
      let cosine = ", cosine \(ConsoleText.decimal(example.cosine))"
      let start = "\(name(example.name, limit: 40)): #\(example.candidate) "
      let room = max(8, width - ConsoleText.width(start) - ConsoleText.width(cosine))
      let photo = ConsoleText.shorten(name(example.photo), width: room)
      return ConsoleText.shorten(start + photo + cosine, width: width)
    }
  }

  private func novelty(_ novelty: Novelty) -> String {
    let distance = "\(ConsoleText.decimal(novelty.distance)) from the nearest labelled photo"
    guard let limit = novelty.limit else { return distance + "; too few are labelled to judge it" }
    let limitText = ConsoleText.decimal(limit)
    return novelty.isNovel
      ? "\(distance), beyond \(limitText): unlike anything labelled"
      : "\(distance); from \(limitText) on a photo is unlike anything labelled"
  }
}

/// `why` in lines of 80 columns, for other places than the console.
package func whyLines(_ why: QuestionWhy) -> [String] {
  ConsolePages(settings: ConsoleSettings()).why(why)
}
