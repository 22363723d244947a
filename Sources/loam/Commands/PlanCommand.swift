import ArgumentParser
import Board
import DeviceRuntime
import FoundationEssentials
import Graph
import Imaging
import Kernels
import Tensors
import Training

/// `loam plan`: where every byte will go.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show where the bytes of a model go on a device, before anything runs.",
    discussion: """
      Activations are planned by their lifetimes; a chain of layers runs in strips of rows, so that \
      what lies between them exists a few rows at a time, in rings. One thread decodes photos and \
      trains, one after the other, so only the larger of the two counts. What does not fit the \
      budget is refused, with the budget that would do, and the exit code is 1.

      Two things come on top, which a model does not tell: the pictures of a camera that the device \
      itself reads (not a folder), \(byteText(DeviceSettings.cameraLimit)), and the check of a PIN at \
      the console, \(byteText(SecretHash.byteCount)).
      """)

  /// What learns on the device.
  enum TailChoice: String, ExpressibleByArgument, CaseIterable {
    case head, none
  }

  @Argument(help: "A .loam file.")
  var model: String

  @Option(help: "Bytes that the device may use, as in 48MiB; without it nothing is refused.")
  var budget: String?

  @Option(help: "What is trained: head, the last linear layer, or none.")
  var tail = TailChoice.head

  @Option(help: "Patches in a training step.")
  var batch = 32

  @Option(help: "Labels that one training has features of, new and replayed.")
  var labels = 100

  @Option(help: "Patches of a photo.")
  var patches = 8

  @Option(
    help: "Threads that share a photo, each with its own scratch; the device's `threads`.")
  var threads = Team.usualCount

  @Option(help: "A file for the picture of the arena over time, as SVG.")
  var svg: String?

  @Flag(help: "Print JSON.")
  var json = false

  private struct Report: Encodable {
    var model: String
    var threads: Int
    var budget_bytes: Int?
    var peak_bytes: Int
    var fits: Bool
    var parts: [String: Int]
    var training_bytes: Int
    var arena_bytes: Int
    var arena_lower_bound_bytes: Int
    var arena_ratio: Double
    var arena_whole_bytes: Int
    var arena_peak_step: String
    var arena_steps: [Int]
  }

  func validate() throws {
    try checkThreads(threads)
    if let budget, byteCount(budget) == nil {
      throw ValidationError("--budget is '\(budget)'; write it as 48MiB")
    }
    for (name, value) in [("batch", batch), ("labels", labels), ("patches", patches)]
    where !(1...1_000_000).contains(value) {
      throw ValidationError("--\(name) is \(value); give a whole number from 1 to 1000000")
    }
  }

  func run() throws {
    let network = try LoamFile.open(model).network()
    let plan = Plan(network, threads: threads)
    // Found without a judge: what does not fit need not fit here either.
    let judge = try JudgeMemory(
      network, patches: PatchSettings(count: patches), threads: threads)
    var settings = DeviceSettings()
    // Without a limit first: training then gets what it needs.
    settings.memoryBudget = 1 << 50
    settings.training.batchSize = batch
    let training = try trainingBytes(network, judge, settings.training)
    settings.training.byteBudget = training
    var memory = MemoryBudget(judge: judge, network: network, settings: settings)
    let limit = budget.flatMap(byteCount)
    memory.bytes = limit ?? memory.peakBytes
    if let svg { try write(PlanPicture(plan).svg, to: svg) }
    if json {
      try printJSON(
        Report(
          model: model, threads: threads, budget_bytes: limit, peak_bytes: memory.peakBytes,
          fits: memory.fits,
          parts: Dictionary(memory.parts.map { ($0.name, $0.bytes) }) { $0 + $1 },
          training_bytes: training, arena_bytes: plan.byteCount,
          arena_lower_bound_bytes: plan.lowerBound,
          arena_ratio: Double(plan.byteCount) / Double(max(1, plan.lowerBound)),
          arena_whole_bytes: Plan(network, strips: .never).byteCount,
          arena_peak_step: plan.peakNode, arena_steps: plan.load))
    } else {
      show(plan, memory, training: training, whole: Plan(network, strips: .never).byteCount)
    }
    guard memory.fits else {
      throw CommandFailure(
        "\(model): the device needs \(byteText(memory.peakBytes)) and may use "
          + "\(byteText(memory.bytes)); the largest part is \(memory.parts[0].name) "
          + "(\(byteText(memory.parts[0].bytes))); a budget of \(memory.peakBytes >> 20 + 1)MiB would do"
      )
    }
  }

  private func trainingBytes(
    _ network: Network, _ judge: JudgeMemory, _ settings: FineTuneSettings
  ) throws -> Int {
    guard tail == .head else { return 0 }
    guard let head = network.headNode, let outputs = network.shapes[head.output]?.count else {
      throw CommandFailure(
        "\(model): its tail is not one linear layer, which is what a device trains; give --tail none"
      )
    }
    return memoryNeeded(
      samples: labels, patches: patches, featureCount: judge.featureCount, classes: outputs,
      settings: settings)
  }

  private func show(_ plan: Plan, _ memory: MemoryBudget, training: Int, whole: Int) {
    print("activations, \(plan.stages.count) steps from left to right")
    for line in PlanPicture(plan).blocks { print(line) }
    let chains = plan.stages.compactMap(\.chain)
    let rings = chains.map(\.byteCount).max() ?? 0
    print("")
    for (name, value) in [
      (
        "arena",
        "\(byteText(plan.byteCount)); no plan with these strips can need less than "
          + "\(byteText(plan.lowerBound)) "
          + "(\(decimal(Double(plan.byteCount) / Double(max(1, plan.lowerBound)), 3)) × that)"
      ),
      ("fullest at", plan.peakNode),
      (
        "strips",
        chains.isEmpty
          ? "none"
          : "\(chains.count) chains of layers, \(byteText(rings)) of rings at most; "
            + "\(byteText(whole)) without"
      ),
    ] { print(columnText(name, 13, left: true) + value) }
    print("")
    for part in memory.parts {
      print(columnText(part.name, 28, left: true) + columnText(byteText(part.bytes), 12))
    }
    let sharing = threads == 1 ? "" : ", \(threads) threads"
    print(
      columnText("in all\(sharing)", 28, left: true) + columnText(byteText(memory.peakBytes), 12))
    if training > 0 {
      print("(training itself: \(byteText(training)) for \(labels) labels of \(patches) patches)")
    }
  }

  private func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw CommandFailure(
        "\(path): the picture cannot be written; make its folder, or give another path")
    }
  }
}
