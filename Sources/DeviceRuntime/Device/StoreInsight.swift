package import ActiveLearning
package import SampleStore

/// Looks into a store for what questions and reports say of it: the labelled examples and how far a
/// candidate is from them.
///
/// Features are read in chunks; of the labelled candidates one direction each is kept.
package struct StoreInsight {
  /// Examples shown with a question.
  package static let shownExamples = 3

  package let store: SampleStore
  /// Names the body whose features are compared.
  package let bodySHA256: String
  /// What has a label that is learned from, on the scale of all that the store has features of.
  package private(set) var examples: LabelledExamples
  /// Audits that have a label: nothing is learned from them, so they make nothing like them known.
  package private(set) var audits: LabelledExamples
  /// What nobody can tell, the latest of them: none like it is asked about.
  package private(set) var unanswerable: LabelledExamples
  /// Captures that the store had when the scale was measured.
  let captureCount: Int
  /// The distance beyond which a candidate is unlike anything labelled; `nil` while too few are.
  package private(set) var noveltyLimit: Double?
  private let rule: NoveltyRule
  private let positions: [Int64: Int]
  private var names: [String]

  /// Reads the store; the newest labels count if not all fit `byteBudget`.
  ///
  /// - Complexity: O(candidates × patches × features + labels² × features).
  package init(
    store: SampleStore, bodySHA256: String, featureCount: Int, byteBudget: Int,
    rule: NoveltyRule = .init()
  ) throws {
    self.store = store
    self.bodySHA256 = bodySHA256
    self.rule = rule
    captureCount = try store.counts().captures
    let classes = try store.classes()
    names = classes.map(\.name)
    positions = Dictionary(uniqueKeysWithValues: classes.map { ($0.id, $0.position) })
    var moments = FeatureMoments(dimension: featureCount)
    var all = store.poolSamples(
      bodySHA256: bodySHA256, states: [.pool, .queued, .skipped, .unsure, .labelled])
    while let chunk = try all.next() {
      for sample in chunk {
        moments.add(meanFeature(sample.features.values, dimension: featureCount))
      }
    }
    let count = try store.counts().labels
    let room = max(1, byteBudget / LabelledExamples.byteCount(1, dimension: featureCount))
    // Room for the answers until the next round: growing would copy everything.
    examples = LabelledExamples(
      moments: moments, capacity: min(count, room) + Self.expectedAnswers)
    audits = LabelledExamples(moments: moments)
    unanswerable = LabelledExamples(moments: moments)
    var left = max(0, count - room)
    var samples = store.labelledSamples(bodySHA256: bodySHA256)
    while let chunk = try samples.next() {
      for sample in chunk {
        left -= 1
        guard left < 0, let position = positions[sample.classID] else { continue }
        let feature = meanFeature(sample.features.values, dimension: featureCount)
        if sample.isAudit {
          audits.add(candidate: sample.candidateID, label: position, feature: feature)
        } else {
          examples.add(candidate: sample.candidateID, label: position, feature: feature)
        }
      }
    }
    var unsure = store.poolSamples(bodySHA256: bodySHA256, states: [.unsure])
    while let chunk = try unsure.next() {
      for sample in chunk where !sample.isAudit {
        noteUnanswerable(
          sample.candidateID, meanFeature(sample.features.values, dimension: featureCount))
      }
    }
    noveltyLimit = rule.limit(examples.distances)
  }

  private static let expectedAnswers = 64
  private static let mostUnanswerable = 200

  private mutating func noteUnanswerable(_ candidate: Int64, _ feature: [Float]) {
    if unanswerable.count >= Self.mostUnanswerable, let oldest = unanswerable.candidates.first {
      unanswerable.remove(candidate: oldest)
    }
    unanswerable.add(candidate: candidate, label: 0, feature: feature)
  }

  /// Takes note that nobody can tell a candidate.
  package mutating func addUnanswerable(candidate: Int64) throws {
    remove(candidate: candidate)
    guard try !store.candidate(candidate).isAudit, let feature = try feature(of: candidate) else {
      return
    }
    noteUnanswerable(candidate, feature)
  }

  /// Names of the classes by position.
  package var classNames: [String] { names }

  /// Takes note that a candidate was labelled with the class at `position`.
  package mutating func add(candidate: Int64, position: Int) throws {
    remove(candidate: candidate)
    guard let feature = try feature(of: candidate) else { return }
    if position >= names.count { names = try store.classes().map(\.name) }
    if try store.candidate(candidate).isAudit {
      return audits.add(candidate: candidate, label: position, feature: feature)
    }
    examples.add(candidate: candidate, label: position, feature: feature)
    noveltyLimit = rule.limit(examples.distances)
  }

  /// Takes note that a candidate has no answer any more.
  package mutating func remove(candidate: Int64) {
    examples.remove(candidate: candidate)
    audits.remove(candidate: candidate)
    unanswerable.remove(candidate: candidate)
    noveltyLimit = rule.limit(examples.distances)
  }

  /// The labelled examples nearest to a candidate, audits among them, without itself.
  package func neighbours(
    of candidate: Int64, limit: Int
  ) throws -> [LabelledExamples.Neighbour] {
    guard let feature = try feature(of: candidate) else { return [] }
    let near = [examples, audits].flatMap {
      $0.nearest(to: feature, limit: limit, except: candidate)
    }
    return Array(near.sorted { $0.cosine > $1.cosine }.prefix(limit))
  }

  /// How far a candidate is from everything that has been learned; `nil` while nothing has.
  package func novelty(of candidate: Int64) throws -> Novelty? {
    guard let feature = try feature(of: candidate) else { return nil }
    return examples.nearest(to: feature, limit: 1, except: candidate).first.map {
      Novelty(distance: 1 - $0.cosine, limit: noveltyLimit)
    }
  }

  /// Whether a `feature` is that of nearly the same picture as one that has a label which is learned
  /// from, or that nobody can tell.
  func isAnswered(_ feature: [Float], cosine: Double, except candidate: Int64? = nil) -> Bool {
    [examples, unanswerable].contains {
      $0.nearest(to: feature, limit: 1, except: candidate).contains { $0.cosine >= cosine }
    }
  }

  /// The `count` candidates of the pool, audits aside, that are farthest from everything labelled, the
  /// farthest first; only those unlike all of it and unlike what nobody can tell.
  ///
  /// - Complexity: O(candidates × (labels × features + count)).
  package func mostNovel(_ count: Int) throws -> [(candidate: Int64, novelty: Novelty)] {
    guard let limit = noveltyLimit, count > 0 else { return [] }
    var most: [(candidate: Int64, novelty: Novelty)] = []
    var samples = store.poolSamples(bodySHA256: bodySHA256, states: [.pool])
    while let chunk = try samples.next() {
      let candidates = chunk.filter { !$0.isAudit }
      let features = candidates.map {
        meanFeature($0.features.values, dimension: examples.moments.dimension)
      }
      let known = examples.closest(to: features)
      let unknown = unanswerable.closest(to: features)
      for (place, sample) in candidates.enumerated() {
        let novelty = Novelty(distance: 1 - Double(known[place]), limit: limit)
        guard novelty.isNovel, 1 - Double(unknown[place]) > limit else { continue }
        let before = most.firstIndex { $0.novelty.distance < novelty.distance } ?? most.count
        most.insert((sample.candidateID, novelty), at: before)
        if most.count > count { most.removeLast() }
      }
    }
    return most
  }

  /// The mean of a candidate's patches, `[features]`; `nil` where this body has made none.
  func feature(of candidate: Int64) throws -> [Float]? {
    try store.features(of: candidate, bodySHA256: bodySHA256).map {
      meanFeature($0.values, dimension: examples.moments.dimension)
    }
  }
}

extension StoreInsight {
  /// All that is known of why the candidate of `entry` is asked, or would be.
  ///
  /// - Parameters:
  ///   - prediction: what the model says; `nil` while its head knows nothing.
  ///   - value: what candidates are ranked by.
  ///   - reason: why it was chosen, if that is known; else the figures say it.
  package func why(
    _ entry: QueueEntry, prediction: Prediction?, value: LoamSettings.Value,
    reason: AskingReason? = nil, sentence: String? = nil
  ) throws -> QuestionWhy {
    // What lies near an audit would lead whoever answers as much as a guess.
    let isAudit = entry.candidate.isAudit
    let neighbours =
      isAudit ? [] : try neighbours(of: entry.candidate.id, limit: Self.shownExamples)
    let novelty = isAudit ? nil : try novelty(of: entry.candidate.id)
    let known: AskingReason
    if let reason {
      known = reason
    } else if novelty?.isNovel == true {
      known = .novel
    } else if let prediction {
      known = .byScore(value, entropy: prediction.entropy, diversity: prediction.diversity)
    } else {
      known = .coldStart
    }
    var why = QuestionWhy(
      candidate: entry.candidate.id, photo: entry.captures.first?.originalName ?? "?",
      reason: known, sentence: sentence)
    if let prediction {
      why.add(
        prediction.rows, classes: names, entropy: prediction.entropy,
        diversity: prediction.diversity, score: prediction.score)
      if let rank = try store.rank(of: entry.candidate.id) {
        (why.rank, why.ranked) = (rank.place, rank.of)
      }
    }
    why.nearest = try neighbours.map {
      QuestionWhy.Example(
        candidate: $0.candidate,
        photo: try store.captures(of: $0.candidate).first?.originalName ?? "?",
        name: names.indices.contains($0.label) ? names[$0.label] : "?", cosine: $0.cosine)
    }
    why.novelty = novelty
    return why
  }
}

extension Prediction {
  /// The probabilities of each patch.
  fileprivate var rows: [[Double]] {
    stride(from: 0, to: probabilities.count, by: classCount).map { start in
      probabilities[start..<start + classCount].map { Double($0) }
    }
  }
}
