import ArgumentParser
import DeviceRuntime

/// `loam queue`: what waits for an answer, and why.
struct Queue: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the photos that wait for a label, in the order in which they are asked.",
    discussion: """
      Queued ones come first, then labels that are asked once more, then the pool by score; of that a \
      batch takes photos that differ. Works while the device runs.
      """)

  @OptionGroup var source: ConfigurationOptions

  @Option(help: "The device's folder; the configuration's if absent.")
  var store: String?

  @Flag(
    help: "Say of each why: what the model and its patches say, its rank, its nearest examples.")
  var why = false

  @Option(help: "Photos to show.")
  var limit = 20

  @Option(help: "Bytes that features of labelled photos may take.")
  var memoryBudget = "32MiB"

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  func validate() throws {
    guard (1...100_000).contains(limit) else {
      throw ValidationError("--limit is \(limit); give a whole number from 1 to 100000")
    }
    try checkBytes(memoryBudget)
  }

  func run() throws {
    let lines = try QueueListing.lines(
      folder: try source.storeFolder(store), limit: limit, why: why,
      byteBudget: byteCount(memoryBudget) ?? 0)
    if json {
      for line in lines { try printJSON(line) }
      return
    }
    if lines.isEmpty { print("Nothing waits for a label.") }
    for line in lines {
      let guess = line.guess.map { name in
        "\(printable(name)) \(line.probability.map { decimal(100 * $0, 0) } ?? "?") %"
      }
      print(
        columnText("#\(line.candidate)", 8, left: true) + columnText(line.state, 8, left: true)
          + columnText(guess ?? "no guess", 24, left: true)
          + columnText(line.score.map { "score \(decimal($0, 2))" } ?? "", 13, left: true)
          + printable(line.photo))
      for text in line.why.map(whyLines)?.dropFirst(2) ?? [] { print(text) }
    }
  }
}

/// Refuses `text` as a number of bytes if it is none.
func checkBytes(_ text: String) throws {
  if byteCount(text) == nil {
    throw ValidationError("--memory-budget is '\(text)'; write it as 32MiB")
  }
}
