import ArgumentParser
import DeviceRuntime
import Imaging
import Simulation

/// What is simulated: which photos are candidates, who answers, and who learns.
struct SimulationOptions: ParsableArguments {
  @Option(help: "Labels of a round; later rounds are larger, see --growth.")
  var batch = 10

  @Option(help: "A round has at least this share of the labels so far.")
  var growth = 0.25

  @Option(help: "Labels at which to end; the whole pool if absent.")
  var budget: Int?

  @Option(help: "What is trained: head, the classifier.")
  var tail = "head"

  @Option(
    help: "How it is fine-tuned: acft-hq (the device's), acft-lq, acft-q or aft-lq.")
  var learner = Learner.acftHQ

  @Option(help: "Only these classes, separated by commas.")
  var classes: String?

  @Flag(help: "One label covers a whole group of photos (column group).")
  var groups = false

  @Option(help: "Share of the answers that are wrong, 0 to 1.")
  var labelNoise = 0.0

  @Option(help: "Make half of the classes rarer, as 80:20: their shares of the pool.")
  var imbalance: String?

  @Option(help: "Patches of a photo, 1 to 64; 1 is the photo itself.")
  var patchCount = 8

  @Option(help: "How patches may be mirrored: none, horizontal, vertical or both.")
  var flips = Flips.none

  func validate() throws {
    for (name, value) in [("batch", batch), ("budget", budget ?? 1)] where value < 1 {
      throw ValidationError("--\(name) is \(value); give a whole number of at least 1")
    }
    guard (1...64).contains(patchCount) else {
      throw ValidationError("--patch-count is \(patchCount); give a number from 1 to 64")
    }
    guard (0...100).contains(growth) else {
      throw ValidationError("--growth is \(growth); give a number from 0 to 100")
    }
    guard labelNoise >= 0, labelNoise <= 1 else {
      throw ValidationError("--label-noise is \(labelNoise); give a share from 0 to 1")
    }
    guard tail == "head" else {
      throw ValidationError("--tail is '\(tail)'; the tail that can be trained is 'head'")
    }
    if let imbalance, Imbalance(imbalance) == nil {
      throw ValidationError(
        "--imbalance is '\(imbalance)'; give the shares of common and rare classes as 80:20")
    }
  }

  /// How photos are cut.
  var patches: PatchSettings { PatchSettings(count: patchCount, flips: flips.setting) }

  /// The photos of the classes asked for; those that nobody can answer for are left out.
  func chosen(
    _ photos: [LabelledPhotos.Photo], data: String
  ) throws -> [LabelledPhotos.Photo] {
    let known = photos.filter { $0.label != LabelledPhotos.unsure }
    guard let wanted = classes?.split(separator: ",").map(String.init) else { return known }
    let names = Set(known.map(\.label))
    if let missing = wanted.first(where: { !names.contains($0) }) {
      throw CommandFailure(
        "\(data): no photo of the class '\(missing)'; take some of its classes: "
          + names.sorted().joined(separator: ", "))
    }
    guard Set(wanted).count > 1 else {
      throw CommandFailure(
        "\(data): --classes names '\(classes ?? "")'; take at least two to tell apart")
    }
    return known.filter { wanted.contains($0.label) }
  }

  /// A simulator on the photos of these `features`.
  func simulator(_ features: PhotoFeatures, data: String) throws -> Simulator {
    let imbalance = imbalance.flatMap { Imbalance($0) }
    let pool = try SimulationPool(
      features, source: data, groups: groups,
      keep: imbalance.map { imbalance in { imbalance.kept($0, classes: $1) } })
    let rounds = Rounds(
      batch: batch, growth: growth, budget: min(budget ?? .max, pool.candidates.count))
    return Simulator(pool, rounds: rounds, learner: learner, labelNoise: labelNoise)
  }

  /// A result that says what was simulated, still without strategies.
  func result(
    of simulator: Simulator, data: String, model: String, seeds: Int, fullAccuracy: Double
  ) -> SimulationResult {
    let pool = simulator.pool
    return SimulationResult(
      // The name alone: a report is passed on, and where somebody's photos lie is nobody's business.
      data: lastName(data), model: lastName(model), classes: pool.classes,
      candidates: pool.candidates.count,
      photos: pool.candidates.reduce(0) { $0 + $1.photos.count },
      testPhotos: pool.test.labels.count, groups: groups, fullAccuracy: fullAccuracy, seeds: seeds,
      budget: simulator.rounds.budget, batch: batch, growth: growth, learner: learner.summary,
      patches: patchCount, flips: flips.rawValue, labelNoise: labelNoise,
      imbalance: imbalance.flatMap { Imbalance($0) }?.summary(pool.classes))
  }
}

private func lastName(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

extension Learner: ExpressibleByArgument {}
