import Glibc
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

  /// What a program is begun with so that it ends with this process, even when that is killed: what a
  /// sender that is gone has begun must not go on writing what the next one takes up.
  ///
  /// `setpriv` of util-linux asks the kernel for SIGTERM when the thread that began the program is gone;
  /// Subprocess begins every one in a thread that lives as long as the process. Empty without a `setpriv`
  /// that can: then a program ends when it next has something to say.
  private static let leash = Task<[String], Never> {
    let options = ["--pdeathsig", "TERM", "--"]
    guard let setpriv = try? await Executable.name("setpriv").resolveExecutablePath(in: .inherit),
      let probe = try? await Subprocess.run(
        .path(setpriv), arguments: Arguments(options + ["true"]), output: .discarded,
        error: .discarded),
      probe.terminationStatus.isSuccess
    else { return [] }
    return [setpriv.string] + options
  }

  /// Runs `name` with `input` on its standard input, in the folder `folder`; ends it after `limit`, and
  /// with this process.
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
          // Looked up here, for its absence to be told from that of the leash.
          let program = try await Executable.name(name).resolveExecutablePath(in: .inherit)
          let words = await leash.value + [program.string] + arguments
          let standardInput = try FileDescriptor.pipe(holding: input)
          let result = try await Subprocess.run(
            .path(FilePath(words[0])), arguments: Arguments(Array(words.dropFirst())),
            environment: .inherit.updating(["LC_ALL": "C"]),
            workingDirectory: folder.map { FilePath($0) }, platformOptions: platformOptions,
            input: .fileDescriptor(standardInput, closeAfterSpawningProcess: true),
            output: .bytes(limit: greatestOutput),
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

extension FileDescriptor {
  /// Where `text` can be read, and then its end.
  ///
  /// All of it is written before anyone reads: to write to a program that ends without reading, as ssh does
  /// when nobody answers, would end this process by SIGPIPE. Throws `noBufferSpace` for more than 64 KiB,
  /// what a pipe of Linux holds with pages of 4 KiB.
  fileprivate static func pipe(holding text: String) throws -> FileDescriptor {
    guard text.utf8.count <= 64 << 10 else { throw Errno.noBufferSpace }
    let (readEnd, writeEnd) = try pipe()
    defer { try? writeEnd.close() }
    do {
      // What does not fit is an error, not a wait for a reader who has not begun.
      _ = fcntl(writeEnd.rawValue, F_SETFL, fcntl(writeEnd.rawValue, F_GETFL) | O_NONBLOCK)
      var text = text
      let (written, count) = try text.withUTF8 { bytes in
        (try unsafe writeEnd.write(UnsafeRawBufferPointer(bytes)), bytes.count)
      }
      guard written == count else { throw Errno.noBufferSpace }
      return readEnd
    } catch {
      try? readEnd.close()
      throw error
    }
  }
}
