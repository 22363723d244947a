import ArgumentParser
import DeviceRuntime
import Sync

/// `loam verify`: whether a bundle is what its manifest says.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a bundle: every file, its size and hash, and that the model opens.",
    discussion: """
      Takes a bundle's folder or its .tar archive, of which nothing is unpacked. Exit code 1 if \
      anything is wrong; all that is wrong is printed. Who made the bundle is not checked: hashes tell \
      damage, not forgery.
      """)

  @Argument(help: "The bundle's folder or .tar archive.")
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let result = try BundleVerifier.verify(path)
    if json {
      try printJSON(result)
      if !result.ok { throw ExitCode.failure }
      return
    }
    for file in result.files {
      print(
        columnText(file.name, 16, left: true) + columnText("\(file.bytes) B", 14)
          + "  " + file.sha256)
    }
    if result.ok {
      print(
        "\(printable(path)): whole: version \(result.version ?? 0), \(result.labels ?? 0) labels, classes "
          + result.classes.map { printable($0) }.joined(separator: ", ")
          + (result.device.map { ", from \(printable($0.name))" } ?? ""))
      return
    }
    for problem in result.problems { say("\(printable(path)): \(printable(problem))") }
    throw CommandFailure(
      "\(printable(path)): \(result.problems.count) things are wrong; fetch or export the bundle again"
    )
  }
}
