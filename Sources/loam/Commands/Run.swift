import ActiveLearning
import ArgumentParser
import Board
import DeviceRuntime
import FoundationEssentials
import Imaging
import Kernels
import Logging

/// `loam run`: the daemon.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Be the device: judge photos, ask the operator, learn.",
    discussion: """
      Photos that arrive in the camera's folder are judged; the ones most worth a label are put to \
      the operator at the console, a batch at a time, chosen from --choose-from times as many; after \
      each batch the classifier is fine-tuned, and taken if the audit labels do not get worse. Stop \
      it with SIGTERM or Ctrl-C: nothing acknowledged is lost.

      With --ask 20/day, once there are a few labels for each class, each photo is judged as it comes \
      and asked about at once if it is among the best of the latest or unlike anything labelled; no day \
      (24 hours) has more than 20 questions, second answers aside. It learns when a batch of labels \
      has come in, or ten minutes after the last answer. `more` at the console asks about the best ten \
      of the backlog all the same.

      Asking stops by itself: \
      budget=N, N questions are answered (also --label-budget); \
      already-right=K/N, of the last N photos chosen as hard K were already classified right (usual: \
      three batches, at least 18, but an eighteenth); \
      unsure=S/N, a share S of the last N answers was "can't tell" (usual: 0.8 of two batches); \
      stable=S/R, in each of the last R rounds at most a share S of the pool changed its class; \
      gain=G/R, by the last R rounds (3 if left out) the next batch adds less than G to the accuracy \
      that the model expects of itself on the pool. The last two are off unless set. RULE=off switches \
      one off. The console, the log and `loam status` say which rule it was; `more` goes on.
      """)

  @Option(help: "The model to begin with (made by `loam new-task`); needed for a new store.")
  var model: String?

  @Option(help: "The folder that keeps captures, labels and models.")
  var store: String

  @Option(
    help: "Where photos come from: dir:FOLDER. Without it only stored photos are asked about.")
  var camera: String?

  @Option(help: "The operator's line: a serial device or a pty. Without it nobody is asked.")
  var console: String?

  @Option(help: "Speed of the line in bits a second.")
  var baud = 115_200

  @Flag(help: "Send colours to the console.")
  var colour = false

  @Option(help: "Seconds a question must stand before a key answers it; 0 for scripts.")
  var settle = 0.3

  @Option(help: "Questions of a round; the first one has twice as many.")
  var batch = 12

  @Option(help: "Captures that must be there before the first question.")
  var askAfter = 24

  @Option(
    help: """
      A batch is chosen from at least this many times as many photos; from fewer only when none has \
      come for ten minutes; 1 takes what is there.
      """)
  var chooseFrom = 3

  @Option(help: "Answers after which no more is asked.")
  var labelBudget = 1000

  @Option(help: "The most questions in an hour or a day, as in 20/day; in batches if absent.")
  var ask: String?

  @Option(
    help: "Percent of the photos that are kept apart to measure accuracy on, 0 to 50; 0 for none.")
  var audit = 10.0

  @Option(help: "Sets a stop rule, as in unsure=0.5/20 or stable=0.01/3, or RULE=off; repeatable.")
  var stop: [String] = []

  @Flag(help: "No stop rule but the label budget, and those that --stop sets.")
  var noStop = false

  @Option(help: "Bytes the process may use at its peak.")
  var memoryBudget = "96MiB"

  @Option(help: "How patches may be mirrored: none, horizontal, vertical or both.")
  var flips = Flips.none

  @Option(help: "Who sits at the console, for the record.")
  var operatorName = "console"

  @Option(help: "Decides patches, the first batch and the order of training samples.")
  var seed: UInt64 = 1

  func validate() throws {
    for (name, value) in [
      ("batch", batch), ("ask-after", askAfter), ("choose-from", chooseFrom),
      ("label-budget", labelBudget),
    ] where value < 1 {
      throw ValidationError("--\(name) is \(value); give a whole number of at least 1")
    }
    for (name, value) in [("batch", batch), ("choose-from", chooseFrom)] where value > 1000 {
      throw ValidationError("--\(name) is \(value); give at most 1000")
    }
    guard (0...50).contains(audit) else {
      throw ValidationError("--audit is \(audit); give a number of percent from 0 to 50")
    }
    do throws(AskRateError) { _ = try rate } catch {
      throw ValidationError("--ask: \(error)")
    }
    do throws(StopChangeError) { _ = try stopChanges } catch {
      throw ValidationError("--stop: \(error)")
    }
    if byteCount(memoryBudget) == nil {
      throw ValidationError("--memory-budget is '\(memoryBudget)'; write it as 96MiB")
    }
    if let camera, !camera.hasPrefix("dir:") {
      throw ValidationError("--camera is '\(camera)'; give a folder as dir:/path")
    }
  }

  private var rate: AskRate? {
    get throws(AskRateError) {
      guard let ask else { return nil }
      return try AskRate(ask)
    }
  }

  private var stopChanges: [StopChange] {
    get throws(StopChangeError) {
      var changes: [StopChange] = []
      if noStop { changes = StopRule.Kind.allCases.filter { $0 != .budget }.map { .off($0) } }
      for text in stop { changes.append(try StopChange(text)) }
      return changes
    }
  }

  private func settings() throws -> DeviceSettings {
    var settings = DeviceSettings()
    settings.rate = try rate
    settings.stopChanges = try stopChanges
    settings.auditShare = audit / 100
    settings.batch = batch
    settings.firstBatch = 2 * batch
    settings.askAfter = askAfter
    settings.chooseFrom = chooseFrom
    settings.labelBudget = labelBudget
    settings.memoryBudget = byteCount(memoryBudget) ?? settings.memoryBudget
    settings.patches.flips = flips.setting
    settings.patches.seed = seed
    settings.operatorName = operatorName
    settings.seed = seed
    return settings
  }

  func run() async throws {
    if let complaint = CPU.complaint { throw CommandFailure(complaint) }
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    let log = Logger(label: "loam")
    log.info("\(CPU.report)")
    let settings = try settings()
    var appearance = ConsoleSettings(baud: baud)
    appearance.colours = colour
    appearance.settleSeconds = max(0, settle)
    let (store, model, camera, console, baud, looks) = (
      self.store, self.model, self.camera, self.console, self.baud, appearance
    )
    try await Daemon.run(capture: nil, log: log) { shouldStop in
      var ports = DevicePorts()
      ports.folder = try camera.map { try FolderCamera(folder: String($0.dropFirst(4))) }
      if let console {
        let line = try SerialLine(
          path: console,
          settings: SerialSettings(bitsPerSecond: baud, writeDeadline: .milliseconds(100)))
        ports.consoles = [ConsoleLoop(line: line, settings: looks)]
      }
      let device = try Device(
        storeFolder: store, modelPath: model, settings: settings, clock: SystemClock(), log: log)
      DeviceLoop(device: device, ports: ports, log: log).run(until: shouldStop)
    }
    log.info("stopped", metadata: ["peak": "\(ProcessMemory.current()?.peakByteCount ?? 0)"])
  }
}
