import ActiveLearning
import ArgumentParser
import Board
import DeviceRuntime
import SampleStore

/// `loam status`: how a device stands, from its store; also while it runs.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show captures, queue, labels and the active model of a store.")

  @Option(help: "The device's folder.")
  var store: String

  @Flag(help: "Print JSON.")
  var json = false

  private struct Memory: Encodable {
    var budget_bytes: Int?
    var rss_bytes: Int?
  }

  /// How the model does on labels of captures drawn at random.
  private struct Audit: Encodable {
    var right: Int
    var judged: Int
    var labels: Int
    var low: Double
    var high: Double
    var unsure: Int
    var waiting: Int
  }

  private struct Report: Encodable {
    var captures: Int
    var failed_captures: Int
    var queue: Int
    var pool: Int
    var labels: Int
    var unsure: Int
    var skipped: Int
    var model: Int64?
    var model_sha256: String?
    var accuracy: Double?
    var audit: Audit
    var stopped: String?
    var why: String?
    var memory: Memory
    var errors: [String]
  }

  func run() throws {
    let store = try SampleStore.openReadOnly(store)
    let counts = try store.counts()
    let model = try store.activeModel()
    let audit = try store.auditCounts()
    let estimate = audit.estimate
    let errors = try store.events(limit: 50).filter { $0.severity != .info }
    let report = Report(
      captures: counts.captures, failed_captures: counts.failedCaptures, queue: counts.queued,
      pool: counts.candidates[.pool] ?? 0, labels: counts.labels,
      unsure: counts.decisions[.unsure] ?? 0, skipped: counts.decisions[.skip] ?? 0,
      model: model?.id, model_sha256: model?.model.sha256,
      accuracy: audit.judged > 0 ? estimate.share : nil,
      audit: Audit(
        right: audit.right, judged: audit.judged, labels: audit.labels, low: estimate.low,
        high: estimate.high,
        unsure: audit.unsure, waiting: audit.waiting),
      stopped: try store.stopReason(), why: model?.model.why, memory: Memory(),
      errors: errors.map(\.message))
    if json {
      try printJSON(report)
      return
    }
    let lines: [(name: String, value: String)] = [
      ("captures", "\(report.captures), \(report.failed_captures) of them unusable"),
      ("waiting", "\(report.queue) in the queue, \(report.pool) in the pool"),
      ("answers", "\(report.labels) labels, \(report.unsure) unsure, \(report.skipped) skipped"),
      ("model", report.model.map { "\($0), \(audit.sentence)" } ?? "none"),
      ("asking", report.stopped.map { "stopped: \($0)" } ?? "goes on"),
      ("why", report.why ?? "–"), ("last error", report.errors.first ?? "none"),
    ]
    for line in lines { print(columnText(line.name, 12, left: true) + line.value) }
  }
}
