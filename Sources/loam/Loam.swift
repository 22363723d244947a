import ArgumentParser
import DeviceRuntime
import Kernels

/// The one executable: `loam run` is the daemon, the other commands are the tools.
@main
struct Loam: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loam",
    abstract: "A camera that learns in the field.",
    discussion: """
      Loam classifies photos with a quantised network, notices which ones it is unsure about, asks \
      the person beside it, learns from the answer within a fixed amount of memory, and brings the \
      better model home.

      Start with `make demo` in the repository, or with your own photos:
        loam new-task Models/efficientnet-lite0.loam --classes cat,dog --output pets.loam
        loam run --model pets.loam --camera dir:/photos --console /dev/ttyUSB0 --store pets
        loam export --store pets --output bundle
      """,
    version: Bundle.code,
    groupedSubcommands: [
      CommandGroup(
        name: "The device",
        subcommands: [
          Run.self, Config.self, Provision.self, Attach.self, Status.self, Queue.self, Report.self,
          Demo.self,
        ]),
      CommandGroup(
        name: "Bringing it home", subcommands: [Export.self, Verify.self, SyncCommand.self]),
      CommandGroup(
        name: "Models",
        subcommands: [Import.self, Inspect.self, PlanCommand.self, Bench.self, NewTask.self]),
      CommandGroup(
        name: "Photos and tensors",
        subcommands: [Classify.self, Infer.self, Score.self]),
      CommandGroup(name: "Proof", subcommands: [Simulate.self]),
      CommandGroup(name: "Inside", subcommands: [CameraStream.self]),
    ])

  /// Holds for every command: a processor level that cannot be had is told before anything is done.
  func validate() throws {
    if let complaint = CPU.complaint { throw CommandFailure("LOAM_CPU: \(complaint)") }
  }
}
