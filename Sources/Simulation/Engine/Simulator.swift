package import ActiveLearning
package import Inference
import Tensors
package import Training

/// Plays the whole loop on a pool whose labels are known: ask, label, learn, measure, ask again.
package struct Simulator: Sendable {
  package let pool: SimulationPool
  package let rounds: Rounds
  package var learner: Learner
  package var training: FineTuneSettings
  /// Share of the answers that are wrong, 0...1: another class, each as likely.
  package var labelNoise: Double

  /// A simulator of one pool.
  package init(
    _ pool: SimulationPool, rounds: Rounds, learner: Learner = .acftHQ, labelNoise: Double = 0
  ) {
    self.pool = pool
    self.rounds = rounds
    self.learner = learner
    self.labelNoise = labelNoise
    // A workstation keeps every label in memory.
    training = FineTuneSettings(byteBudget: .max / 2)
  }

  /// What one run did.
  package struct Run: Sendable {
    /// Accuracy on the test photos after each round.
    package var accuracies: [Double]
    /// Candidates in the order in which they were asked.
    package var asked: [Int]
    /// The head at the end.
    package var head: Head
  }

  /// A head that has learned nothing.
  package var start: Head { Head(classes: pool.classes, featureCount: pool.featureCount) }

  /// Asks by `strategy` until the budget is used up; `seed` decides everything random.
  ///
  /// `watch` is told of each batch before it is answered: the state that it was chosen from, the
  /// head, and the candidates.
  package func run(
    _ strategy: Strategy, seed: UInt64,
    watch: (_ state: SelectionState, _ head: Head, _ chosen: [Int]) -> Void = { _, _, _ in }
  ) throws -> Run {
    let answers = answers(seed: seed)
    var state = SelectionState(
      affinity: pool.affinity, unlabelled: Array(pool.candidates.indices),
      classes: pool.classes.count)
    var run = Run(accuracies: [], asked: [], head: start)
    for (round, target) in rounds.labels(candidates: pool.candidates.count).enumerated() {
      let seed = SeededRandom(seed: seed, stream: UInt64(round)).state
      let chosen = choose(
        strategy, from: state, count: target - state.labelled.count, seed: seed)
      watch(state, run.head, chosen)
      let old = state.labelled.map { sample($0, answers) }
      var settings = training
      settings.seed = seed
      run.head = try learner.learn(
        from: run.head, new: chosen.map { sample($0, answers) }, old: old, scaling: pool.scaling,
        settings: settings)
      state.labelled += chosen
      state.labels += chosen.map { answers[$0] }
      let taken = Set(chosen)
      state.unlabelled.removeAll { taken.contains($0) }
      state.probabilities = state.unlabelled.map { index in
        let sample = pool.candidates[index].sample
        return run.head.probabilities(sample.features.span, count: sample.patches)
      }
      run.accuracies.append(accuracy(run.head))
    }
    run.asked = state.labelled
    return run
  }

  /// The accuracy of a head that learned the answers of the whole pool at once.
  package func fullAccuracy(seed: UInt64) throws -> Double {
    let answers = answers(seed: seed)
    var settings = training
    settings.seed = seed
    let head = try Learner.aftLQ.learn(
      from: start, new: pool.candidates.indices.map { sample($0, answers) }, old: [],
      scaling: pool.scaling, settings: settings)
    return accuracy(head)
  }

  /// The classes that the operator answers: the truth, but for the noise.
  package func answers(seed: UInt64) -> [Int] {
    let truth = pool.candidates.map(\.sample.label)
    guard labelNoise > 0, pool.classes.count > 1 else { return truth }
    var random = SeededRandom(seed: seed, stream: 0x6e6f_6973_65)
    return truth.map { label in
      let (isWrong, other) = (random.unit() < labelNoise, random.below(pool.classes.count - 1))
      return isWrong ? (other < label ? other : other + 1) : label
    }
  }

  /// Share of the test photos whose class is the most probable by the mean over their patches.
  package func accuracy(_ head: Head) -> Double {
    let right = zip(predictions(head), pool.test.labels).count { $0.best == $1 }
    return Double(right) / Double(pool.test.labels.count)
  }

  /// What `head` takes each test photo for, and how probable it holds that to be.
  package func predictions(_ head: Head) -> [(best: Int, probability: Float)] {
    let (patches, classes) = (pool.test.patches, pool.classes.count)
    let each = head.probabilities(
      pool.test.features.span, count: pool.test.labels.count * patches)
    return pool.test.labels.indices.map { photo in
      var mean = [Float](repeating: 0, count: classes)
      for index in photo * patches * classes..<(photo + 1) * patches * classes {
        mean[index % classes] += each[index]
      }
      let best = mean.indices.reduce(0) { mean[$1] > mean[$0] ? $1 : $0 }
      return (best, mean[best] / Float(patches))
    }
  }

  private func sample(_ index: Int, _ answers: [Int]) -> TrainingSample {
    var sample = pool.candidates[index].sample
    sample.label = answers[index]
    return sample
  }
}
