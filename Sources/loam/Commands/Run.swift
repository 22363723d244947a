import ActiveLearning
import ArgumentParser
import Board
import DeviceRuntime
import FoundationEssentials
import Kernels
import Logging

/// `loam run`: the daemon.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Be the device: judge photos, ask the operator, learn.",
    discussion: """
      Everything can be said in a configuration file (`loam config keys` lists what); options win over \
      --set, that over the environment, that over the file.

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

  @OptionGroup var source: ConfigurationOptions

  @Option(help: "The model to begin with (made by `loam new-task`); needed for a new store.")
  var model: String?

  @Option(help: "The folder that keeps captures, labels and models.")
  var store: String?

  @Option(
    help: """
      Where photos come from: dir:FOLDER, v4l2:DEVICE, exec:COMMAND or stdin. Without it only stored \
      photos are asked about.
      """)
  var camera: String?

  @Option(help: "The operator's line: a serial device or a pty. Without it nobody is asked.")
  var console: String?

  @Option(help: "Speed of the line in bits a second (default: 115200).")
  var baud: Int?

  @Flag(help: "Send colours to the console.")
  var colour = false

  @Option(
    help: "Seconds a question must stand before a key answers it; 0 for scripts (default: 0.3).")
  var settle: Double?

  @Option(
    help: "Who may use the console: pin, as provisioned, or none for everybody (default: pin).")
  var login: String?

  @Option(help: "Questions of a round; the first one has twice as many (default: 12).")
  var batch: Int?

  @Option(help: "Captures that must be there before the first question (default: 24).")
  var askAfter: Int?

  @Option(
    help: """
      A batch is chosen from at least this many times as many photos; from fewer only when none has \
      come for ten minutes; 1 takes what is there (default: 3).
      """)
  var chooseFrom: Int?

  @Option(help: "Answers after which no more is asked (default: 1000).")
  var labelBudget: Int?

  @Option(help: "The most questions in an hour or a day, as in 20/day; in batches if absent.")
  var ask: String?

  @Option(
    help: """
      Percent of the photos that are kept apart to measure accuracy on, 0 to 50; 0 for none (default: 10).
      """)
  var audit: Double?

  @Option(help: "Sets a stop rule, as in unsure=0.5/20 or stable=0.01/3, or RULE=off; repeatable.")
  var stop: [String] = []

  @Flag(help: "No stop rule but the label budget, and those that --stop sets.")
  var noStop = false

  @Option(help: "Bytes the process may use at its peak (default: 96MiB).")
  var memoryBudget: String?

  @Option(help: "How patches may be mirrored: none, horizontal, vertical or both (default: none).")
  var flips: Flips?

  @Option(help: "Who sits at the console, for the record (default: console).")
  var operatorName: String?

  @Option(help: "Decides patches, the first batch and the order of training samples (default: 1).")
  var seed: UInt64?

  func validate() throws {
    // What a person typed wrong in an option is bad usage; what a file says wrong is a failure.
    let typed = ConfigurationReading(file: nil, environment: [:], settings: options)
    if let problem = typed.problems.first(where: { $0.hasPrefix("--set: ") }) {
      throw ValidationError(Self.named(problem))
    }
  }

  /// `problem` of a key, told of the option that sets it.
  private static func named(_ problem: String) -> String {
    let text = problem.dropFirst("--set: ".count)
    guard let key = optionsOfKeys.keys.first(where: { text.hasPrefix("\($0) ") }) else {
      return String(text)
    }
    return "--\(optionsOfKeys[key] ?? key)" + text.dropFirst(key.count)
  }

  private static let optionsOfKeys = [
    "model": "model", "store": "store", "camera.address": "camera", "console.line": "console",
    "console.baud": "baud", "console.settle": "settle", "console.login": "login",
    "ask.batch": "batch", "ask.after": "ask-after", "ask.choose_from": "choose-from",
    "ask.label_budget": "label-budget", "ask.rate": "ask", "ask.audit": "audit",
    "ask.stop": "stop", "memory.budget": "memory-budget", "operator": "operator-name",
  ]

  /// The options as settings of keys.
  private var options: [String] {
    var settings: [String] = []
    func set(_ key: String, _ value: (some CustomStringConvertible)?) {
      if let value { settings.append("\(key)=\(value)") }
    }
    set("model", model)
    set("store", store)
    set("camera.address", camera)
    set("console.line", console)
    set("console.baud", baud)
    if colour { set("console.colour", true) }
    set("console.settle", settle.map { "\(Int((max(0, min($0, 3600)) * 1000).rounded()))ms" })
    set("console.login", login)
    set("ask.batch", batch)
    set("ask.after", askAfter)
    set("ask.choose_from", chooseFrom)
    set("ask.label_budget", labelBudget)
    set("ask.rate", ask)
    set("ask.audit", audit.map { "\($0)%" })
    let off =
      noStop ? StopRule.Kind.allCases.filter { $0 != .budget }.map { "\($0.rawValue)=off" } : []
    if !off.isEmpty || !stop.isEmpty { set("ask.stop", (off + stop).joined(separator: ",")) }
    set("memory.budget", memoryBudget.map { Int($0) == nil ? $0 : $0 + "B" })
    set("patches.flips", flips?.rawValue)
    set("operator", operatorName)
    set("seed", seed)
    return settings
  }

  func run() async throws {
    let reading = source.read(options: options)
    let configuration: DeviceConfiguration
    do throws(ConfigurationError) {
      configuration = try reading.checked()
    } catch {
      throw CommandFailure("\(error)")
    }
    let environment = ProcessInfo.processInfo.environment
    LoggingSystem.bootstrap { JournalLog.standard(label: $0, environment: environment) }
    let log = Logger(label: "loam")
    log.info("\(CPU.report)")
    for warning in reading.warnings { log.warning("\(warning)") }
    // What a person has just typed must be there; a service waits for what is plugged in later.
    let isPatient = source.path != nil && camera == nil && console == nil
    try await DeviceAssembly(configuration, isPatient: isPatient, log: log).run()
    log.info("stopped", metadata: ["peak": "\(ProcessMemory.current()?.peakByteCount ?? 0)"])
  }
}
