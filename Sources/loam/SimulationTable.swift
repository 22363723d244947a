import DeviceRuntime
import Simulation

/// A simulation's result as a table for a terminal.
struct SimulationTable {
  let result: SimulationResult

  /// A table of `result`.
  init(_ result: SimulationResult) { self.result = result }

  /// The table with a heading, without a line break at its end.
  var text: String {
    let unit = result.groups ? "groups of \(result.photos) photos" : "photos"
    var heading =
      "\(result.data): \(result.candidates) \(unit) in the pool, \(result.testPhotos) to measure on, "
      + "\(result.classes.count) classes, \(result.seeds) seeds, \(decimal(result.seconds, 0)) s"
    if result.labelNoise > 0 {
      heading += "; \(decimal(100 * result.labelNoise, 0)) % of the answers wrong"
    }
    if let imbalance = result.imbalance { heading += "; \(imbalance)" }
    return
      ([
        heading,
        "The whole pool's labels give \(decimal(100 * result.fullAccuracy, 1)) %. Area: mean accuracy "
          + "over log labels. × random: share of the labels that random needs.", "",
        filled("strategy", 20) + padded("area %", 8) + padded("± se", 6) + padded("w/t/l", 9)
          + padded("p", 7) + padded("to 95 %", 9) + padded("98 %", 7) + padded("100 %", 7)
          + padded("× random", 10) + "  below random at",
      ] + result.strategies.map(line)).joined(separator: "\n")
  }

  private func line(_ strategy: StrategyResult) -> String {
    let labels = strategy.labelsTo.map { $0.labels.map { decimal($0, 0) } ?? "—" }
    let ratio = strategy.labelsTo.first { $0.percent == 98 }?.ratioToRandom
    let paired = strategy.againstRandom
    let pairs = paired.map { "\($0.wins)/\($0.ties)/\($0.losses)" } ?? ""
    let below = paired?.belowAt.map(String.init).joined(separator: " ") ?? ""
    let columns: [String] = [
      filled(strategy.name, 20), figure(100 * strategy.area, 8),
      figure(100 * strategy.areaStderr, 6), padded(pairs, 9),
      padded(paired.map { decimal($0.p, 3) } ?? "", 7),
      padded(labels[0], 9), padded(labels[1], 7), padded(labels[2], 7),
      padded(ratio.map { decimal($0, 2) } ?? "—", 10), "  ", below,
    ]
    return columns.joined()
  }
}
