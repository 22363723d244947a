import ActiveLearning
import ArgumentParser
import Board
import DeviceRuntime
import SampleStore

/// `loam status`: how a device stands, from its store and, while it runs, from its daemon.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show captures, queue, labels, the active model and how the daemon does.",
    discussion: """
      What the store holds can always be shown. Memory, camera, temperature and times come from the \
      daemon while it runs; it writes them every few seconds.
      """)

  @OptionGroup var source: ConfigurationOptions

  @Option(help: "The device's folder; the configuration's if absent.")
  var store: String?

  @Flag(help: "Print JSON.")
  var json = false

  private struct Memory: Encodable {
    var budget_bytes: Int?
    var rss_bytes: Int?
    var peak_rss_bytes: Int?
  }

  private struct Disk: Encodable {
    var photo_bytes: Int
    var quota_bytes: Int?
    var free_bytes: Int?
    var evicted_photos: Int
  }

  /// Bursts on their way to be judged.
  private struct Intake: Encodable {
    var waiting: Int
    var limit: Int
    var dropped: Int
    var failed_triggers: Int
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

  private struct Failure: Encodable {
    var kind: String
    var message: String
    var at_unix_ms: Int64
    var clock_trusted: Bool
  }

  private struct Report: Encodable {
    var running: Bool
    var pid: Int32?
    var uptime_seconds: Int?
    var version: String?
    var cpu: String?
    var captures: Int
    var failed_captures: Int
    var queue: Int
    var pool: Int
    var labels: Int
    var labels_today: Int
    var unsure: Int
    var skipped: Int
    var model: Int64?
    var model_sha256: String?
    var accuracy: Double?
    var accuracy_text: String
    var audit: Audit
    var stopped: String?
    var why: String?
    var memory: Memory
    var disk: Disk
    var intake: Intake
    var celsius: Double?
    var camera: CameraCondition?
    var first_photo_ms: Double?
    var latency_ms: [String: StageLog.Figures]
    var panel_problems: [String]
    var faults: [String]
    var last_error: Failure?
    var errors: [String]
  }

  func run() throws {
    let folder = try source.storeFolder(store)
    let report = try report(of: folder)
    if json { try printJSON(report) } else { show(report) }
  }

  private func report(of folder: String) throws -> Report {
    let store = try SampleStore.openReadOnly(folder)
    let counts = try store.counts()
    let model = try store.activeModel()
    let audit = try store.auditCounts()
    let estimate = audit.estimate
    let errors = try store.events(limit: 50).filter { $0.severity != .info }
    let live = LiveStatus.read(store: folder)
    let memory = live.flatMap { ProcessMemory.of(process: $0.pid) }
    return Report(
      running: live != nil, pid: live?.pid, uptime_seconds: live?.uptime_seconds,
      version: live?.version, cpu: live?.cpu, captures: counts.captures,
      failed_captures: counts.failedCaptures, queue: counts.queued,
      pool: counts.candidates[.pool] ?? 0, labels: counts.labels,
      labels_today: try store.labels(since: SystemClock().startOfDay),
      unsure: counts.decisions[.unsure] ?? 0, skipped: counts.decisions[.skip] ?? 0,
      model: model?.id, model_sha256: model?.model.sha256,
      accuracy: audit.judged > 0 ? estimate.share : nil, accuracy_text: audit.sentence,
      audit: Audit(
        right: audit.right, judged: audit.judged, labels: audit.labels, low: estimate.low,
        high: estimate.high, unsure: audit.unsure, waiting: audit.waiting),
      stopped: try store.stopReason(), why: model?.model.why,
      memory: Memory(
        budget_bytes: live?.memory_budget_bytes,
        rss_bytes: memory?.residentByteCount ?? live?.rss_bytes,
        peak_rss_bytes: memory?.peakByteCount ?? live?.peak_rss_bytes),
      disk: Disk(
        photo_bytes: try live?.photo_bytes ?? store.photoByteCount(),
        quota_bytes: live?.quota_bytes, free_bytes: live?.disk_free_bytes,
        evicted_photos: try store.counted(.evictedPhotos)),
      intake: Intake(
        waiting: live?.intake ?? 0, limit: live?.intake_limit ?? 0,
        dropped: try store.counted(.droppedBursts),
        failed_triggers: try store.counted(.failedTriggers)),
      celsius: live?.celsius, camera: live?.camera, first_photo_ms: live?.first_photo_ms,
      latency_ms: live?.stages ?? [:], panel_problems: live?.panel_problems ?? [],
      faults: live?.faults ?? [],
      last_error: errors.first.map {
        Failure(
          kind: $0.kind, message: $0.message, at_unix_ms: $0.at.unixMilliseconds,
          clock_trusted: $0.at.clockTrusted)
      },
      errors: errors.map(\.message))
  }

  private func show(_ report: Report) {
    func line(_ name: String, _ value: String) {
      print(columnText(name, 12, left: true) + value)
    }
    line(
      "daemon",
      report.running
        ? "runs, process \(report.pid ?? 0), for \(report.uptime_seconds ?? 0) s" : "does not run")
    if let cpu = report.cpu { line("", cpu) }
    line("captures", "\(report.captures), \(report.failed_captures) of them unusable")
    line("waiting", "\(report.queue) in the queue, \(report.pool) in the pool")
    line(
      "answers",
      "\(report.labels) labels (\(report.labels_today) today), \(report.unsure) unsure, "
        + "\(report.skipped) skipped")
    line("model", report.model.map { "\($0), \(report.accuracy_text)" } ?? "none")
    line("why", report.why ?? "–")
    line("asking", report.stopped.map { "stopped: \($0)" } ?? "goes on")
    if let camera = report.camera { line("camera", "\(camera.address): \(camera.text)") }
    if report.running, report.intake.limit > 0 {
      line("to judge", "\(report.intake.waiting), at most \(report.intake.limit)")
    }
    if report.intake.dropped > 0 { line("dropped", "\(report.intake.dropped) bursts in all") }
    if report.intake.failed_triggers > 0 {
      line("no photo", "\(report.intake.failed_triggers) triggers in all")
    }
    if let now = report.memory.rss_bytes, let budget = report.memory.budget_bytes {
      let peak = report.memory.peak_rss_bytes.map { ", \(mebibytes($0)) at the peak" } ?? ""
      line("memory", "\(mebibytes(now))\(peak), of \(mebibytes(budget))")
    }
    let quota = report.disk.quota_bytes.map { " of \(mebibytes($0))" } ?? ""
    let free = report.disk.free_bytes.map { "; \(mebibytes($0)) free" } ?? ""
    let gone = report.disk.evicted_photos > 0 ? "; \(report.disk.evicted_photos) made room" : ""
    line("photos", mebibytes(report.disk.photo_bytes) + quota + free + gone)
    if let celsius = report.celsius { line("temperature", "\(Int(celsius.rounded())) °C") }
    if let total = report.latency_ms["total"] {
      line(
        "shutter",
        "to the light in \(Int(total.median)) ms (median of \(total.count)), "
          + "at most \(Int(total.largest)) ms")
    }
    for problem in report.panel_problems { line("panel", problem) }
    for fault in report.faults { line("fault", fault) }
    line("last error", report.errors.first ?? "none")
  }
}

/// As in `54.0 MiB`.
private func mebibytes(_ count: Int) -> String {
  let tenths = (count * 10 + (1 << 19)) >> 20
  return "\(tenths / 10).\(tenths % 10) MiB"
}
