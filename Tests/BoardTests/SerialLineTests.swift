import Board
import Glibc
import Testing

@Suite struct SerialLineTests {
  /// All that comes within `timeout` of the last byte, up to `count` bytes.
  static func read(_ count: Int, from line: some ByteLine) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try line.read(timeout: .seconds(2))
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  @Test("carries every byte value unchanged both ways")
  func isTransparent() throws {
    let (terminal, all) = (try PseudoTerminal(), Array(UInt8.min...UInt8.max))
    let line = try SerialLine(path: terminal.slavePath)
    try terminal.write(all)
    #expect(try Self.read(256, from: line) == all)
    try line.write(all)
    #expect(try Self.read(256, from: terminal) == all)
  }

  @Test("returns nothing, and not too early, when no byte comes")
  func timesOut() throws {
    let terminal = try PseudoTerminal()
    let line = try SerialLine(path: terminal.slavePath)
    let started = ContinuousClock.now
    #expect(try line.read(timeout: .milliseconds(30)).isEmpty)
    #expect(ContinuousClock.now - started >= .milliseconds(30))
    #expect(try terminal.read(timeout: .zero).isEmpty)
  }

  @Test("takes every speed it names", arguments: SerialSettings.supportedSpeeds)
  func takesSpeed(speed: Int) throws {
    let terminal = try PseudoTerminal()
    let line = try SerialLine(
      path: terminal.slavePath, settings: SerialSettings(bitsPerSecond: speed))
    #expect(line.isConnected)
  }

  @Test("takes flow control, and gives it up again", arguments: SerialSettings.FlowControl.allCases)
  func takesFlowControl(flow: SerialSettings.FlowControl) throws {
    let terminal = try PseudoTerminal()
    let line = try SerialLine(path: terminal.slavePath, settings: SerialSettings(flowControl: flow))
    // Ctrl-Q and Ctrl-S are the driver's where they control the flow, else bytes as any other.
    try terminal.write([0x41, 0x11, 0x42])
    #expect(
      try Self.read(3, from: line) == (flow == .software ? [0x41, 0x42] : [0x41, 0x11, 0x42]))
    let other = try SerialLine(path: terminal.slavePath)
    try terminal.write([0x13, 0x43])
    #expect(try Self.read(2, from: other) == [0x13, 0x43])
  }

  @Test("XOFF holds what is written, XON lets it go")
  func holds() throws {
    let terminal = try PseudoTerminal()
    let line = try SerialLine(
      path: terminal.slavePath,
      settings: SerialSettings(flowControl: .software, writeDeadline: .milliseconds(30)))
    try terminal.write([0x13])
    // The driver has seen it once what follows can be read.
    try terminal.write([0x41])
    #expect(try Self.read(1, from: line) == [0x41])
    #expect(throws: LineError.self) { try line.write("held") }
    #expect(try terminal.read(timeout: .milliseconds(30)).isEmpty)
    try terminal.write([0x11, 0x42])
    #expect(try Self.read(1, from: line) == [0x42])
    try line.write("free")
    #expect(try Self.read(4, from: terminal).suffix(4) == Array("free".utf8))
  }

  @Test("names speeds from 9600 to 921600, and refuses others")
  func refusesSpeed() throws {
    #expect(SerialSettings.supportedSpeeds.first == 9600)
    #expect(SerialSettings.supportedSpeeds.last == 921_600)
    #expect(SerialSettings.supportedSpeeds == SerialSettings.supportedSpeeds.sorted())
    let terminal = try PseudoTerminal()
    for speed in [0, -1, 300, 115_201, 1 << 40] {
      #expect(throws: LineError.unsupportedSpeed(speed, supported: SerialSettings.supportedSpeeds))
      {
        try SerialLine(path: terminal.slavePath, settings: SerialSettings(bitsPerSecond: speed))
      }
    }
  }

  @Test("tells what is no terminal from what is missing")
  func refusesOtherFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write("file")
    #expect(throws: LineError.notATerminal(path: folder.path + "/file")) {
      try SerialLine(path: folder.path + "/file")
    }
    let error = #expect(throws: LineError.self) { try SerialLine(path: folder.path + "/none") }
    guard case .cannotOpen(let path, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path.hasSuffix("/none") && reason.contains("No such file"))
    #expect(error?.description.contains("plugged in") == true)
  }

  @Test("says that the other end is gone, then goes on when the path is back")
  func reconnects() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/tty"
    var terminal: PseudoTerminal? = try PseudoTerminal()
    try #require(unsafe symlink(try #require(terminal?.slavePath), path) == 0)
    let line = try SerialLine(
      path: path, settings: SerialSettings(reopenPauses: .milliseconds(5) ... .milliseconds(20)))
    #expect(line.openings == 1)

    // The name goes first: the kernel may give the number of the old terminal to another test.
    try #require(unsafe unlink(path) == 0)
    terminal = nil
    #expect(throws: LineError.self) { try line.read(timeout: .seconds(1)) }
    #expect(!line.isConnected)
    // While it is away, reading waits and throws; writing throws at once.
    let started = ContinuousClock.now
    #expect(throws: LineError.self) { try line.read(timeout: .milliseconds(60)) }
    #expect(ContinuousClock.now - started >= .milliseconds(60))
    #expect(throws: LineError.self) { try line.write("lost") }

    let other = try PseudoTerminal()
    try #require(unsafe symlink(other.slavePath, path) == 0)
    try other.write("back")
    #expect(try Self.read(4, from: line) == Array("back".utf8))
    #expect(line.openings == 2)
    try line.write("seen")
    #expect(try Self.read(4, from: other) == Array("seen".utf8))
  }

  @Test("one that may be missing is opened when it comes; another one is refused")
  func missing() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/line"
    #expect(throws: LineError.self) { try SerialLine(path: path) }
    let settings = SerialSettings(reopenPauses: .milliseconds(1) ... .milliseconds(10))
    let line = try SerialLine(path: path, settings: settings, mayBeMissing: true)
    #expect(!line.isConnected && line.openings == 0)
    #expect(throws: LineError.self) { try line.write("x") }
    #expect(throws: LineError.self) { _ = try line.read(timeout: .milliseconds(1)) }
    let terminal = try PseudoTerminal()
    try #require(unsafe symlink(terminal.slavePath, path) == 0)
    try terminal.write("hello")
    var got: [UInt8] = []
    for _ in 0..<200 where got.count < 5 {
      got += (try? line.read(timeout: .milliseconds(50))) ?? []
      if line.openings == 1, got.isEmpty { try terminal.write("hello") }
    }
    #expect(got.starts(with: Array("hello".utf8)) && line.openings == 1)
  }

  @Test("notices in a write that the other end is gone")
  func writeNoticesHangUp() throws {
    var terminal: PseudoTerminal? = try PseudoTerminal()
    let line = try SerialLine(path: try #require(terminal?.slavePath))
    terminal = nil
    #expect(throws: LineError.self) { try line.write("anyone?") }
    #expect(!line.isConnected)
  }

  @Test("gives up writing at its deadline when nobody reads, and says how much went")
  func writeTimesOut() throws {
    let terminal = try PseudoTerminal()
    let line = try SerialLine(
      path: terminal.slavePath, settings: SerialSettings(writeDeadline: .milliseconds(50)))
    let started = ContinuousClock.now
    let error = #expect(throws: LineError.self) {
      try line.write([UInt8](repeating: 7, count: 1 << 20))
    }
    #expect(ContinuousClock.now - started >= .milliseconds(50))
    guard case .writeTimedOut(_, let written, let count) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(written > 0 && written < count && count == 1 << 20)
    // The line still works once somebody reads.
    #expect(try Self.read(written, from: terminal).count == written)
    try line.write("on")
    #expect(try Self.read(2, from: terminal) == Array("on".utf8))
  }

  @Test("delivers far more than the kernel buffers, in order, to a slow reader")
  func survivesBackPressure() throws {
    let terminal = try PseudoTerminal()
    let line = try SerialLine(path: terminal.slavePath)
    let sent = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let writer = Background { try line.write(sent) }
    let received = try Self.read(sent.count, from: terminal)
    _ = try writer.value()
    #expect(received == sent)
  }

  @Test("plays a script, fails on cue and keeps what was written")
  func scripted() throws {
    let gone = LineError.disconnected(path: "scripted", reason: "pulled")
    let line = ScriptedLine([.bytes([1]), .silence, .failure(gone), .bytes([2, 3])])
    line.failWrites([nil, gone])
    #expect(try line.read(timeout: .seconds(9)) == [1])
    #expect(try line.read(timeout: .seconds(9)) == [])
    #expect(throws: gone) { try line.read(timeout: .zero) }
    #expect(try line.read(timeout: .zero) == [2, 3])
    #expect(throws: LineError.self) { try line.read(timeout: .zero) }
    try line.write("a")
    #expect(throws: gone) { try line.write("b") }
    try line.write("c")
    #expect(line.writtenText == "ac")
    let typed = ScriptedLine(typing: "é!")
    #expect(try (0..<3).map { _ in try typed.read(timeout: .zero).count } == [1, 1, 1])
  }
}
