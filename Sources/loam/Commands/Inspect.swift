import ArgumentParser
import DeviceRuntime
import Graph

/// `loam inspect`: what is in a model.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a model's layers, shapes, quantisation, parameters and multiply-accumulates.")

  @Argument(help: "A .loam file.")
  var model: String

  @Flag(help: "Print JSON.")
  var json = false

  private struct Report: Encodable {
    var model: String
    var sha256: String
    var fileBytes: Int
    var arenaBytes: Int
    var parameters: Int
    var macs: Int
    var cut: String
    var classes: [String]
    var preprocessing: Preprocessing
    var lineage: Lineage
    var layers: [Network.Row]
  }

  func run() throws {
    let file = try LoamFile.open(model)
    let network = try file.network()
    let plan = Plan(network)
    if json {
      try printJSON(
        Report(
          model: model, sha256: file.sha256, fileBytes: file.byteCount,
          arenaBytes: plan.byteCount, parameters: network.parameterCount, macs: network.macCount,
          cut: network.cut, classes: network.classes, preprocessing: network.preprocessing,
          lineage: network.lineage, layers: network.rows))
      return
    }
    print(
      columnText("layer", 34, left: true) + columnText("operation", 34, left: true)
        + columnText("shape", 14, left: true) + columnText("parameters", 11)
        + columnText("MMAC", 8) + "  result")
    var cutShown = false
    for row in network.rows {
      if !row.isBody, !cutShown {
        print("── cut: \(network.cut) " + String(repeating: "─", count: 40))
        cutShown = true
      }
      print(
        columnText(String(row.name.suffix(33)), 34, left: true)
          + columnText(row.operation, 34, left: true)
          + columnText("\(row.shape)", 14, left: true) + columnText("\(row.parameters)", 11)
          + figure(Double(row.macs) / 1e6, 8) + "  \(row.quantisation)")
    }
    print("")
    let classes = network.classes
    let names =
      classes.isEmpty
      ? "none"
      : "\(classes.count): " + classes.prefix(6).joined(separator: ", ")
        + (classes.count > 6 ? ", …" : "")
    for (name, value) in [
      ("file", "\(byteText(file.byteCount)), sha256 \(file.sha256)"),
      ("total", "\(network.parameterCount) parameters, \(figureOfMACs(network.macCount))"),
      (
        "arena",
        "\(byteText(plan.byteCount)) (no plan can need less than \(byteText(plan.lowerBound)))"
      ),
      ("input", describe(network.preprocessing)), ("classes", names),
      ("source", network.lineage.source), ("calibration", network.lineage.calibration),
      ("labels", "\(network.lineage.labels) learned from since import"),
    ] { print(columnText(name, 13, left: true) + value) }
  }

  private func figureOfMACs(_ macs: Int) -> String { "\(decimal(Double(macs) / 1e6, 1)) MMAC" }

  private func describe(_ preprocessing: Preprocessing) -> String {
    let mean = preprocessing.mean.map { decimal(Double($0), 2) }.joined(separator: "/")
    let deviation = preprocessing.deviation.map { decimal(Double($0), 2) }.joined(separator: "/")
    return "\(preprocessing.width)×\(preprocessing.height), \(preprocessing.fit.rawValue), "
      + "(pixel − \(mean)) / \(deviation)"
  }
}
