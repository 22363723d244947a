import Foundation
import Glibc
import Testing

@testable import Board

@Suite("Files over a line, by ZMODEM")
struct LineTransferTests {
  /// Whether `sz` and `rz` are here; says so when not, for then the test proves nothing.
  static func hasPrograms(_ test: String) -> Bool {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    for program in ["sz", "rz"]
    where !places.contains(where: {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }) {
      print("not run: \(test): \(program) is not installed (apt-get install lrzsz)")
      return false
    }
    return true
  }

  /// `rz` in a folder, joined to the operator's end of a terminal.
  private func receive(in folder: TemporaryFolder, from terminal: PseudoTerminal) -> Background<
    Int32
  > {
    let path = folder.path
    // A second pair of pipes through the shell: the master's end is this process's own.
    let script = "cd '\(path)' && exec rz --binary --quiet --overwrite"
    return Background { try Bridge(script: script).carry(terminal) }
  }

  /// A program between two pipes, its bytes carried to and from a line until it ends.
  struct Bridge {
    let script: String

    /// The program's exit status.
    func carry(_ line: PseudoTerminal) throws -> Int32 {
      // The program may end before it has read all.
      signal(SIGPIPE, SIG_IGN)
      let (process, input, output) = (Process(), Foundation.Pipe(), Foundation.Pipe())
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", script]
      process.standardInput = input
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      let number = output.fileHandleForReading.fileDescriptor
      _ = fcntl(number, F_SETFL, O_NONBLOCK)
      let end = ContinuousClock.now + .seconds(60)
      var buffer = [UInt8](repeating: 0, count: 4096)
      while .now < end {
        let bytes = (try? line.read(timeout: .milliseconds(5))) ?? []
        if !bytes.isEmpty, process.isRunning {
          try? input.fileHandleForWriting.write(contentsOf: Data(bytes))
        }
        let count = unsafe read(number, &buffer, buffer.count)
        if count > 0 { try line.write(Array(buffer[..<count])) }
        if count <= 0, !process.isRunning { return process.terminationStatus }
      }
      process.terminate()
      return -1
    }
  }

  private func line(_ terminal: PseudoTerminal) throws -> SerialLine {
    try SerialLine(
      path: terminal.slavePath, settings: SerialSettings(writeDeadline: .milliseconds(50)))
  }

  @Test(
    "a bundle arrives byte for byte at a real rz, with and without escaping",
    arguments: [false, true])
  func arrives(escapes: Bool) throws {
    guard Self.hasPrograms("a transfer to a real rz") else { return }
    let (from, to) = (try TemporaryFolder(), try TemporaryFolder())
    let bytes = (0..<120_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 7) }
    try from.write("bundle.tar", bytes)
    try from.write("-odd name.tar", [1, 2, 3])
    let terminal = try PseudoTerminal()
    let receiver = receive(in: to, from: terminal)
    let transfer = try LineTransfer(
      files: ["bundle.tar", "-odd name.tar"].map { from.path + "/" + $0 }, over: try line(terminal),
      escapesControls: escapes)
    #expect(transfer.outcome(within: .seconds(60)) == .sent)
    #expect(try receiver.value() == 0)
    #expect(FileManager.default.contents(atPath: to.path + "/bundle.tar").map(Array.init) == bytes)
    #expect(
      FileManager.default.contents(atPath: to.path + "/-odd name.tar").map(Array.init) == [1, 2, 3])
    #expect(transfer.sentByteCount > bytes.count)
  }

  @Test("gives up when nobody begins to receive, and says so")
  func nobody() throws {
    guard Self.hasPrograms("a transfer that nobody receives") else { return }
    let folder = try TemporaryFolder()
    try folder.write("bundle.tar")
    let terminal = try PseudoTerminal()
    let line = try line(terminal)
    let transfer = try LineTransfer(
      files: [folder.path + "/bundle.tar"], over: line, patience: .milliseconds(600))
    let outcome = transfer.outcome(within: .seconds(30))
    guard case .failed(let why) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(why.contains("nobody began to receive"))
    // The other end is told to stop, and the line is the console's again.
    let bytes = try SerialLineTests.read(4096, from: terminal)
    #expect(bytes.contains(0x18))
    try line.write("> ")
    #expect(try SerialLineTests.read(2, from: terminal) == Array("> ".utf8))
  }

  @Test(
    "keys of somebody without a receiver end it",
    arguments: [[UInt8](repeating: 0x18, count: 5), [0x03]])
  func cancelled(keys: [UInt8]) throws {
    guard Self.hasPrograms("a transfer that is cancelled") else { return }
    let folder = try TemporaryFolder()
    try folder.write("bundle.tar")
    let terminal = try PseudoTerminal()
    let transfer = try LineTransfer(files: [folder.path + "/bundle.tar"], over: try line(terminal))
    #expect(transfer.outcome(within: .milliseconds(200)) == nil)
    try terminal.write(keys)
    let outcome = transfer.outcome(within: .seconds(30))
    guard case .failed(let why) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(why.contains("cancelled"))
  }

  @Test("a line that goes away ends it; so does a receiver that dies")
  func lineGoes() throws {
    guard Self.hasPrograms("a transfer whose line goes away") else { return }
    let folder = try TemporaryFolder()
    try folder.write("bundle.tar", [UInt8](repeating: 7, count: 500_000))
    var terminal: PseudoTerminal? = try PseudoTerminal()
    let transfer = try LineTransfer(
      files: [folder.path + "/bundle.tar"], over: try line(try #require(terminal)),
      patience: .seconds(20))
    _ = transfer.outcome(within: .milliseconds(100))
    terminal = nil
    guard case .failed = transfer.outcome(within: .seconds(30)) else {
      Issue.record("it goes on without a line")
      return
    }
    let other = try PseudoTerminal()
    let second = try LineTransfer(
      files: [folder.path + "/bundle.tar"], over: try line(other), patience: .milliseconds(800))
    // A receiver's first word, and then nothing.
    try other.write(Array("**\u{18}B0100000023be50\r\n\u{11}".utf8))
    guard case .failed(let why) = second.outcome(within: .seconds(30)) else {
      Issue.record("it goes on without a receiver")
      return
    }
    #expect(why.contains("said nothing") || why.contains("taken nothing"), "\(why)")
  }

  @Test("a program that is missing, and files that are, are told")
  func missing() throws {
    let terminal = try PseudoTerminal()
    let line = try line(terminal)
    let error = #expect(throws: LineError.self) {
      try LineTransfer(files: ["x"], over: line, program: "loam-no-such-program")
    }
    #expect(error?.description.contains("lrzsz") == true)
    guard Self.hasPrograms("a transfer of a file that is missing") else { return }
    let transfer = try LineTransfer(
      files: ["/nonexistent/bundle.tar"], over: line, patience: .seconds(5))
    guard case .failed(let why) = transfer.outcome(within: .seconds(30)) else {
      Issue.record("a missing file was sent")
      return
    }
    // The program's own words say what the matter is.
    #expect(why.contains("(sz said '"), "\(why)")
  }
}
