import ActiveLearning
import ArgumentParser
import DeviceRuntime
import Exchange
import FoundationEssentials
import Graph
import Imaging
import Simulation

/// `loam simulate`: learning curves on labelled photos.
struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare ways of asking: learning curves on photos whose labels are known.",
    discussion: """
      Plays the device's loop on a labelled data set: ask a batch, take the labels, fine-tune, \
      measure on the test photos, ask again; several times with each strategy. Features are \
      computed once and kept, so that a round takes milliseconds. Every label is learned from: no \
      audit labels, no gate.

      The data is a folder per class, or a CSV file with the columns path,label,group,split (split \
      is pool or test). The strategies:
      \(strategyHelp)
      Other settings of loam: loam:start=0:value=entropy:shortlist=8:spread=none:duplicates=off.

        loam simulate --data photos --strategy loam,margin,random --html report.html
      """)

  @Option(help: "The model whose body makes the features.")
  var model = "Models/efficientnet-lite0.loam"

  @Option(help: "A folder per class, or a CSV file (path,label,group,split).")
  var data: String?

  @Option(help: "A result that was printed with --json, instead of running one; may be repeated.")
  var from: [String] = []

  @Option(help: "Strategies to compare, separated by commas, or 'all'.")
  var strategy = "loam,margin,random"

  @OptionGroup var setting: SimulationOptions

  @Option(help: "Runs of each strategy.")
  var seeds = 10

  @Option(help: "Where features are kept.")
  var cache = "~/.cache/loam/features"

  @Option(help: "Threads; as many as there are processors if absent.")
  var threads: Int?

  @Option(help: "Draw the curves into this SVG file.")
  var svg: String?

  @Option(help: "Write a report on one page of HTML into this file.")
  var html: String?

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    for (name, value) in [("seeds", seeds), ("threads", threads ?? 1)] where value < 1 {
      throw ValidationError("--\(name) is \(value); give a whole number of at least 1")
    }
    if seeds > 64 { throw ValidationError("--seeds is \(seeds); at most 64 can be compared") }
    if (data == nil) == from.isEmpty {
      throw ValidationError("give either --data, photos to run on, or --from, results to show")
    }
    if let svg, svg == html {
      throw ValidationError("--svg and --html are both '\(svg)'; name two files")
    }
    if html != nil, from.count > 1 {
      throw ValidationError("--html shows one result; --svg draws several side by side")
    }
    do {
      _ = try strategies()
    } catch {
      throw ValidationError("--strategy: \(error)")
    }
  }

  func run() async throws {
    guard let data else { return try show(try from.map(readResult), nil) }
    for path in [svg, html].compactMap({ $0 }) { try FileAccess.checkWritable(path) }
    let start = ContinuousClock.now
    let simulator = try await simulator(data)
    let simulation = Simulation(
      simulator, strategies: try strategies(), seeds: seeds, threads: threadCount)
    let bar = ProgressBar("Running")
    let outcome = try await simulation.run { bar.show($0, of: $1) }
    var result = setting.result(
      of: simulator, data: data, model: model, seeds: seeds, fullAccuracy: outcome.fullAccuracy)
    result.strategies = StrategyResult.all(of: outcome.runs, fullAccuracy: outcome.fullAccuracy)
    result.seconds = (ContinuousClock.now - start) / Duration.seconds(1)
    let detail = try html.map { _ in
      let shown = simulation.strategies[0]
      return try RunRecorder.detail(
        simulator, name: shown.name, strategy: shown.strategy, seed: 0)
    }
    try show([result], detail)
  }

  private var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// The strategies named, in their order.
  private func strategies() throws -> [(name: String, strategy: Strategy)] {
    let names = strategy == "all" ? Strategy.names : strategy.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw UnknownStrategy(name: strategy) }
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw CommandFailure("'\(twice)' is there twice; name it once")
    }
    return try names.map { name in
      if name.hasPrefix("loam:") {
        return (name, .loam(try LoamSettings(text: name.dropFirst("loam:".count))))
      }
      return (name, try Strategy(name: name))
    }
  }

  /// Computes or reads the features.
  private func simulator(_ data: String) async throws -> Simulator {
    let photos = try setting.chosen(LabelledPhotos(path: data).photos, data: data)
    let network = try LoamFile.open(model).network()
    let bar = ProgressBar("Features")
    let features = try await PhotoFeatures.read(
      photos, network: network, patches: setting.patches, cache: expanded(cache),
      threads: threadCount, progress: { bar.show($0, of: $1) })
    for failure in features.failures { say("left out: \(failure)") }
    return try setting.simulator(features, data: data)
  }

  /// Prints and writes what was asked for.
  private func show(_ results: [SimulationResult], _ detail: RunDetail?) throws {
    if let svg {
      let text =
        results.count > 1
        ? SmallMultiples(results, emphasised: "loam").svg
        : LineChart(results[0], emphasised: "loam").svg
      try FileAccess.write(Array(text.utf8), to: svg)
    }
    if let html {
      let page = HTMLPage(
        results[0], detail: detail, emphasised: "loam",
        command: CommandLine.arguments.joined(separator: " "))
      try FileAccess.write(Array(page.html.utf8), to: html)
    }
    for result in results {
      if json { try printJSON(result) } else { print(SimulationTable(result).text) }
    }
    for path in [svg, html].compactMap({ $0 }) { say("written: \(path)") }
  }

  private func readResult(_ path: String) throws -> SimulationResult {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(unreadable(path, expected: "a result of loam simulate --json"))
    }
    do {
      return try JSONDecoder().decode(SimulationResult.self, from: data)
    } catch {
      let reason = (error as? DecodingError).map(said) ?? "\(error)"
      throw CommandFailure(
        "\(path): holds no result; expected what loam simulate --json prints (\(reason))")
    }
  }
}

/// What is wrong with JSON, and where, in a few words.
private func said(_ error: DecodingError) -> String {
  switch error {
  case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' is of another kind"
  case .dataCorrupted: "it is no JSON, or was cut off"
  @unknown default: "it cannot be read"
  }
}

/// A line on each strategy that has a name.
private let strategyHelp = zip(Strategy.names, Strategy.all)
  .map { "  \(filled($0, 19))\($1.summary)" }.joined(separator: "\n")

/// `path` with `~/` at its start replaced by the home folder.
private func expanded(_ path: String) -> String {
  guard path.hasPrefix("~/") else { return path }
  return (ProcessInfo.processInfo.environment["HOME"] ?? ".") + path.dropFirst(1)
}
