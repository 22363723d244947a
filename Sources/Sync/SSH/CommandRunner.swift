import Subprocess
import SystemPackage

/// What a program said.
struct CommandOutput: Hashable, Sendable {
  /// Exit status; 128 + signal for one that was killed.
  var status: Int
  var output: String
  var errors: String
}

/// Runs the programs of OpenSSH and rsync, each with an end in time and with bounded output.
enum CommandRunner {
  /// More output than this of one program is an error.
  static let greatestOutput = 256 << 10

  /// Runs `name` with `input` on its standard input, in the folder `folder`; ends it after `limit`.
  ///
  /// Throws `toolMissing` when it is not installed, `timeLimit` when it was ended.
  static func run(
    _ name: String, _ arguments: [String], input: String = "", folder: String? = nil,
    limit: Duration, step: String
  ) async throws(SyncError) -> CommandOutput {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
    let platformOptions = options
    do {
      return try await withThrowingTaskGroup(of: CommandOutput?.self) { group in
        group.addTask {
          let result = try await Subprocess.run(
            .name(name), arguments: Arguments(arguments),
            environment: .inherit.updating(["LC_ALL": "C"]),
            workingDirectory: folder.map { FilePath($0) }, platformOptions: platformOptions,
            input: .string(input), output: .bytes(limit: greatestOutput),
            error: .bytes(limit: greatestOutput))
          let status =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled(let signal): 128 + Int(signal)
            }
          return CommandOutput(
            status: status, output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self))
        }
        group.addTask {
          try await Task.sleep(for: limit)
          return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let output = first else {
          throw SyncError(
            .timeLimit, step: step,
            "no end after \(limit.components.seconds) s; look at the connection and run it again: "
              + "what arrived is kept")
        }
        return output
      }
    } catch let error as SyncError {
      throw error
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw SyncError(
        .toolMissing, step: step,
        "'\(name)' is not installed here; install \(name == "rsync" ? "rsync" : "openssh-client")")
    } catch {
      throw SyncError(.remote, step: step, "'\(name)' could not be run: \(shown("\(error)"))")
    }
  }
}
