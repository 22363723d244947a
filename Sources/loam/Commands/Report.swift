import ArgumentParser
import DeviceRuntime

/// `loam report`: what a store tells of its labels.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show labels, accuracy, likely wrong labels and photos unlike anything labelled.",
    discussion: """
      Likely wrong labels are found by confident learning: each label is judged by a classifier \
      that was trained on the others (five folds), so this takes a few seconds. Nothing is \
      changed. Works while the device runs.
      """)

  @OptionGroup var source: ConfigurationOptions

  @Option(help: "The device's folder; the configuration's if absent.")
  var store: String?

  @Flag(help: "Add every decision ever made, with those that were taken back.")
  var history = false

  @Option(help: "Bytes that features of labelled photos may take.")
  var memoryBudget = "64MiB"

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws { try checkBytes(memoryBudget) }

  func run() throws {
    let reader = try ReportReader(
      folder: try source.storeFolder(store), byteBudget: byteCount(memoryBudget) ?? 0)
    let report = try reader.report(history: history)
    if json {
      try printJSON(report)
      return
    }
    for line in reportLines(report) { print(line) }
  }
}
