import Board
import FoundationEssentials
import Graph
package import Imaging
import SampleStore
import Subprocess
import SystemPackage
import Tensors

/// The whole loop for people to see: a device in a process of its own, a script as its operator.
package struct Demonstration: Sendable {
  /// What to show it on.
  package struct Settings: Sendable {
    /// The pretrained model.
    package var baseModel: String
    /// Where the device's store and the exported model go.
    package var folder: String
    package var poolCount: Int
    package var heldOutCount: Int
    /// Questions of a round and in all.
    package var batch: Int
    package var questions: Int
    package var memoryBudget: Int
    package var flips: PatchSettings.Flips
    package var seed: UInt64
    /// The `loam` that is started as the device.
    package var executable: String
    /// Speed of the console's line.
    package var baud = 115_200
    /// Runs of the random baseline.
    package var randomRuns = 10

    /// Settings with the line's speed and the number of random runs at their defaults.
    package init(
      baseModel: String, folder: String, poolCount: Int, heldOutCount: Int, batch: Int,
      questions: Int, memoryBudget: Int, flips: PatchSettings.Flips, seed: UInt64,
      executable: String
    ) {
      self.baseModel = baseModel
      self.folder = folder
      self.poolCount = poolCount
      self.heldOutCount = heldOutCount
      self.batch = batch
      self.questions = questions
      self.memoryBudget = memoryBudget
      self.flips = flips
      self.seed = seed
      self.executable = executable
    }
  }

  let settings: Settings
  let screen: DemoScreen
  let source: String
  let classes: [String]
  let pool: [LabelledPhotos.Photo]
  let heldOut: [LabelledPhotos.Photo]

  /// A demonstration on `photos`, of which a part is taken at random if there are more than wanted.
  package init(photos: LabelledPhotos, settings: Settings, screen: DemoScreen) throws {
    self.settings = settings
    self.screen = screen
    source = photos.source
    classes = photos.classes
    var random = SeededRandom(seed: settings.seed)
    var (pool, heldOut) = (photos.pool, photos.heldOut)
    random.shuffle(&pool)
    random.shuffle(&heldOut)
    // A photo that is there twice is one candidate to the device.
    var seen: Set<String> = []
    var distinct: [LabelledPhotos.Photo] = []
    for photo in pool where distinct.count < settings.poolCount {
      guard let data = FileManager.default.contents(atPath: photo.path) else { continue }
      if seen.insert(sha256Text(Array(data))).inserted { distinct.append(photo) }
    }
    self.pool = distinct
    if let problem = classListProblem(classes) {
      throw DemoError.badClasses(path: source, problem: problem)
    }
    self.heldOut = Array(heldOut.prefix(settings.heldOutCount))
    for (what, count) in [
      ("photos to learn from", self.pool.count), ("photos held out", self.heldOut.count),
    ] where count < 10 {
      throw LabelledPhotosError.tooFew(path: source, what: what, found: count, expected: 10)
    }
  }

  var taskModel: String { "\(settings.folder)/task.loam" }
  var inbox: String { "\(settings.folder)/camera" }
  var store: String { "\(settings.folder)/store" }
  var bundle: String { "\(settings.folder)/bundle" }

  /// Runs the demonstration; returns what was seen.
  package func run() async throws -> DemoReport {
    let start = ContinuousClock.now
    try prepare()
    let base = try LoamFile.open(settings.baseModel)
    let network = try base.network().startingTask(classes: classes, parentSHA256: base.sha256)
    try LoamFile.write(network, to: taskModel)
    let terminal = try PseudoTerminal()
    screen.opening([
      ("photos", "\(source)"),
      ("", "\(pool.count) for the camera to deliver, \(heldOut.count) held out to measure on"),
      ("classes", classes.joined(separator: ", ")),
      (
        "device",
        "loam run, a process of its own with a budget of \(byteText(settings.memoryBudget))"
      ),
      ("operator", "a script at \(terminal.slavePath), \(settings.baud) baud, who knows the truth"),
    ])
    let show = DemoShow(self, network: network, terminal: terminal)
    let log = try FileDescriptor.open(
      FilePath("\(settings.folder)/device.log"), .writeOnly, options: [.create, .truncate],
      permissions: .ownerReadWrite)
    let outcome = try await Subprocess.run(
      .path(FilePath(settings.executable)), arguments: Arguments(deviceArguments(terminal)),
      input: .none, output: .discarded,
      error: .fileDescriptor(log, closeAfterSpawningProcess: true)
    ) { device in
      defer { try? device.send(signal: .terminate) }
      return try show.drive(process: Int32(device.processIdentifier.value))
    }
    var report = outcome.closureResult
    try Bundle.export(store: store, to: bundle)
    report.bundle = bundle
    report.seconds = Double((ContinuousClock.now - start).components.seconds)
    show.closing(report)
    return report
  }

  private func deviceArguments(_ terminal: PseudoTerminal) -> [String] {
    var arguments = [
      "run", "--model", taskModel, "--store", store, "--camera", "dir:\(inbox)",
      "--console", terminal.slavePath, "--login", "none", "--baud", "\(settings.baud)",
      "--batch", "\(settings.batch)", "--ask-after", "\(pool.count)", "--choose-from", "1",
      "--label-budget", "\(settings.questions)", "--memory-budget", "\(settings.memoryBudget)",
      "--seed", "\(settings.seed)", "--operator-name", "demo script", "--settle", "0",
    ]
    if screen.usesColour { arguments.append("--colour") }
    switch settings.flips {
    case [.horizontal, .vertical]: arguments += ["--flips", "both"]
    case .horizontal: arguments += ["--flips", "horizontal"]
    case .vertical: arguments += ["--flips", "vertical"]
    default: break
    }
    return arguments
  }

  /// Empties the folder of an earlier demonstration; refuses a folder with anything else in it.
  private func prepare() throws {
    let files = FileManager.default
    let mark = ".loam-demo"
    let ours: Set = ["task.loam", "camera", "store", "bundle", "device.log", "console.txt", mark]
    let found = (try? files.contentsOfDirectory(atPath: settings.folder)) ?? []
    let stranger = found.first { !ours.contains($0) }
    if let stranger = stranger ?? (found.contains(mark) ? nil : found.first) {
      throw DemoError.folderInUse(path: settings.folder, found: stranger)
    }
    for name in found { try files.removeItem(atPath: "\(settings.folder)/\(name)") }
    try files.createDirectory(atPath: inbox, withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: "\(settings.folder)/\(mark)"))
  }
}

/// Why a demonstration could not go on.
package enum DemoError: Error, CustomStringConvertible {
  case folderInUse(path: String, found: String)
  case badClasses(path: String, problem: String)
  case deviceEnded(log: String)
  case silent(seconds: Int, log: String)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .folderInUse(let path, let found):
      "\(path): holds '\(found)', which is not of a demonstration; name an empty --output folder"
    case .badClasses(let path, let problem): "\(path): \(problem)"
    case .deviceEnded(let log): "the device ended before its time; its log says why: \(log)"
    case .silent(let seconds, let log):
      "the device did nothing for \(seconds) s; its log may say why: \(log)"
    }
  }
}

/// What a demonstration saw.
package struct DemoReport: Sendable, Codable {
  package var data: String
  package var classes: [String]
  package var pool: Int
  package var heldOut: Int
  package var rounds: [DemoRound]
  /// The random baseline at the same numbers of questions.
  package var random: [DemoRound.Random]
  package var stopReason: String
  package var photosPerSecond: Double
  package var peakRSSBytes: Int
  package var budgetBytes: Int
  package var bundle: String
  package var seconds: Double

  /// The names used in JSON.
  enum CodingKeys: String, CodingKey {
    case data, classes, pool, rounds, random, bundle, seconds
    case heldOut = "held_out"
    case stopReason = "stop_reason"
    case photosPerSecond = "photos_per_second"
    case peakRSSBytes = "peak_rss_bytes"
    case budgetBytes = "budget_bytes"
  }
}
