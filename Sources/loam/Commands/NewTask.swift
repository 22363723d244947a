import ArgumentParser
import DeviceRuntime
import Foundation
import FoundationEssentials
import Graph

/// `loam new-task`: a fresh classifier for the user's own classes on a pretrained body.
struct NewTask: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-task",
    abstract: "Make a model for your own classes from a pretrained one.",
    discussion: "The body is kept as it is; the classifier starts at zero and knows nothing yet.")

  @Argument(help: "The pretrained model, such as Models/efficientnet-lite0.loam.")
  var base: String

  @Option(help: "The names of the classes, separated by commas.")
  var classes: String

  @Option(name: .shortAndLong, help: "Where to write the new model.")
  var output: String

  func validate() throws {
    if let problem = classListProblem(names) { throw ValidationError(problem) }
  }

  private var names: [String] {
    classes.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  func run() throws {
    let file = try LoamFile.open(base)
    let task = try file.network().startingTask(classes: names, parentSHA256: file.sha256)
    try LoamFile.write(task, to: output)
    say("\(output): \(names.count) classes (\(names.joined(separator: ", "))), head at zero")
  }
}
