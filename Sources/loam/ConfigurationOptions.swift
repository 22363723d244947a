import ArgumentParser
import DeviceRuntime
import FoundationEssentials

/// Where a device's configuration comes from.
struct ConfigurationOptions: ParsableArguments {
  /// The file that is read when it is there and no other one is named.
  static let usualFile = "/etc/loam/loam.yaml"

  @Option(
    name: .customLong("config"),
    help: "The configuration file; $LOAM_CONFIG or \(usualFile) if absent.")
  var file: String?

  @Option(
    name: .customLong("set"),
    help: "Sets a key, as in camera.burst=3, over the environment and the file; repeatable.")
  var settings: [String] = []

  /// The file that is read, if any.
  var path: String? {
    if let file { return file }
    if let named = ProcessInfo.processInfo.environment["LOAM_CONFIG"] { return named }
    return FileManager.default.fileExists(atPath: Self.usualFile) ? Self.usualFile : nil
  }

  /// Everything read, with its problems; `options` are `key=value` that win over all.
  func read(options: [String] = []) -> ConfigurationReading {
    ConfigurationReading(
      file: path, environment: ProcessInfo.processInfo.environment, settings: settings + options)
  }

  /// The device's folder: `given`, else the configuration's.
  func storeFolder(_ given: String?) throws -> String {
    if let given { return given }
    if let folder = read().configuration.store { return folder }
    throw ValidationError(
      "which device? give its folder with --store, or a configuration that has one")
  }
}
