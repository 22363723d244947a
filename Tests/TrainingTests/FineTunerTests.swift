import Inference
import Kernels
import Tensors
import Testing
import Training

@Suite("Fine-tune")
struct FineTunerTests {
  private let clouds = Clouds()
  private let quick = FineTuneSettings(epochs: 6, minimumSteps: 40, weightDecay: 60, seed: 5)

  @Test("learns what can be learned, from nothing, and holds for what it never saw")
  func learns() throws {
    let (seen, unseen) = (clouds.samples(60, seed: 1), clouds.samples(90, seed: 2))
    let result = try FineTuner(quick).fineTune(
      head: clouds.head, new: seen, old: [], scaling: clouds.scaling(unseen))
    #expect(accuracy(clouds.head, unseen) < 0.4)
    #expect(accuracy(result.head, unseen) > 0.95)
    #expect(result.lastLoss < result.firstLoss / 2 && result.newSamples == 60)
    #expect(result.steps >= 40 && result.epochs == 10)
  }

  @Test("gives the same bytes in every variant of the kernels", arguments: Level.runnable)
  func sameBytes(level: Level) throws {
    let new = clouds.samples(33, seed: 3)
    let scaling = clouds.scaling(new)
    let reference = try #require(KernelSet(level: "scalar"))
    let wanted = try FineTuner(quick, kernels: reference).fineTune(
      head: clouds.head, new: new, old: [], scaling: scaling)
    let found = try FineTuner(quick, kernels: level.kernels).fineTune(
      head: clouds.head, new: new, old: [], scaling: scaling)
    #expect(found.head.sha256 == wanted.head.sha256 && found == wanted)
  }

  @Test("follows its seed and nothing else")
  func seeded() throws {
    let new = clouds.samples(20, seed: 3)
    var other = quick
    other.seed += 1
    let heads = try [quick, quick, other].map {
      try FineTuner($0).fineTune(
        head: clouds.head, new: new, old: [], scaling: clouds.scaling(new)
      ).head
    }
    #expect(heads[0] == heads[1] && heads[0] != heads[2])
  }

  @Test("goes on from the head it is given and keeps what replay reminds it of")
  func continues() throws {
    let first = clouds.samples(60, seed: 1).filter { $0.label < 2 }
    let second = clouds.samples(60, seed: 2, first: 100).filter { $0.label == 2 }
    let scaling = clouds.scaling(clouds.samples(60, seed: 9))
    let tuner = FineTuner(quick)
    let start = try tuner.fineTune(head: clouds.head, new: first, old: [], scaling: scaling).head
    let end = try tuner.fineTune(head: start, new: second, old: first, scaling: scaling)
    #expect(end.replayed > 0 && end.replayed + end.easy == first.count)
    #expect(accuracy(end.head, first) > 0.95 && accuracy(end.head, second) > 0.95)
    let forgetful = try tuner.fineTune(head: start, new: second, old: [], scaling: scaling).head
    let verdict = Gate.judge(current: forgetful, proposed: end.head, heldOut: first)
    #expect(try #require(verdict.lossAfter) < 0.8 * #require(verdict.lossBefore))
  }

  @Test("a rate far too high is told, not passed on")
  func diverges() throws {
    var wild = quick
    wild.learningRate = 1e30
    let error = #expect(throws: TrainingError.self) {
      try FineTuner(wild).fineTune(
        head: clouds.head, new: clouds.samples(9, seed: 1), old: [],
        scaling: .identity(featureCount: clouds.featureCount))
    }
    guard case .diverged(_, let rate) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rate == 1e30)
  }

  @Test("what does not fit the head is refused by candidate and number")
  func refuses() throws {
    let good = clouds.samples(6, seed: 1)
    func problem(_ change: (inout [TrainingSample]) -> Void) throws -> String {
      var new = good
      change(&new)
      let error = #expect(throws: TrainingError.self) {
        try FineTuner(quick).fineTune(
          head: clouds.head, new: new, old: good,
          scaling: .identity(featureCount: clouds.featureCount))
      }
      return try #require(error).description
    }
    #expect(try problem { $0 = [] }.contains("at least one new label"))
    #expect(try problem { $0[3].label = 3 }.contains("candidate 3 has label 3"))
    #expect(try problem { $0[2].label = -1 }.contains("candidate 2 has label -1"))
    #expect(try problem { $0[1].features.removeLast() }.contains("candidate 1 has 37 features"))
    #expect(try problem { $0[1].patches = 0 }.contains("candidate 1 has 38 features, its 0"))
    #expect(try problem { $0[5].features[7] = .infinity }.contains("candidate 5 has a feature"))
    let error = #expect(throws: TrainingError.self) {
      try FineTuner(quick).fineTune(
        head: clouds.head, new: good, old: [], scaling: .identity(featureCount: 4))
    }
    #expect(error == .scaling(found: 4, expected: 19))
  }

  @Test("settings that mean nothing are named")
  func settings() {
    #expect(FineTuneSettings().problem == nil)
    #expect(FineTuneSettings(epochs: 0).problem?.contains("epochs is 0") == true)
    #expect(FineTuneSettings(minimumSteps: -1).problem?.contains("minimumSteps is -1") == true)
    #expect(FineTuneSettings(learningRate: 0).problem?.contains("learningRate is 0.0") == true)
    #expect(FineTuneSettings(momentum: 1).problem?.contains("momentum is 1.0") == true)
    #expect(FineTuneSettings(weightDecay: .nan).problem?.contains("weightDecay is nan") == true)
    #expect(FineTuneSettings(batchSize: 0).problem?.contains("batchSize is 0") == true)
    #expect(FineTuneSettings(replayConfidence: 2).problem?.contains("Confidence is 2.0") == true)
  }
}

@Suite("Byte budget")
struct BudgetTests {
  private let clouds = Clouds()

  @Test("new labels that do not fit are refused with the number that would do")
  func namesTheNumber() throws {
    let new = clouds.samples(30, seed: 1)
    var settings = FineTuneSettings(epochs: 1, minimumSteps: 0, byteBudget: 1000)
    func run() throws -> FineTuneResult {
      try FineTuner(settings).fineTune(
        head: clouds.head, new: new, old: [], scaling: clouds.scaling(new))
    }
    let error = #expect(throws: TrainingError.self) { try run() }
    guard case .overBudget(let needed, 1000, 30) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    settings.byteBudget = needed
    #expect(try run().byteCount == needed)
    let predicted = memoryNeeded(
      samples: 30, patches: 2, featureCount: 19, classes: 3, settings: settings)
    #expect(predicted == needed)
    settings.byteBudget = needed - 1
    #expect(throws: TrainingError.self) { try run() }
  }

  /// Bytes of ten new samples and `room` old ones of `patches` patches.
  private func budget(room: Int, patches: Int) -> Int {
    let settings = FineTuneSettings()
    let need = { (samples: Int, patches: Int) in
      memoryNeeded(
        samples: samples, patches: patches, featureCount: 19, classes: 3, settings: settings)
    }
    return need(10, 2) + need(room, patches) - need(0, patches)
  }

  @Test(
    "replay is thinned first, then drawn, and never passes what is left",
    arguments: [(0, 0), (1, 1), (5, 5), (39, 39), (40, 40), (1000, 40)])
  func cutsReplay(room: Int, kept: Int) throws {
    let (new, old) = (clouds.samples(10, seed: 1), clouds.samples(40, seed: 2, first: 50))
    for patches in [1, 2] {
      var settings = FineTuneSettings(epochs: 1, minimumSteps: 0, replayConfidence: 1)
      settings.byteBudget = budget(room: room, patches: patches)
      let result = try FineTuner(settings).fineTune(
        head: clouds.head, new: new, old: old, scaling: clouds.scaling(old))
      #expect(result.byteCount <= settings.byteBudget)
      #expect(result.replayed + result.crowdedOut == 40)
      #expect(patches == 2 ? result.replayed >= kept : result.replayed == kept)
    }
  }

  @Test("what stays stands for what was left out, each as likely")
  func draws() {
    let old = clouds.samples(60, seed: 2)
    let room = 20 * (budget(room: 1, patches: 1) - budget(room: 0, patches: 1))
    var times = [Int](repeating: 0, count: 60)
    for seed in 0..<200 as Range<UInt64> {
      var replay = Replay(head: clouds.head, confidence: 1, byteBudget: room, seed: seed)
      for sample in old { replay.offer(sample) }
      let samples = replay.samples
      #expect(samples.count == 20 && replay.crowdedOut == 40)
      #expect(samples.allSatisfy { $0.patches == 1 && $0.weight == 3 })
      for sample in samples { times[Int(sample.candidate)] += 1 }
    }
    // 67 expected of each; the standard deviation is 6.7.
    #expect(times.allSatisfy { (35...100).contains($0) }, "\(times)")
  }

  @Test("what the head knows for certain is not trained on again, what it gets wrong is")
  func hardOnly() {
    var sure = clouds.head
    sure.bias = [9, 0, 0]
    var replay = Replay(head: sure, confidence: 0.95, byteBudget: 1 << 20, seed: 0)
    for sample in clouds.samples(30, seed: 1) { replay.offer(sample) }
    #expect(replay.easy == 10 && replay.crowdedOut == 0)
    #expect(replay.samples.map(\.label) == Array(repeating: [1, 2], count: 10).flatMap { $0 })
  }
}
