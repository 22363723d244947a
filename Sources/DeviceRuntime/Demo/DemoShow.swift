import Board
import Foundation
import FoundationEssentials
import Glibc
import Graph
import Imaging
import Inference
import SampleStore
import Tensors
import Training

/// The parent's side of a demonstration: camera, operator, and the measuring of accuracy.
final class DemoShow {
  private static let patience = 60

  private let demo: Demonstration
  private let network: Network
  private let line: TranscriptLine
  private var screen: DemoScreen { demo.screen }

  private var truth: [String: String] = [:]
  private var heldOutFeatures: [Float] = []
  private var heldOutLabels: [Int] = []
  private var patchCount = 0
  private var rounds: [DemoRound] = []
  private var random: [DemoRound.Random] = []
  private var lastModel: Int64 = 1
  private var photosPerSecond = 0.0
  private var excerpt: [String] = []
  private var stopReason: String?
  private var lastProgress = ContinuousClock.now

  init(_ demo: Demonstration, network: Network, terminal: PseudoTerminal) {
    self.demo = demo
    self.network = network
    line = TranscriptLine(terminal)
  }

  /// Plays camera and operator until a stop rule fires; the device is process `process`.
  func drive(process: Int32) throws -> DemoReport {
    let store = try openStore(process)
    try deliver(process, store)
    try compareWithRandom(store)
    screen.step(2, "It asks about the photos whose labels teach most, and learns after each batch.")
    let operatorScript = ScriptedOperator(line: line, thinkingTime: .milliseconds(20)) {
      [self] name in
      guard let truth = truth[name] else { return .skip }
      keepQuestion()
      return truth == LabelledPhotos.unsure ? .unsure : .label(truth)
    }
    screen.tableHead(seeds: demo.settings.randomRuns)
    lastProgress = .now
    while stopReason == nil {
      try operatorScript.poll(timeout: .milliseconds(20))
      try observe(store)
      try checkDevice(process)
    }
    let peak = ProcessMemory.of(process: process)?.peakByteCount ?? 0
    try Data(line.text.utf8).write(to: URL(filePath: "\(demo.settings.folder)/console.txt"))
    return DemoReport(
      data: demo.source, classes: demo.classes, pool: demo.pool.count,
      heldOut: heldOutLabels.count, rounds: rounds, random: random, stopReason: stopReason ?? "",
      photosPerSecond: photosPerSecond, peakRSSBytes: peak,
      budgetBytes: demo.settings.memoryBudget, bundle: "", seconds: 0)
  }

  /// The device's store, as soon as it is there.
  private func openStore(_ process: Int32) throws -> SampleStore {
    lastProgress = .now
    while true {
      if let store = try? SampleStore.openReadOnly(demo.store), (try? store.activeModel()) != nil {
        return store
      }
      _ = try line.read(timeout: .milliseconds(20))
      try checkDevice(process)
    }
  }

  /// Lets the photos arrive, and computes the features of those held out while the device judges.
  private func deliver(_ process: Int32, _ store: SampleStore) throws {
    screen.step(1, "The camera delivers; the device judges every photo in 8 patches, int8.")
    for (index, photo) in demo.pool.enumerated() {
      let name = "photo-\(String(repeating: "0", count: max(0, 4 - "\(index)".count)))\(index).jpg"
      truth[name] = photo.label
      let hidden = "\(demo.inbox)/.\(name)"
      try FileManager.default.copyItem(atPath: photo.path, toPath: hidden)
      guard unsafe rename(hidden, "\(demo.inbox)/\(name)") == 0 else {
        throw ModelSlotsError.notWritable(path: hidden, why: errorText(errno))
      }
    }
    let judge = try Judge(
      network, patches: PatchSettings(seed: demo.settings.seed, flips: demo.settings.flips))
    patchCount = judge.patchCount
    var waiting = demo.heldOut[...]
    let start = ContinuousClock.now
    lastProgress = start
    var (judged, shown) = (0, 0)
    while judged < demo.pool.count || !waiting.isEmpty {
      if let photo = waiting.popFirst(), let label = demo.classes.firstIndex(of: photo.label) {
        do throws(ImagingError) {
          heldOutFeatures += try judge.features(
            of: Photo(path: photo.path), identity: UInt64(heldOutLabels.count)
          ).values
          heldOutLabels.append(label)
        } catch {
          screen.note("held-out photo left out: \(error)")
        }
      }
      _ = try line.read(timeout: waiting.isEmpty ? .milliseconds(50) : .zero)
      let count = try store.counts().captures
      if count > judged { lastProgress = .now }
      judged = count
      if judged == demo.pool.count, photosPerSecond == 0 {
        let seconds = ContinuousClock.now - start
        photosPerSecond = Double(judged) / (Double(seconds.components.seconds) + 0.001)
      }
      if judged * 4 / demo.pool.count > shown {
        shown = judged * 4 / demo.pool.count
        screen.note("\(judged) of \(demo.pool.count) photos judged")
      }
      try checkDevice(process)
    }
    let failed = try store.counts().failedCaptures
    let trouble = failed > 0 ? "; \(failed) could not be used" : ""
    screen.note(
      "\(decimal(photosPerSecond, 1)) photos a second, \(decimal(8 * photosPerSecond, 0)) patches"
        + trouble)
  }

  /// What the device reaches with photos taken at random, for the same numbers of questions.
  private func compareWithRandom(_ store: SampleStore) throws {
    var candidates: [RandomBaseline.Candidate] = []
    var measurement = FeatureScaling.Measurement(featureCount: network.featureShape.count)
    var samples = store.poolSamples(bodySHA256: network.lineage.bodySHA256)
    while let chunk = try samples.next() {
      for sample in chunk {
        measurement.add(sample.features.values.span)
        let name = try store.captures(of: sample.candidateID).first?.originalName ?? ""
        let label = truth[name].flatMap { demo.classes.firstIndex(of: $0) }
        candidates.append(
          .init(
            id: sample.candidateID, features: sample.features, label: label,
            isAudit: sample.isAudit))
      }
    }
    let baseline = RandomBaseline(
      classes: demo.classes, settings: DeviceSettings().training, scaling: measurement.scaling,
      auditShare: DeviceSettings().auditShare)
    let asked = Array(
      stride(
        from: 2 * demo.settings.batch, through: demo.settings.questions, by: demo.settings.batch))
    let runs = try (0..<demo.settings.randomRuns).map { run in
      try baseline.run(
        pool: candidates, rounds: asked, seed: demo.settings.seed &+ 1000 &+ UInt64(run),
        evaluate: accuracy)
    }
    let start = accuracy(Head(classes: demo.classes, featureCount: network.featureShape.count))
    random = [.init(mean: start, standardError: 0)]
    random += asked.indices.map { index in
      DemoRound.Random(values: runs.map { $0[index] })
    }
    rounds = [DemoRound(asked: 0, labels: 0, accuracy: start, accepted: true, why: "knows nothing")]
  }

  /// Share of the held-out photos that `head` gets right, by the mean over a photo's patches: that is
  /// how the device itself judges.
  private func accuracy(_ head: Head) -> Double {
    let rows = heldOutLabels.count * patchCount
    let probabilities = head.probabilities(heldOutFeatures.span, count: rows)
    let size = patchCount * head.classes.count
    let right = heldOutLabels.enumerated().count { index, label in
      let block = Array(probabilities[index * size..<(index + 1) * size])
      return Prediction.meanOfPatches(block, classCount: head.classes.count).best == label
    }
    return Double(right) / Double(max(1, heldOutLabels.count))
  }

  /// Measures the model of a round that has just ended, and notices the end of asking.
  private func observe(_ store: SampleStore) throws {
    guard let newest = try store.models().last, newest.id > lastModel else {
      try noticeStop(store)
      return
    }
    let accepted = newest.model.accepted
    // An accepted model is measured once it is active; its slot stays as it is until the next round.
    guard !accepted || newest.isActive else { return }
    lastModel = newest.id
    lastProgress = .now
    let counts = try store.counts()
    let head = accepted ? try Head(network: LoamFile.open(newest.model.path).network()) : nil
    let round = DemoRound(
      asked: counts.labels + (counts.decisions[.unsure] ?? 0), labels: counts.labels,
      accuracy: head.map(accuracy) ?? rounds.last?.accuracy ?? 0, accepted: accepted,
      why: newest.model.why)
    rounds.append(round)
    screen.round(
      round, random: random.indices.contains(rounds.count - 1) ? random[rounds.count - 1] : nil)
    try noticeStop(store)
  }

  private func noticeStop(_ store: SampleStore) throws {
    stopReason = try store.events(limit: 8).first { $0.kind == "asking.stopped" }?.message
  }

  /// Keeps the first question that the criteria chose, with its picture, as the operator sees it.
  private func keepQuestion() {
    lastProgress = .now
    guard excerpt.isEmpty, rounds.count > 1 else { return }
    let key = ClassKeys(demo.classes).actsAtOnce(.picture) ? "p" : "p\r"
    guard (try? line.write(key)) != nil else { return }
    let end = ContinuousClock.now + .seconds(4)
    var quiet = 0
    while quiet < 6, ContinuousClock.now < end,
      let bytes = try? line.read(timeout: .milliseconds(100))
    {
      quiet = bytes.isEmpty ? quiet + 1 : 0
    }
    let text = line.text
    guard let start = text.range(of: "--- Question #", options: .backwards) else { return }
    excerpt = text[start.lowerBound...].split(whereSeparator: \.isNewline).map { line in
      String(line.split(separator: "\r").last ?? "")
    }
    // One that stands for the others, if there is one soon.
    if excerpt.contains(where: { $0.contains("unlike anything") }), rounds.count < 4 {
      excerpt = []
    }
  }

  private func checkDevice(_ process: Int32) throws {
    let log = "\(demo.settings.folder)/device.log"
    guard ProcessMemory.of(process: process) != nil else { throw DemoError.deviceEnded(log: log) }
    if ContinuousClock.now - lastProgress > .seconds(Self.patience) {
      throw DemoError.silent(seconds: Self.patience, log: log)
    }
  }

  /// The last lines: why it ended, the curves, what was saved, memory, and where the model lies.
  func closing(_ report: DemoReport) {
    screen.note("")
    screen.note("Stopped: \(report.stopReason).")
    if !excerpt.isEmpty {
      screen.step(3, "One of its questions, as it stood on the operator's line:")
      screen.console(excerpt)
    }
    screen.step(4, "What the labels bought")
    // The head that knows nothing would squeeze all the rest into the upper edge.
    screen.chart(Array(report.rounds.dropFirst()), random: Array(report.random.dropFirst()))
    screen.line()
    let last = report.rounds.last
    let share = decimal(100 * Double(report.peakRSSBytes) / Double(max(1, report.budgetBytes)), 0)
    for (name, fact) in [
      (
        "accuracy",
        "\(decimal(100 * (last?.accuracy ?? 0), 1)) % with \(last?.labels ?? 0) labels"
          + (report.random.last.map { "; at random \(decimal(100 * $0.mean, 1)) %" } ?? "")
      ),
      (
        "memory",
        "peak \(byteText(report.peakRSSBytes)) of a budget of "
          + "\(byteText(report.budgetBytes)) (\(share) %)"
      ),
      ("model", "\(report.bundle)/model.loam and model.onnx, with manifest.json"),
      ("console", "\(demo.settings.folder)/console.txt is what the operator saw"),
      ("time", "\(decimal(report.seconds, 0)) s"),
    ] {
      screen.line("  " + screen.paint(filled(name, 12), .faint) + fact)
    }
    screen.line()
  }
}

extension DemoRound.Random {
  /// Mean and standard error of `values`.
  init(values: [Double]) {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    let variance =
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
    self.init(mean: mean, standardError: (variance / count).squareRoot())
  }
}
