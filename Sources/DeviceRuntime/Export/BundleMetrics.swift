import ActiveLearning
import FoundationEssentials
import SampleStore

/// `metrics.json`: how the model came about and what it is worth, all of it from the store.
struct BundleMetrics: Encodable {
  /// A model that was made or brought here.
  struct Round: Encodable {
    var model: Int64
    var sha256: String
    var parent: Int64?
    /// Labels that it learned from.
    var labels: Int
    /// Shares of the audit labels of the time, before and after the round.
    var accuracy_before: Double?
    var accuracy_after: Double?
    /// Whether the gate took it, and why.
    var accepted: Bool
    var why: String
    var seed: UInt64
    var created: String
    var clock_trusted: Bool
    /// Share of the pool that changed its class by it.
    var changed_share: Double?
    /// Expected accuracy of the pool by the model before and by it.
    var expected_before: Double?
    var expected_after: Double?
  }

  /// Labels of photos drawn at random: what was guessed right, with the ends of Wilson's interval at 95 %.
  struct Audit: Encodable {
    var right: Int
    var judged: Int
    var share: Double?
    var low: Double
    var high: Double
    var labels: Int
    var unsure: Int
    var skipped: Int
    var waiting: Int
  }

  /// How much of everything there is.
  struct Counts: Encodable {
    var captures: Int
    var failed_captures: Int
    var pool: Int
    var queue: Int
    var labels: Int
    var unsure: Int
    var skipped: Int
    var undone: Int
    var models: Int
  }

  /// A class and the labels that stand for it.
  struct ClassCount: Encodable {
    var name: String
    var labels: Int

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case labels
    }
  }

  var version: Int64
  var model: Int64
  var rounds: [Round]
  var audit: Audit
  var counts: Counts
  var labels_per_class: [ClassCount]

  /// The figures of `store` at `version`, where `model` is active.
  init(store: SampleStore, version: Int64, model: ModelRecord) throws {
    self.version = version
    self.model = model.id
    rounds = try store.models().map(Round.init)
    let audits = try store.auditCounts()
    let estimate = audits.estimate
    audit = Audit(
      right: audits.right, judged: audits.judged,
      share: audits.judged > 0 ? estimate.share : nil, low: estimate.low, high: estimate.high,
      labels: audits.labels, unsure: audits.unsure, skipped: audits.skipped,
      waiting: audits.waiting)
    let counts = try store.counts()
    self.counts = Counts(
      captures: counts.captures, failed_captures: counts.failedCaptures,
      pool: counts.candidates[.pool] ?? 0, queue: counts.queued, labels: counts.labels,
      unsure: counts.decisions[.unsure] ?? 0, skipped: counts.decisions[.skip] ?? 0,
      undone: counts.undone, models: counts.models)
    let labels = try store.activeLabels()
    labels_per_class = try store.classes().map { known in
      ClassCount(name: known.name, labels: labels.count { $0.classID == known.id })
    }
  }

  /// The file's bytes; equal figures give equal bytes.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self)) + [0x0A]
  }
}

extension BundleMetrics.Round {
  init(_ record: ModelRecord) {
    let model = record.model
    self.init(
      model: record.id, sha256: model.sha256, parent: model.parentID, labels: model.labelCount,
      accuracy_before: model.accuracyBefore, accuracy_after: model.accuracyAfter,
      accepted: model.accepted, why: model.why, seed: model.seed,
      created: Date(timeIntervalSince1970: Double(record.createdAt.unixMilliseconds) / 1000)
        .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
      clock_trusted: record.createdAt.clockTrusted,
      changed_share: record.change?.changedShare,
      expected_before: record.change?.expectedBefore,
      expected_after: record.change?.expectedAfter)
  }
}
