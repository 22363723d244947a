import FoundationEssentials
import Glibc
import Graph
import SampleStore
import Sync

/// All that a bundle is made from, read from one state of a store.
struct BundleContent {
  var network: Network
  var labelsCSV: [UInt8]
  var metricsJSON: [UInt8]
  /// The manifest, its files still missing.
  var manifest: BundleManifest

  /// Reads the store in `folder`, also while a device writes to it.
  ///
  /// A device that is just activating another model, or entering an answer, is waited for up to two
  /// seconds, so that model, labels and figures belong together.
  static func read(store folder: String, device: BundleManifest.Device?) throws -> BundleContent {
    let store = try SampleStore.openReadOnly(folder)
    let slots = try ModelSlots(folder: "\(folder)/models")
    for _ in 0..<40 {
      let version = try store.sequence()
      if let record = try store.activeModel(), let path = slots.active {
        let file = try LoamFile.open(path)
        if file.sha256 == record.model.sha256 {
          let answers = try store.standingAnswers()
          let metrics = try BundleMetrics(store: store, version: version, model: record)
          if try store.sequence() == version, try store.activeModel()?.id == record.id {
            return try BundleContent(
              version: version, record: record, network: file.network(), answers: answers,
              metrics: metrics, device: device)
          }
        }
      }
      usleep(50_000)
    }
    if try store.activeModel() == nil || slots.active == nil {
      throw ModelSlotsError.noActiveModel(folder: folder)
    }
    throw BundleError.notWritable(
      path: folder, why: "the store changes all the time, or its model is not the active one")
  }

  private init(
    version: Int64, record: ModelRecord, network: Network, answers: [StandingAnswer],
    metrics: BundleMetrics, device: BundleManifest.Device?
  ) throws {
    self.network = network
    labelsCSV = LabelTable.csv(answers)
    metricsJSON = try metrics.encoded()
    let images = Set(answers.compactMap(\.sha256)).sorted()
    manifest = BundleManifest(
      device: device, version: version, model: record.id,
      parentSHA256: network.lineage.parentSHA256, seed: record.model.seed, code: Bundle.code,
      classes: network.classes, labels: record.model.labelCount,
      labelsSHA256: Self.hash(of: LabelTable.decisions(answers)), images: images.count,
      imagesSHA256: Self.hash(of: images), accuracy: record.model.accuracyAfter,
      why: record.model.why, lineage: network.lineage, files: [:])
  }

  /// SHA-256 of `lines`, each ended by LF.
  private static func hash(of lines: [String]) -> String {
    sha256Text(Array(lines.map { $0 + "\n" }.joined().utf8))
  }
}
