import Board
import FoundationEssentials
import SampleStore
import Sync

extension Device {
  package func trigger() throws -> String {
    guard let pullShutter else {
      throw DeskCannot(
        description: "this device has no camera with a trigger; photos come by themselves")
    }
    guard pullShutter(clock.monotonicNanoseconds) else {
      throw DeskCannot(description: "too many photos are being taken; wait a little")
    }
    return "a photo is being taken"
  }

  package func exportBundle() throws -> String {
    let (bundle, isNew) = try Bundle.exportNext(store: store.folder)
    return isNew
      ? "\(bundle.path) is written; `loam sync` sends it, `:send` brings it over this line"
      : "\(bundle.path) has it already: nothing was learned or labelled since"
  }

  package func bundleForSending() throws -> [String] {
    let (bundle, _) = try Bundle.exportNext(store: store.folder)
    let archive = "\(store.folder)/outbox/.\(bundle.name).tar"
    try? FileManager.default.removeItem(atPath: archive)
    _ = try BundleArchive.make(bundle: bundle.path, to: archive)
    let shown = "\(store.folder)/outbox/\(bundle.name).tar"
    try? FileManager.default.removeItem(atPath: shown)
    try FileManager.default.moveItem(atPath: archive, toPath: shown)
    return [shown]
  }

  package func bundleWasSent(_ paths: [String]) throws {
    let outbox = Outbox(store: store.folder)
    for path in paths {
      let name = path.split(separator: "/").last?.dropLast(".tar".count) ?? ""
      if let bundle = try outbox.unsent().first(where: { $0.name == name }) {
        try outbox.markSent(bundle)
      }
    }
    bundleWasNotSent(paths)
    try store.recordEvent(
      .info, kind: "bundle.sent", message: "a bundle went over the console's line",
      at: clock.stamp)
  }

  package func bundleWasNotSent(_ paths: [String]) {
    for path in paths { try? FileManager.default.removeItem(atPath: path) }
  }
}
