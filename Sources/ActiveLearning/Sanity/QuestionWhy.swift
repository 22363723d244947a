/// Why a candidate was chosen to be asked.
package enum AskingReason: String, Hashable, Sendable, Codable, CaseIterable {
  /// The head knows little yet: typical of photos of which none has a label.
  case coldStart = "cold start"
  /// The most probable class leads the second by less than in other photos.
  case margin = "small margin"
  /// The model cannot decide.
  case entropy = "high entropy"
  /// The patches say different things.
  case disagreement = "patches disagree"
  /// Drawn at random, to measure accuracy.
  case audit
  /// Its label contradicted the model or a nearly identical photo.
  case again = "asked again"
  /// The operator wanted to answer more.
  case byOperator = "asked by operator"
  /// Unlike anything labelled.
  case novel = "unlike anything labelled"

  /// The reason that goes with a choice by `value`; by the published criteria what weighs more in
  /// the score, `lambda2` × diversity or `lambda1` × entropy.
  package static func byScore(
    _ value: LoamSettings.Value, entropy: Double, diversity: Double
  ) -> AskingReason {
    switch value {
    case .margin: .margin
    case .entropy, .leastConfidence: .entropy
    case .aift(let settings):
      settings.lambda2 * diversity > settings.lambda1 * entropy ? .disagreement : .entropy
    }
  }

  /// The reason in one plain sentence without a full stop.
  package var sentence: String {
    switch self {
    case .coldStart: "typical of photos that have no label yet"
    case .margin: "among those that the model is least sure of, and unlike others of its batch"
    case .entropy: "the model cannot decide between classes"
    case .disagreement: "the views of this photo say different things"
    case .audit: "drawn at random, to measure accuracy"
    case .again: "its label contradicts what the device knows"
    case .byOperator: "the operator asked for more, and this is one of the best"
    case .novel: "unlike anything labelled: perhaps a new class"
    }
  }
}

/// Why this one: all that is known of a question, for the console, the queue's listing and reports.
package struct QuestionWhy: Hashable, Sendable, Codable {
  /// A class and its probability by the mean over the patches.
  package struct Guess: Hashable, Sendable, Codable {
    package var name: String
    package var probability: Double

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case probability
    }

    /// A guess.
    package init(_ name: String, _ probability: Double) {
      self.name = name
      self.probability = probability
    }
  }

  /// A class and the patches it won.
  package struct Vote: Hashable, Sendable, Codable {
    package var name: String
    package var patches: Int

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case patches
    }

    /// Votes for a class.
    package init(_ name: String, _ patches: Int) {
      self.name = name
      self.patches = patches
    }
  }

  /// A labelled example near to the candidate.
  package struct Example: Hashable, Sendable, Codable {
    package var candidate: Int64
    package var photo: String
    package var name: String
    package var cosine: Double

    private enum CodingKeys: String, CodingKey {
      case candidate, photo
      case name = "class"
      case cosine
    }

    /// An example labelled as `name`.
    package init(candidate: Int64, photo: String, name: String, cosine: Double) {
      self.candidate = candidate
      self.photo = photo
      self.name = name
      self.cosine = cosine
    }
  }

  package var candidate: Int64
  package var photo: String
  package var reason: AskingReason
  /// The reason in one plain sentence.
  package var sentence: String
  /// The classes, most probable first; empty while the head knows nothing.
  package var guesses: [Guess] = []
  /// For each class that won a patch: how many; most first.
  package var votes: [Vote] = []
  package var entropy: Double?
  package var diversity: Double?
  package var score: Double?
  /// Place in the pool by score, from 1, of `ranked`.
  package var rank: Int?
  package var ranked: Int?
  /// The nearest labelled examples, at most three, the nearest first.
  package var nearest: [Example] = []
  package var novelty: Novelty?

  /// What is known of `candidate`; the rest is filled in where it is.
  package init(candidate: Int64, photo: String, reason: AskingReason, sentence: String? = nil) {
    self.candidate = candidate
    self.photo = photo
    self.reason = reason
    self.sentence = sentence ?? reason.sentence
  }

  /// Guesses, votes and figures from the probabilities of the patches, `[patches][classes]`, and what
  /// they made the candidate worth.
  package mutating func add(
    _ patches: [[Double]], classes: [String], entropy: Double, diversity: Double, score: Double
  ) {
    guard let first = patches.first, first.count <= classes.count else { return }
    var (sums, wins) = ([Double](repeating: 0, count: first.count), first.map { _ in 0 })
    for row in patches {
      for (index, probability) in row.enumerated() { sums[index] += probability }
      wins[row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }] += 1
    }
    let byMean = sums.indices.sorted { sums[$0] == sums[$1] ? $0 < $1 : sums[$0] > sums[$1] }
    guesses = byMean.map { Guess(classes[$0], sums[$0] / Double(patches.count)) }
    votes = wins.indices.filter { wins[$0] > 0 }
      .sorted { wins[$0] == wins[$1] ? $0 < $1 : wins[$0] > wins[$1] }
      .map { Vote(classes[$0], wins[$0]) }
    (self.entropy, self.diversity, self.score) = (entropy, diversity, score)
  }
}
