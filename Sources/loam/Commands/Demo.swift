import ArgumentParser
import DeviceRuntime
import FoundationEssentials

/// `loam demo`: the whole loop on real photos with a scripted operator on a real pty.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "See the whole loop: photos in, an operator's labels, a better model out.",
    discussion: """
      Starts `loam run` as a device: photos arrive in its folder, a script sits at its console (a \
      real pseudo terminal) and answers from the truth, the device fine-tunes after every batch. \
      The accuracy on photos it has never seen is shown next to the same number of labels given to \
      photos taken at random.

      Your own photos: a folder with one folder of JPEGs per class, or a CSV file with the columns \
      path,label,group,split (split is pool or test; the label 'unsure' says that nobody can tell).
      """)

  @Option(help: "A folder per class, or a CSV file (path,label,group,split).")
  var data: String

  @Option(help: "The pretrained model.")
  var model = "Models/efficientnet-lite0.loam"

  @Option(help: "Photos that the camera delivers, at most.")
  var photos = 800

  @Option(help: "Photos kept away to measure accuracy on, at most.")
  var heldOut = 300

  @Option(help: "Questions of a round; the first one has twice as many.")
  var batch = 12

  @Option(help: "Questions in all: the label budget.")
  var questions = 144

  @Option(help: "Bytes the device may use at its peak.")
  var memoryBudget = "96MiB"

  @Option(help: "How patches may be mirrored: none, horizontal, vertical or both.")
  var flips = Flips.none

  @Option(help: "Decides which photos, patches and random labels are taken.")
  var seed: UInt64 = 1

  @Option(name: .shortAndLong, help: "Where the store and the exported model go; kept afterwards.")
  var output = "loam-demo"

  @Flag(help: "Print the result as JSON; the show goes to standard error.")
  var json = false

  func validate() throws {
    for (name, value) in [
      ("photos", photos), ("held-out", heldOut), ("batch", batch), ("questions", questions),
    ] where value < 1 {
      throw ValidationError("--\(name) is \(value); give a whole number of at least 1")
    }
    if byteCount(memoryBudget) == nil {
      throw ValidationError("--memory-budget is '\(memoryBudget)'; write it as 96MiB")
    }
  }

  func run() async throws {
    let quiet = json
    let screen = DemoScreen(usesColour: !quiet && standardOutputIsTerminal) { line in
      if quiet { say(line) } else { print(line) }
    }
    let demonstration = try Demonstration(
      photos: try LabelledPhotos(path: data),
      settings: .init(
        baseModel: model, folder: output, poolCount: photos, heldOutCount: heldOut, batch: batch,
        questions: questions, memoryBudget: byteCount(memoryBudget) ?? 0,
        flips: flips.setting, seed: seed,
        executable: try executablePath()),
      screen: screen)
    let report = try await demonstration.run()
    if json { try printJSON(report) }
  }

  /// The path of this program, so that the device can be started as a process of its own.
  private func executablePath() throws -> String {
    do {
      return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    } catch {
      throw CommandFailure("/proc/self/exe: cannot be read: \(error); is /proc mounted?")
    }
  }
}
