import ActiveLearning
import Foundation
import Graph
import Imaging
import Inference
import SampleStore
import Testing
import Training

@testable import DeviceRuntime

@Suite("Audits on a device")
struct DeviceAuditTests {
  /// A world in which one capture and one question in four is an audit.
  private func settings(_ world: World) -> DeviceSettings {
    var settings = world.settings
    settings.auditShare = 0.25
    return settings
  }

  private func marked(_ device: Device) throws -> [Int64] {
    try (1...40 as ClosedRange<Int64>).filter { try device.store.candidate($0).isAudit }
  }

  @Test("are marked as captures arrive, asked one in four, never learned from, and hold the gate")
  func rounds() throws {
    let world = try World()
    let device = try world.device(settings(world))
    for index in 0..<40 { try device.capture(path: try world.photo(index)) }
    let marked = try marked(device)
    #expect((4...18).contains(marked.count))
    #expect(device.statusLine.contains("accuracy unknown: no audit label yet"))
    try World.live(device, rounds: 4)
    #expect(try device.store.counts().labels == 16)
    let audit = try device.store.auditCounts()
    #expect(audit.labels == 4 && audit.unsure == 0 && audit.waiting == marked.count - 4)
    #expect(audit.judged == 3, "the first round's was asked while the model knew nothing")
    let labelled = try device.store.activeLabels().map(\.candidateID)
    #expect(labelled.count { marked.contains($0) } == 4)
    // The gate counts all audit labels there are, and nothing else.
    let last = try #require(try device.store.models().last)
    #expect(last.model.why.contains("of 4 audit labels right"), "\(last.model.why)")
    #expect(
      device.statusLine.contains("accuracy \(audit.estimate.text) on the latest 3 audit labels"),
      "\(device.statusLine)")
  }

  @Test("are judged by what the model said before the label, whatever the gate makes of it")
  func honest() throws {
    let world = try World()
    let device = try world.device(settings(world))
    for index in 0..<40 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    var right = 0
    var judged = 0
    for _ in 0..<4 {
      try device.askIfDue()
      while let question = device.question {
        if try device.store.candidate(question.candidate).isAudit {
          let features = try #require(
            try device.store.features(
              of: question.candidate, bodySHA256: device.network.lineage.bodySHA256))
          let said = device.head.probabilities(features.values.span, count: features.patches)
          let best = Prediction.meanOfPatches(said, classCount: 2).best
          judged += 1
          if device.head.classes[best] == World.truth(question.photoName) { right += 1 }
        }
        try World.answer(device)
      }
      try device.learnIfDue()
    }
    let audit = try device.store.auditCounts()
    #expect(judged >= 3 && audit.judged == judged && audit.right == right)
  }

  @Test("show no guess to the operator, and say why they are asked")
  func blind() throws {
    let world = try World()
    let device = try world.device(settings(world))
    for index in 0..<40 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 1)
    try device.askIfDue()
    var audits = 0
    while let question = device.question {
      let isAudit = try device.store.candidate(question.candidate).isAudit
      #expect(question.guesses.isEmpty == isAudit)
      #expect((question.reason.note?.contains("drawn at random") == true) == isAudit)
      if isAudit { audits += 1 }
      try World.answer(device)
    }
    #expect(audits == 1)
    try device.learnIfDue()
    try device.askIfDue()
    let listed = try device.queue(limit: 9)
    for entry in listed {
      let isAudit = try device.store.candidate(entry.candidate).isAudit
      #expect((entry.guess == nil) == isAudit && (entry.score == nil) == isAudit)
      let why = try device.why(candidate: entry.candidate)
      #expect(why.nearest.isEmpty == isAudit && why.guesses.isEmpty == isAudit)
    }
  }

  @Test("stay audits when an answer is taken back and given anew, and after a restart")
  func undo() throws {
    let world = try World()
    var asked: Int64 = 0
    do {
      let device = try world.device(settings(world))
      for index in 0..<40 { try device.capture(path: try world.photo(index)) }
      try World.live(device, rounds: 3)
      try device.askIfDue()
      while let question = device.question, try !device.store.candidate(question.candidate).isAudit
      {
        try World.answer(device)
      }
      let question = try #require(device.question)
      asked = question.candidate
      let labels = try device.store.auditCounts().labels
      let truth = World.truth(question.photoName)
      let wrong = truth == "bright" ? "dark" : "bright"
      _ = try device.answer(candidate: asked, .label(truth))
      let right = try device.store.auditCounts().right
      _ = try device.undo()
      #expect(try device.store.auditCounts().labels == labels)
      _ = try device.answer(candidate: asked, .label(wrong))
      let changed = try device.store.auditCounts()
      #expect(changed.labels == labels + 1 && abs(changed.right - right) == 1)
      _ = try device.undo()
      _ = try device.answer(candidate: asked, .unsure)
      #expect(try device.store.auditCounts().unsure == 1)
    }
    let again = try world.device(settings(world))
    let audit = try again.store.auditCounts()
    #expect(audit.unsure == 1)
    #expect(again.statusLine.contains("1 more could not be told"))
    #expect(try again.store.candidate(asked).isAudit)
  }

  @Test("are none when switched off, and are asked at last when nothing else is left")
  func edges() throws {
    let world = try World()
    var settings = settings(world)
    settings.auditShare = 0
    settings.stopChanges = [.off(.alreadyRight)]
    do {
      let device = try world.device(settings)
      for index in 0..<12 { try device.capture(path: try world.photo(index)) }
      #expect(try device.store.waitingAudits().isEmpty)
    }
    settings.auditShare = 0.5
    let device = try world.device(settings)
    for index in 12..<40 { try device.capture(path: try world.photo(index)) }
    #expect(try device.store.waitingAudits().count > 5)
    try World.live(device, rounds: 20)
    #expect(try device.store.counts().labels == 40)
    #expect(try device.store.waitingAudits().isEmpty)
  }

  @Test("make the gate refuse a head that gets fewer of them right")
  func gate() throws {
    let head = Head(classes: ["no", "yes"], featureCount: 1, weights: [0, 1], bias: [0, 0])
    func sample(_ candidate: Int64, _ feature: Float, _ label: Int) -> TrainingSample {
      TrainingSample(candidate: candidate, label: label, features: [feature], patches: 1)
    }
    var settings = FineTuneSettings()
    settings.minimumSteps = 400
    var round = LearningRound(head: head, settings: settings)
    #expect(!round.hasNews)
    round.add(sample(1, 3, 1), isNew: true, isHeldOut: true)
    round.add(sample(2, -3, 0), isNew: true, isHeldOut: true)
    #expect(!round.hasNews && round.count == 2 && round.heldOutCount == 2 && round.newCount == 0)
    for index in 0..<20 {
      let sign: Float = index.isMultiple(of: 2) ? 1 : -1
      round.add(
        sample(Int64(10 + index), 3 * sign, sign > 0 ? 0 : 1), isNew: true, isHeldOut: false)
    }
    var measurement = FeatureScaling.Measurement(featureCount: 1)
    measurement.add([3, -3].span)
    let outcome = try round.run(scaling: measurement.scaling, seed: 3)
    #expect(outcome.verdict.heldOut == 2 && outcome.verdict.accuracyBefore == 1)
    #expect(outcome.verdict.accepted == (outcome.verdict.accuracyAfter == 1))
    #expect(outcome.verdict.step < 1, "labels all the wrong way round: \(outcome.verdict.why)")
  }

  @Test("take the same share of the random baseline's questions, and teach it nothing either")
  func baseline() throws {
    var measurement = FeatureScaling.Measurement(featureCount: 1)
    measurement.add([-3, -1, 1, 3].span)
    // Audits alone are of class c: who learned from one would think it likelier than nothing.
    let pool = (0..<200).map { index in
      RandomBaseline.Candidate(
        id: Int64(index),
        features: FeatureBlock(patches: 1, values: [index.isMultiple(of: 2) ? 3 : -3]),
        label: index.isMultiple(of: 7) ? 2 : index % 2, isAudit: index.isMultiple(of: 7))
    }
    var settings = FineTuneSettings()
    settings.minimumSteps = 1000
    func learnsC(auditShare: Double, of pool: [RandomBaseline.Candidate]) throws -> [Bool] {
      let baseline = RandomBaseline(
        classes: ["a", "b", "c"], settings: settings, scaling: measurement.scaling,
        auditShare: auditShare)
      return try baseline.run(pool: pool, rounds: [20, 40], seed: 4) { head in
        Double(head.probabilities([Float(0)].span, count: 1)[2])
      }.map { $0 > 0.1 }
    }
    #expect(try learnsC(auditShare: 0.1, of: pool) == [false, false])
    let unmarked = pool.map {
      RandomBaseline.Candidate(id: $0.id, features: $0.features, label: $0.label, isAudit: false)
    }
    #expect(try learnsC(auditShare: 0, of: unmarked) == [true, true])
  }
}
