import ArgumentParser
import Board
import DeviceRuntime
import FoundationEssentials
import Glibc
import Imaging
import Kernels
import Logging
import Synchronization

/// `loam run`: the daemon.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Be the device: judge photos, ask the operator, learn.",
    discussion: """
      Photos that arrive in the camera's folder are judged; after --ask-after of them the ones most \
      worth a label are put to the operator at the console, a batch at a time; after each batch \
      the classifier is fine-tuned, and taken if the held-out labels do not get worse. Stop it with \
      SIGTERM or Ctrl-C: nothing acknowledged is lost.
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

  @Option(help: "Answers after which no more is asked.")
  var labelBudget = 1000

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
      ("batch", batch), ("ask-after", askAfter), ("label-budget", labelBudget),
    ] where value < 1 {
      throw ValidationError("--\(name) is \(value); give a whole number of at least 1")
    }
    if byteCount(memoryBudget) == nil {
      throw ValidationError("--memory-budget is '\(memoryBudget)'; write it as 96MiB")
    }
    if let camera, !camera.hasPrefix("dir:") {
      throw ValidationError("--camera is '\(camera)'; give a folder as dir:/path")
    }
  }

  private var settings: DeviceSettings {
    var settings = DeviceSettings()
    settings.batch = batch
    settings.firstBatch = 2 * batch
    settings.askAfter = askAfter
    settings.labelBudget = labelBudget
    settings.memoryBudget = byteCount(memoryBudget) ?? settings.memoryBudget
    settings.patches.flips = flips.setting
    settings.patches.seed = seed
    settings.operatorName = operatorName
    settings.seed = seed
    return settings
  }

  func run() throws {
    if let complaint = CPU.complaint { throw CommandFailure(complaint) }
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    let log = Logger(label: "loam")
    log.info("\(CPU.report)")
    watchSignals()
    let folder = try camera.map { try FolderCamera(folder: String($0.dropFirst(4))) }
    let line = try console.map {
      try SerialLine(
        path: $0,
        settings: SerialSettings(bitsPerSecond: baud, writeDeadline: .milliseconds(100)))
    }
    let device = try Device(
      storeFolder: store, modelPath: model, settings: settings, clock: SystemClock(), log: log)
    var appearance = ConsoleSettings(baud: baud)
    appearance.colours = colour
    appearance.settleSeconds = max(0, settle)
    let loop = DeviceLoop(
      device: device, camera: folder,
      console: line.map { ConsoleLoop(line: $0, settings: appearance) },
      log: log)
    loop.run(until: { stopRequested.load(ordering: .relaxed) })
    log.info("stopped", metadata: ["peak": "\(ProcessMemory.current()?.peakByteCount ?? 0)"])
  }
}

/// Set by SIGTERM and SIGINT.
private let stopRequested = Atomic(false)

/// Lets SIGTERM and SIGINT end the loop after the step at hand; the second one ends the program.
private func watchSignals() {
  for number in [SIGTERM, SIGINT] {
    signal(number) { number in
      if stopRequested.exchange(true, ordering: .relaxed) { _exit(128 + number) }
    }
  }
}
