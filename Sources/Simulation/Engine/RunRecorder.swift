package import ActiveLearning
import DeviceRuntime
import Inference
import Training

/// Writes down one run for people to look at: what was asked and why, and how the model errs at its end.
package struct RunRecorder {
  private let simulator: Simulator
  private let answers: [Int]
  /// Photos shown with a picture; a page of hundreds of them would be slow to open.
  private let pictures: Int
  private var asked: [AskedPhoto] = []
  private var round = 0

  private var pool: SimulationPool { simulator.pool }

  /// Runs `strategy` with seed number `seed` and describes it.
  ///
  /// The suspects are labels that models which have not seen them contradict (confident learning, five
  /// folds of the labels given).
  package static func detail(
    _ simulator: Simulator, name: String, strategy: Strategy, seed: Int, pictures: Int = 120
  ) throws -> RunDetail {
    let number = Simulation.seed(seed)
    var recorder = RunRecorder(
      simulator: simulator, answers: simulator.answers(seed: number), pictures: pictures)
    let run = try simulator.run(strategy, seed: number) { state, head, chosen in
      recorder.record(state, head, chosen, strategy)
    }
    let predictions = simulator.predictions(run.head)
    let test = simulator.pool.test.labels
    return RunDetail(
      strategy: name, seed: seed, labels: run.asked.count, classes: simulator.pool.classes,
      confusion: confusionMatrix(
        truth: test, predicted: predictions.map(\.best), classes: simulator.pool.classes.count),
      calibration: Calibration(
        confidences: predictions.map { Double($0.probability) },
        right: zip(predictions, test).map { $0.best == $1 }),
      asked: recorder.asked, suspects: try recorder.suspects(run.asked, seed: number))
  }

  private init(simulator: Simulator, answers: [Int], pictures: Int) {
    self.simulator = simulator
    self.answers = answers
    self.pictures = pictures
  }

  /// Takes down a batch before it is answered.
  private mutating func record(
    _ state: SelectionState, _ head: Head, _ chosen: [Int], _ strategy: Strategy
  ) {
    round += 1
    let criterion = CriterionSettings()
    let value = strategy.value ?? .aift(criterion)
    let scores = state.hasPredictions ? state.values(value) : []
    let places = Dictionary(
      uniqueKeysWithValues: state.unlabelled.enumerated().map { ($1, $0) })
    for index in chosen {
      let photo = photo(index)
      var why = QuestionWhy(
        candidate: Int64(index), photo: photo, reason: .coldStart,
        sentence: strategy == .random ? "drawn at random" : nil)
      if let place = places[index], state.hasPredictions {
        let rows = rows(state.probabilities[place])
        let worth = score(rows, settings: criterion)
        why.add(
          rows, classes: pool.classes, entropy: worth.entropy, diversity: worth.diversity,
          score: scores[place])
        why.rank = 1 + scores.count { $0 > scores[place] }
        why.reason = .byScore(value, entropy: worth.entropy, diversity: worth.diversity)
        if strategy != .random { why.sentence = why.reason.sentence }
      }
      asked.append(
        AskedPhoto(
          number: asked.count + 1, round: round, candidate: index, photo: photo,
          label: pool.classes[answers[index]], reason: why.sentence, guess: why.guesses.first?.name,
          guessProbability: why.guesses.first?.probability, entropy: why.entropy,
          diversity: why.diversity, rank: why.rank,
          votes: why.votes.map { AskedPhoto.Vote(className: $0.name, count: $0.patches) },
          nearest: nearest(index, state),
          thumbnail: asked.count < pictures
            ? pool.candidates[index].photos.first.flatMap { thumbnail(path: $0.path) } : nil))
    }
  }

  /// The patches of one candidate as rows.
  private func rows(_ flat: [Float]) -> [[Double]] {
    let classes = pool.classes.count
    return stride(from: 0, to: flat.count, by: classes).map { start in
      flat[start..<start + classes].map { Double($0) }
    }
  }

  /// The three labelled candidates most like `index`.
  private func nearest(_ index: Int, _ state: SelectionState) -> [AskedPhoto.Neighbour] {
    let cosines = state.labelled.map { pool.affinity.cosine(index, $0) }
    let order = cosines.indices.sorted {
      cosines[$0] == cosines[$1] ? $0 < $1 : cosines[$0] > cosines[$1]
    }
    return order.prefix(3).map { place in
      AskedPhoto.Neighbour(
        photo: photo(state.labelled[place]), label: pool.classes[state.labels[place]],
        cosine: Double(cosines[place]))
    }
  }

  /// The labels given that the others contradict.
  private func suspects(_ asked: [Int], seed: UInt64) throws -> [SuspectLabel] {
    let classes = pool.classes.count
    var probabilities = [[Double]](repeating: [], count: asked.count)
    let folds = min(5, asked.count)
    var settings = simulator.training
    settings.seed = seed
    guard folds > 1 else { return [] }
    for fold in 0..<folds {
      let training = asked.indices.filter { $0 % folds != fold }
      let head = try Learner.aftLQ.learn(
        from: simulator.start,
        new: training.map { place in
          var sample = pool.candidates[asked[place]].sample
          sample.label = answers[asked[place]]
          return sample
        }, old: [], scaling: pool.scaling, settings: settings)
      for place in asked.indices where place % folds == fold {
        let sample = pool.candidates[asked[place]].sample
        let each = head.probabilities(sample.features.span, count: sample.patches)
        var mean = [Double](repeating: 0, count: classes)
        for (index, probability) in each.enumerated() {
          mean[index % classes] += Double(probability) / Double(sample.patches)
        }
        probabilities[place] = mean
      }
    }
    let estimate = ActiveLearning.suspects(
      labels: asked.map { answers[$0] }, probabilities: probabilities, classes: classes)
    return estimate.suspects.map { suspect in
      let index = asked[suspect.index]
      return SuspectLabel(
        photo: photo(index), given: pool.classes[suspect.given],
        suggested: pool.classes[suspect.suggested],
        probability: probabilities[suspect.index][suspect.suggested],
        thumbnail: pool.candidates[index].photos.first.flatMap { thumbnail(path: $0.path) })
    }
  }

  /// The name of a candidate's first photo: its file and the folder that this lies in.
  private func photo(_ index: Int) -> String {
    let path = pool.candidates[index].photos.first?.path ?? "?"
    return path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
