import ActiveLearning
package import Board
import Crypto
import FoundationEssentials
package import Graph
import Imaging
package import Inference
package import Logging
package import SampleStore
import Sync
import Training

/// Why a device could not start or go on.
package enum DeviceError: Error, CustomStringConvertible {
  case noModel(store: String)
  case otherBody(store: String, model: String)
  case noClasses(model: String)
  case overBudget(needed: Int, budget: Int, largest: String)
  case unknownClass(String)
  case nothingToUndo
  case gone(candidate: Int64)
  case noAnswer(candidate: Int64)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .noModel(let store):
      "\(store): has no model yet; give one with --model (made by `loam new-task`)"
    case .otherBody(let store, let model):
      "\(model): has another body than the model that \(store) was started with, so its stored "
        + "features do not fit; leave --model out or name another --store"
    case .noClasses(let model):
      "\(model): has no class names or no classifier that can be trained; make a model for your "
        + "classes with `loam new-task`"
    case .overBudget(let needed, let budget, let largest):
      "the device needs \(byteText(needed)) and may use \(byteText(budget)); the largest part is "
        + "\(largest); set --memory-budget to at least \(needed >> 20 + 1)MiB"
    case .unknownClass(let name):
      "there is no class '\(name)'; add it first, or press a class's key"
    case .nothingToUndo: "nothing to undo: no answer of this operator stands"
    case .noAnswer(let candidate):
      "#\(candidate) has no answer that could be given anew; `loam report --history` lists all"
    case .gone(let candidate): "the photos of #\(candidate) are gone; skip it"
    }
  }
}

/// The device: judges captures, asks about the ones worth a label, learns from the answers.
///
/// One thread owns it. It is the console's desk, and everything it acknowledges is in the store.
package final class Device {
  package private(set) var settings: DeviceSettings
  package let store: SampleStore
  let slots: ModelSlots
  let judge: Judge
  let clock: any Clock
  let log: Logger
  let operatorName: Name
  /// What is known of memory before anything runs.
  package let budget: MemoryBudget

  /// The active model: the body never changes, the head is replaced after each accepted round.
  package internal(set) var network: Network
  package internal(set) var head: Head
  package internal(set) var model: ModelRecord
  /// All classes, the ones that the head does not know yet included.
  package internal(set) var classes: [ClassRecord]

  /// The labelled examples; `nil` until they are needed after a round.
  var insight: StoreInsight?
  var currentQuestion: OperatorQuestion?
  /// Whether the head knows nothing yet.
  var isFresh: Bool { head.weights.allSatisfy { $0 == 0 } }
  /// Whether an answer was given or taken back since the device last looked for something to learn.
  var hasNewAnswers = true
  /// Whether anything happened since the device last looked for something to ask.
  var hasNews = true
  /// Judges captures as they come; `nil` while questions are asked in batches.
  var stream: StreamJudge?
  /// The device's clock when it started, and when the last answer came.
  let startNanoseconds: UInt64
  var answeredNanoseconds: UInt64
  /// The device's clock when the last capture came, and before which neither asking nor learning is
  /// tried again, for it could not be done or not yet.
  var capturedNanoseconds: UInt64
  var askAgainNanoseconds: UInt64?
  var learnAgainNanoseconds: UInt64 = 0
  /// Labels in doubt that the operator skipped since the last round.
  var postponed: Set<Int64> = []
  /// The candidate that was answered last.
  var lastAnswered: Int64?
  /// Labels since the last round; `nil` when they have to be counted.
  var unlearnedCount: Int?
  /// Whether it has been said that no photo is left to ask about.
  var hasSaidEmpty = false
  /// Whether a label or an unsure answer was given since skipped photos were last asked again.
  var hasAnsweredSinceRequeue = true
  /// Why no more is asked; `nil` while asking goes on.
  package internal(set) var stopReason: String?
  /// Bytes of the photos whose files are there.
  package internal(set) var photoByteCount = 0
  /// Whether it has been said that no photo can make room.
  var hasSaidFull = false
  /// The stages that the latest burst passed; `nil` before the first and once they were taken.
  package internal(set) var latestTimes: StageTimes?
  /// Takes a photo as of a moment on the clock; `false` when too many are being taken, `nil` where no
  /// camera can be told to.
  package var pullShutter: ((UInt64) -> Bool)?
  /// Asked now and then during long work; when it says so, the work ends early and nothing is lost.
  package var shouldStop: () -> Bool = { false }
  /// Called when long work has got on.
  package var madeProgress: () -> Void = {}
  /// Called with lines for the operator.
  package var notice: (String) -> Void = { _ in }

  /// Opens the device in the folder `storeFolder`, with the model at `modelPath` if it has none yet.
  ///
  /// Whatever a power cut interrupted is put right first.
  package init(
    storeFolder: String, modelPath: String?, settings: DeviceSettings, clock: any Clock, log: Logger
  ) throws {
    self.settings = settings
    self.clock = clock
    self.log = log
    startNanoseconds = clock.monotonicNanoseconds
    answeredNanoseconds = startNanoseconds
    capturedNanoseconds = startNanoseconds
    operatorName = try Name(settings.operatorName)
    // The model first: one that cannot be used leaves no new store behind.
    let hasModel = FileManager.default.fileExists(atPath: "\(storeFolder)/models/active")
    var fresh = try Self.given(
      modelPath, mayFail: hasModel && settings.toleratesOtherModel, log: log)
    store = try SampleStore.open(storeFolder, for: .device)
    Outbox(store: storeFolder).removeArchives()
    slots = try ModelSlots(folder: "\(storeFolder)/models")
    if slots.active == nil {
      guard let fresh, let modelPath else { throw DeviceError.noModel(store: storeFolder) }
      try Self.install(fresh.network(), from: modelPath, into: slots)
    }
    guard let path = slots.active else { throw ModelSlotsError.noActiveModel(folder: slots.folder) }
    let file = try LoamFile.open(path)
    network = try file.network()
    if let given = fresh, let modelPath,
      try given.network().lineage.bodySHA256 != network.lineage.bodySHA256
    {
      let error = DeviceError.otherBody(store: storeFolder, model: modelPath)
      guard settings.toleratesOtherModel else { throw error }
      log.warning("the model given is not used", metadata: ["reason": "\(error)"])
      fresh = nil
    }
    guard let head = try? Head(network: network), head.classes.count >= 2 else {
      throw DeviceError.noClasses(model: modelPath ?? path)
    }
    self.head = head
    if let added = try fresh?.network().classes.first(where: { !head.classes.contains($0) }) {
      log.warning(
        "the store has a model of its own; the one given is not used",
        metadata: [
          "class": "\(added)", "next": "add the class at the console, or name another --store",
        ])
    }
    // The arena alone must stay within the budget, before any of it is there.
    judge = try Judge(
      network, patches: settings.patches, threads: settings.threads,
      arenaLimit: settings.memoryBudget)
    budget = try Self.plan(judge: judge.memory, network: network, settings: settings)
    self.settings.training.byteBudget = budget.bytes(of: MemoryBudget.workPart)
    let now = clock.stamp
    for name in head.classes where try store.findClass(try Name(name)) == nil {
      try store.addClass(try Name(name), at: now)
    }
    classes = try store.classes()
    photoByteCount = try store.photoByteCount()
    model = try Self.reconcile(store: store, file: file, network: network, at: now)
    log.info("device ready", metadata: ["model": "\(model.id)", "store": "\(storeFolder)"])
    try store.recordEvent(
      .info, kind: "device.started", message: "model \(model.id), \(classes.count) classes", at: now
    )
    try beginStream()
    try restoreStop()
    network.releasePages()
  }

  /// The model at `path`, if there is one. Where it `mayFail`, the store has a model of its own, and a
  /// device in the field must start.
  private static func given(_ path: String?, mayFail: Bool, log: Logger) throws -> LoamFile? {
    guard let path else { return nil }
    do {
      return try LoamFile.open(path)
    } catch {
      guard mayFail else { throw error }
      log.warning(
        "the model given cannot be used; the store's own is", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  /// Puts a first model into the slots of a new store.
  private static func install(
    _ network: Network, from path: String, into slots: ModelSlots
  ) throws {
    guard network.classes.count >= 2, network.headNode != nil else {
      throw DeviceError.noClasses(model: path)
    }
    try slots.activate(try slots.stage(network))
  }

  /// The record of the model in the active slot, entered or activated if a power cut came between
  /// the slot and the store.
  private static func reconcile(
    store: SampleStore, file: LoamFile, network: Network, at now: Stamp
  ) throws -> ModelRecord {
    let sha256 = file.sha256
    if let active = try store.activeModel(), active.model.sha256 == sha256 { return active }
    if let known = try store.models().last(where: { $0.model.sha256 == sha256 }) {
      try store.activateModel(known.id)
      return known
    }
    return try store.recordModel(
      NewModel(
        sha256: sha256, path: file.path, bodySHA256: network.lineage.bodySHA256,
        labelCount: network.lineage.labels, seed: network.lineage.seed, accepted: true,
        why: "the model that the store began with"), at: now, activate: true)
  }

  /// Adds up what the device needs and leaves the rest to training; throws if that is too little.
  private static func plan(
    judge: JudgeMemory, network: Network, settings: DeviceSettings
  ) throws -> MemoryBudget {
    let budget = MemoryBudget(judge: judge, network: network, settings: settings)
    guard budget.fits else {
      throw DeviceError.overBudget(
        needed: budget.peakBytes, budget: budget.bytes, largest: budget.parts[0].name)
    }
    return budget
  }
}

extension Clock {
  /// The wall clock as the store keeps it.
  var stamp: Stamp {
    Stamp(unixMilliseconds: wall.unixMilliseconds, clockTrusted: wall.trusted)
  }
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
package func sha256Text(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef")
  return String(SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
