import ArgumentParser
import Board
import DeviceRuntime
import Graph
import Inference
import Kernels
import Tensors

/// `loam bench`: how fast a model is here.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast a model is on this machine.",
    discussion: """
      Runs the whole network on random pixels and tells how long opening it, the first run and the \
      following runs took, how many multiply-accumulates a second that is, and what share of the \
      most that can be done with the same instructions on registers alone: what one core can do, \
      times --threads. With --per-layer \
      every step is timed by itself; layers that run together in strips of rows are one step.
      """)

  @Argument(help: "A .loam file.")
  var model: String

  @Option(help: "Threads that share the work.")
  var threads = 1

  @Option(help: "Runs that are measured.")
  var runs = 100

  @Option(help: "A processor level instead of the best, as in `loam infer --cpu`.")
  var cpu: String?

  @Flag(help: "Show the time of every step.")
  var perLayer = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try checkThreads(threads)
    if !(1...1_000_000).contains(runs) {
      throw ValidationError("--runs is \(runs); give a whole number from 1 to 1000000")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let (network, body, tail) = try LoamFile.network(at: model) { network, side in
      let tail = try Tail(network)
      let body = try Body(network, cpu: cpu, threads: threads, tail: tail, side: side)
      return (network, body, tail)
    }
    let load = milliseconds(clock.now - start)
    var random = SeededRandom(seed: 1)
    let image = (0..<network.inputShape.count).map { _ in Int8(random.below(256) - 128) }
    var bench = BenchRun(body: body, tail: tail, image: image)
    let first = bench.once()
    // Before and after: other programs take their share of the processor's time, too.
    var peak = body.kernels.measuredPeakS8()
    var times = (0..<runs).map { _ in bench.once() }
    peak = max(peak, body.kernels.measuredPeakS8())
    times.sort()
    let median = times[(runs - 1) / 2]
    let speed = Double(network.macCount) / median * 1e-6
    let result = BenchResult(
      model: model, threads: body.threadCount, runs: runs, load_ms: load, first_ms: first,
      min_ms: times[0], median_ms: median, p90_ms: times[min(runs - 1, runs * 9 / 10)],
      gmac_per_s: speed, peak_gmac_per_s: peak * 1e-9,
      peak_fraction: speed / (peak * 1e-9 * Double(body.threadCount)),
      arena_bytes: body.memory.arenaByteCount, packed_bytes: body.memory.packedByteCount,
      peak_rss_bytes: ProcessMemory.current()?.peakByteCount ?? 0,
      cpu: body.kernels.variant(of: .gemmS8),
      layers: perLayer ? try bench.layers(network, cpu: cpu, runs: runs) : nil)
    if json { try printJSON(result) } else { show(result, network) }
  }

  private func show(_ result: BenchResult, _ network: Network) {
    if let layers = result.layers {
      print(
        columnText("step", 58, left: true) + columnText("ms", 9) + columnText("%", 7)
          + columnText("MMAC", 9) + columnText("GMAC/s", 9) + columnText("KiB", 9))
      let total = layers.reduce(0) { $0 + $1.ms }
      for layer in layers {
        print(
          columnText(String(layer.name.suffix(57)), 58, left: true)
            + figure(layer.ms, 9, places: 3) + figure(100 * layer.ms / total, 7, places: 1)
            + figure(Double(layer.macs) / 1e6, 9)
            + figure(Double(layer.macs) / layer.ms * 1e-6, 9, places: 1)
            + figure(Double(layer.bytes) / 1024, 9, places: 1))
      }
      print("")
    }
    for (name, value) in [
      ("kernels", "\(result.cpu), \(result.threads) \(result.threads == 1 ? "thread" : "threads")"),
      ("load", "\(decimal(result.load_ms, 1)) ms"),
      ("first run", "\(decimal(result.first_ms, 2)) ms"),
      (
        "\(result.runs) runs",
        "\(decimal(result.min_ms, 2)) ms at least, \(decimal(result.median_ms, 2)) ms median, "
          + "\(decimal(result.p90_ms, 2)) ms for nine of ten"
      ),
      (
        "speed",
        "\(decimal(result.gmac_per_s, 1)) GMAC/s at the median, "
          + "\(decimal(100 * result.peak_fraction, 0)) % of "
          + (result.threads == 1 ? "" : "\(result.threads) times ")
          + "this core's \(decimal(result.peak_gmac_per_s, 1))"
      ),
      (
        "memory",
        "\(byteText(result.arena_bytes)) arena, \(byteText(result.packed_bytes)) packed weights, "
          + "\(byteText(result.peak_rss_bytes)) resident at the peak"
      ),
    ] { print(columnText(name, 13, left: true) + value) }
  }
}

/// What `loam bench` prints; other programs rely on the names.
private struct BenchResult: Encodable {
  var model: String
  var threads: Int
  var runs: Int
  var load_ms: Double
  var first_ms: Double
  var min_ms: Double
  var median_ms: Double
  var p90_ms: Double
  var gmac_per_s: Double
  var peak_gmac_per_s: Double
  var peak_fraction: Double
  var arena_bytes: Int
  var packed_bytes: Int
  var peak_rss_bytes: Int
  var cpu: String
  var layers: [BenchLayer]?
}

/// One step: the least time of all runs, its products, and the bytes it reads and writes: whole
/// activations, weights and biases.
private struct BenchLayer: Encodable {
  var name: String
  var nodes: [String]
  var ms: Double
  var macs: Int
  var bytes: Int
}

/// The network with its buffers, ready to be run again and again.
private struct BenchRun {
  let body: Body
  let tail: Tail
  let image: [Int8]
  private var feature: [Float]
  private var logits: [Float]
  private let clock = ContinuousClock()

  init(body: Body, tail: Tail, image: [Int8]) {
    self.body = body
    self.tail = tail
    self.image = image
    feature = [Float](repeating: 0, count: body.featureShape.count)
    logits = [Float](repeating: 0, count: tail.outputCount)
  }

  /// Milliseconds of one run.
  mutating func once() -> Double {
    let (body, image) = (body, image)
    let start = clock.now
    var span = logits.mutableSpan
    body.run(image.span, logits: &span)
    return milliseconds(clock.now - start)
  }

  /// The steps of the body and the tail, each with the least time of `runs`.
  mutating func layers(_ network: Network, cpu: String?, runs: Int) throws -> [BenchLayer] {
    let body = try Body(network, cpu: cpu, threads: body.threadCount)
    let (image, clock) = (image, clock)
    let stages = body.plan.stages
    var least = [Double](repeating: .infinity, count: stages.count + 1)
    var ends: [ContinuousClock.Instant] = []
    for _ in 0..<runs {
      var last = clock.now
      var span = feature.mutableSpan
      body.run(image.span, features: &span, ends: &ends)
      for (stage, end) in ends.enumerated() {
        least[stage] = min(least[stage], milliseconds(end - last))
        last = end
      }
      _ = tail.logits(feature.span, count: 1)
      least[stages.count] = min(least[stages.count], milliseconds(clock.now - last))
    }
    let bodies = stages.map { network.body[$0.nodes] } + [network.tail]
    let rows = network.rows
    return zip(bodies, least).map { nodes, time in
      let range = nodes.startIndex..<nodes.endIndex
      let outputs = Set(nodes.dropLast().map(\.output))
      let inputs = Set(nodes.flatMap(\.inputs)).subtracting(outputs)
      let size = range.lowerBound >= network.bodyNodeCount ? 4 : 1
      let activations = inputs.union(nodes.suffix(1).map(\.output)).reduce(0) {
        $0 + size * (network.shapes[$1]?.count ?? 0)
      }
      let weights = nodes.flatMap(\.parameters).reduce(0) {
        $0 + (network.tensors[$1]?.byteCount ?? 0)
      }
      let names = nodes.map(\.name)
      return BenchLayer(
        name: names.count > 1
          ? "\(names[0]) … (\(names.count) layers)" : names.first ?? "(nothing)",
        nodes: names, ms: time, macs: rows[range].reduce(0) { $0 + $1.macs },
        bytes: activations + weights)
    }
  }
}

/// `duration` in milliseconds.
private func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
