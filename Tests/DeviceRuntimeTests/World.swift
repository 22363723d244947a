import ActiveLearning
import Board
import DeviceRuntime
import Foundation
import Graph
import Imaging
import Logging
import SampleStore
import Support

/// A folder of its own with a tiny model and photos of two kinds, removed at the end.
final class World {
  /// The classes: what photos of the two kinds show.
  static let classes = ["bright", "dark"]

  /// A log that nobody reads.
  static var silence: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

  let folder: String
  let clock = ManualClock()

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/loam-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: camera, withIntermediateDirectories: true)
    let base = try TestNetworks.classifier(seed: 5, classes: ["a", "b", "c", "d"])
    try LoamFile.write(
      try base.startingTask(
        classes: Self.classes, parentSHA256: String(repeating: "0", count: 64)), to: model)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var model: String { folder + "/task.loam" }
  var store: String { folder + "/store" }
  var camera: String { folder + "/camera" }

  /// Settings of a device that asks early and in small batches.
  var settings: DeviceSettings {
    var settings = DeviceSettings()
    settings.batch = 4
    settings.firstBatch = 4
    settings.askAfter = 8
    settings.chooseFrom = 1
    settings.labelBudget = 1000
    settings.patches.count = 3
    settings.memoryBudget = 128 << 20
    // To a body with random weights photos of a kind are nearly the same.
    settings.choice = LoamSettings(start: 0, spread: .none, duplicateCosine: nil)
    return settings
  }

  /// Opens the device; the store must not be open elsewhere.
  func device(_ settings: DeviceSettings? = nil) throws -> Device {
    try Device(
      storeFolder: store, modelPath: model, settings: settings ?? self.settings, clock: clock,
      log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  }

  /// What the photo called `name` shows.
  static func truth(_ name: String) -> String { name.hasPrefix("even") ? "bright" : "dark" }

  /// Writes photo `index` and returns its path: even ones are bright, odd ones dark, all differ.
  func photo(_ index: Int) throws -> String {
    let isBright = index.isMultiple(of: 2)
    var random = UInt64(index) &* 0x9e37_79b9_7f4a_7c15 | 1
    let pixels = (0..<(32 * 32 * 3)).map { _ -> UInt8 in
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return UInt8(random % 80) + (isBright ? 170 : 5)
    }
    let bytes = try encodeJPEG(PixelImage(width: 32, height: 32, pixels: pixels))
    let path = "\(camera)/\(isBright ? "even" : "odd")-\(1000 + index).jpg"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  /// Answers the open question from the truth; returns whether there was one.
  @discardableResult
  static func answer(_ device: Device) throws -> Bool {
    guard let question = device.question else { return false }
    _ = try device.answer(
      candidate: question.candidate, .label(truth(question.photoName)))
    return true
  }

  /// Asks, answers and learns until `rounds` more models were made or no question comes.
  static func live(_ device: Device, rounds: Int) throws {
    for _ in 0..<rounds {
      guard try device.askIfDue() else { return }
      while try answer(device) {}
      try device.learnIfDue()
    }
  }
}
