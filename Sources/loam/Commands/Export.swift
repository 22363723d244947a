import ArgumentParser
import DeviceRuntime

/// `loam export`: the active model of a device, for the workstation.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the active model as model.loam, model.onnx and manifest.json.",
    discussion:
      "model.onnx opens in ONNX Runtime and gives the same answers. Works while the device runs.")

  @Option(help: "The device's folder.")
  var store: String

  @Option(name: .shortAndLong, help: "The folder to write; an earlier bundle there is replaced.")
  var output: String

  @Flag(help: "Print the manifest as JSON.")
  var json = false

  func run() throws {
    let manifest = try Bundle.export(store: store, to: output)
    if json {
      try printJSON(manifest)
    } else {
      say(
        "\(output): model \(manifest.version), \(manifest.labels) labels, classes "
          + manifest.classes.joined(separator: ", "))
    }
  }
}
