import ArgumentParser
import DeviceRuntime
import FoundationEssentials
import Sync

/// `loam export`: the active model of a device and what made it, for the workstation.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the active model, its labels and figures as a bundle.",
    discussion: """
      The bundle holds model.loam, model.onnx (opens in ONNX Runtime and gives the same answers), \
      labels.csv (a row for each photo with an answer), metrics.json and manifest.json with the hash \
      of each. Give one of --output, --archive and --queue. Works while the device runs.
      """)

  @Option(help: "The device's folder.")
  var store: String

  @Option(name: .shortAndLong, help: "The folder to write; an earlier bundle there is replaced.")
  var output: String?

  @Option(help: "The .tar archive to write; an earlier one there is replaced.")
  var archive: String?

  @Flag(help: "Put the bundle into the store's outbox, from where `loam sync` sends it.")
  var queue = false

  @Flag(help: "Print the manifest as JSON.")
  var json = false

  func validate() throws {
    guard [output != nil, archive != nil, queue].count(where: { $0 }) == 1 else {
      throw ValidationError("give one of --output FOLDER, --archive FILE and --queue")
    }
  }

  func run() throws {
    let manifest: BundleManifest
    var place = output ?? archive ?? ""
    if let output {
      manifest = try Bundle.export(
        store: store, to: output, device: try BundleManifest.Device.read(store: store))
    } else if let archive {
      manifest = try Bundle.exportArchive(store: store, to: archive)
    } else {
      let next = try Bundle.exportNext(store: store)
      place = next.bundle.path
      let path = "\(place)/\(BundleManifest.name)"
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw CommandFailure(unreadable(path, expected: "a bundle's manifest"))
      }
      manifest = try BundleManifest.parse(Array(bytes), path: path)
      if !next.isNew { say("no other model and no other answers since \(next.bundle.name)") }
    }
    if json {
      try printJSON(manifest)
    } else {
      say(
        "\(place): model \(manifest.model), \(manifest.labels) labels, classes "
          + manifest.classes.map { printable($0) }.joined(separator: ", "))
    }
  }
}
