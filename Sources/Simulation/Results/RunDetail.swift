/// One seed of one strategy looked at closely: how the model errs at its end and what was asked.
package struct RunDetail: Codable, Hashable, Sendable {
  package var strategy: String
  package var seed: Int
  /// Labels given at the end.
  package var labels: Int
  package var classes: [String]
  /// Test photos at the end by class (rows) and predicted class (columns).
  package var confusion: [[Int]]
  package var calibration: Calibration
  /// What was asked, in order.
  package var asked: [AskedPhoto]
  /// Labels that look wrong, the most suspicious first.
  package var suspects: [SuspectLabel]

  /// The end of one run.
  package init(
    strategy: String, seed: Int, labels: Int, classes: [String], confusion: [[Int]],
    calibration: Calibration, asked: [AskedPhoto] = [], suspects: [SuspectLabel] = []
  ) {
    precondition(
      confusion.count == classes.count && confusion.allSatisfy { $0.count == classes.count },
      "\(classes.count) classes need as many rows and columns of the confusion matrix")
    self.strategy = strategy
    self.seed = seed
    self.labels = labels
    self.classes = classes
    self.confusion = confusion
    self.calibration = calibration
    self.asked = asked
    self.suspects = suspects
  }
}

/// A question that a strategy asked, with what is needed to see why.
package struct AskedPhoto: Codable, Hashable, Sendable {
  /// How many patches of the candidate voted for a class.
  package struct Vote: Codable, Hashable, Sendable {
    package var className: String
    package var count: Int

    /// `count` patches for `className`.
    package init(className: String, count: Int) {
      self.className = className
      self.count = count
    }

    private enum CodingKeys: String, CodingKey {
      case count
      case className = "class"
    }
  }

  /// A photo that had a label by then, and how alike it is.
  package struct Neighbour: Codable, Hashable, Sendable {
    package var photo: String
    package var label: String
    /// Cosine of the angle between the two features, −1...1.
    package var cosine: Double

    /// A labelled photo near the one asked.
    package init(photo: String, label: String, cosine: Double) {
      self.photo = photo
      self.label = label
      self.cosine = cosine
    }
  }

  /// 1 for the first question of the run.
  package var number: Int
  /// 1 for the first batch.
  package var round: Int
  /// The candidate's index in the pool.
  package var candidate: Int
  /// The name of its photo, or of its group's first.
  package var photo: String
  /// The answer.
  package var label: String
  /// What the model took it for when it was asked; `nil` while no model had learned anything.
  package var guess: String?
  /// Probability of that guess, 0...1.
  package var guessProbability: Double?
  /// Entropy in nats; `nil` while no model had learned anything, like the next two.
  package var entropy: Double?
  package var diversity: Double?
  /// Its place among the candidates by score when it was asked; 1 is the highest.
  package var rank: Int?
  /// Why it was asked, in a sentence.
  package var reason: String
  /// How its patches voted, the most votes first.
  package var votes: [Vote]
  /// The most alike labelled photos, the nearest first.
  package var nearest: [Neighbour]
  /// A small JPEG as a data URI.
  package var thumbnail: String?

  /// A question; what only a model can know is `nil` or empty before there is one.
  package init(
    number: Int, round: Int, candidate: Int, photo: String, label: String, reason: String,
    guess: String? = nil, guessProbability: Double? = nil, entropy: Double? = nil,
    diversity: Double? = nil, rank: Int? = nil, votes: [Vote] = [], nearest: [Neighbour] = [],
    thumbnail: String? = nil
  ) {
    self.number = number
    self.round = round
    self.candidate = candidate
    self.photo = photo
    self.label = label
    self.reason = reason
    self.guess = guess
    self.guessProbability = guessProbability
    self.entropy = entropy
    self.diversity = diversity
    self.rank = rank
    self.votes = votes
    self.nearest = nearest
    self.thumbnail = thumbnail
  }

  private enum CodingKeys: String, CodingKey {
    case number, round, candidate, photo, label, guess, entropy, diversity, rank, reason, votes
    case nearest, thumbnail
    case guessProbability = "guess_probability"
  }
}

/// A label that contradicts the model strongly enough to be looked at again.
package struct SuspectLabel: Codable, Hashable, Sendable {
  package var photo: String
  /// The label that was given.
  package var given: String
  /// The class that the model takes it for.
  package var suggested: String
  /// Probability of that class, 0...1.
  package var probability: Double
  /// A small JPEG as a data URI.
  package var thumbnail: String?

  /// A label to look at again.
  package init(
    photo: String, given: String, suggested: String, probability: Double, thumbnail: String? = nil
  ) {
    self.photo = photo
    self.given = given
    self.suggested = suggested
    self.probability = probability
    self.thumbnail = thumbnail
  }
}
