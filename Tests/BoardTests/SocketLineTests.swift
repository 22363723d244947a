import FoundationEssentials
import Glibc
import Testing

@testable import Board

@Suite("The console's socket")
struct SocketLineTests {
  private func accept(_ line: SocketLine) throws -> SocketClient {
    let client = try SocketClient(path: line.path)
    #expect(try line.read(timeout: .seconds(5)) == [])
    return client
  }

  @Test("carries every byte both ways, and comes and goes like a cable")
  func comesAndGoes() throws {
    let folder = try TemporaryFolder()
    let line = try SocketLine(path: folder.path + "/console")
    #expect(throws: LineError.self) { try line.read(timeout: .milliseconds(10)) }
    #expect(throws: LineError.self) { try line.write("nobody") }
    let all = Array(UInt8.min...UInt8.max)
    for opening in 1...3 {
      var client: SocketClient? = try SocketClient(path: line.path)
      try client?.write(all)
      // What came before the greeting is read after it.
      #expect(try line.read(timeout: .seconds(5)) == [])
      #expect(line.isConnected && line.openings == opening)
      #expect(try line.read(timeout: .seconds(5)) == all)
      try line.write(all)
      #expect(try client?.read(timeout: .seconds(5)) == all)
      client = nil
      #expect(throws: LineError.self) { try line.read(timeout: .seconds(5)) }
      #expect(!line.isConnected)
      // A write to nobody is an error, and no signal that ends the process.
      #expect(throws: LineError.self) { try line.write("late") }
    }
  }

  @Test("the second client is told that the console is taken")
  func oneAtATime() throws {
    let folder = try TemporaryFolder()
    let line = try SocketLine(path: folder.path + "/console")
    let first = try accept(line)
    let second = try SocketClient(path: line.path)
    _ = try line.read(timeout: .milliseconds(10))
    #expect(try second.read(timeout: .seconds(5)) == Array(SocketLine.refusal.utf8))
    #expect(throws: LineError.self) { try second.read(timeout: .seconds(5)) }
    try line.write("still")
    #expect(try first.read(timeout: .seconds(5)) == Array("still".utf8))
  }

  @Test("a client that is gone is noticed in a write, one that does not read in its deadline")
  func badClients() throws {
    let folder = try TemporaryFolder()
    let line = try SocketLine(path: folder.path + "/console", writeDeadline: .milliseconds(30))
    var client: SocketClient? = try accept(line)
    let error = #expect(throws: LineError.self) {
      try line.write([UInt8](repeating: 1, count: 1 << 22))
    }
    guard case .writeTimedOut(_, let written, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(written > 0)
    withExtendedLifetime(client) {}
    client = nil
    #expect(throws: LineError.self) { try line.write("gone") }
    #expect(!line.isConnected)
  }

  @Test("its rights are as told, and it goes when the line does")
  func rights() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/console"
    var line: SocketLine? = try SocketLine(path: path)
    var found = stat()
    #expect(unsafe stat(path, &found) == 0)
    #expect(found.st_mode & 0o777 == 0o660 && found.st_mode & S_IFMT == S_IFSOCK)
    withExtendedLifetime(line) {}
    line = nil
    #expect(unsafe stat(path, &found) != 0)
  }

  @Test("replaces what a dead process left, but nothing else")
  func stale() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/console"
    // A socket whose process died without taking its name away: renamed, so that the object misses it.
    do {
      let dead = try SocketLine(path: path + "0")
      try folder.rename("console0", "console")
      withExtendedLifetime(dead) {}
    }
    let line = try SocketLine(path: path)
    #expect(throws: LineError.self) { try SocketLine(path: path) }
    _ = try accept(line)
    try folder.write("file")
    #expect(throws: LineError.self) { try SocketLine(path: folder.path + "/file") }
    #expect(FileManager.default.contents(atPath: folder.path + "/file") != nil)
    #expect(throws: LineError.self) {
      try SocketLine(path: folder.path + "/" + String(repeating: "x", count: 120))
    }
    #expect(throws: LineError.self) { try SocketLine(path: folder.path + "/none/console") }
    #expect(throws: LineError.self) { try SocketClient(path: folder.path + "/nobody") }
  }
}

@Suite("The operator's clock")
struct OperatorClockTests {
  private let start: Int64 = 1_000_000

  private func clock(
    _ base: ManualClock, boot: String = "b1", correction: OperatorClock.Correction? = nil,
    allowed: Bool = false
  ) -> OperatorClock {
    OperatorClock(base: base, boot: boot, correction: correction) { milliseconds in
      if allowed { base.setWall(WallTime(unixMilliseconds: milliseconds, trusted: false)) }
      return allowed
    }
  }

  private var untrusted: ManualClock {
    ManualClock(wall: WallTime(unixMilliseconds: start, trusted: false))
  }

  @Test(
    "says what the system says until it is told better; then it is trusted",
    arguments: [false, true])
  func sets(allowed: Bool) {
    let base = untrusted
    let clock = clock(base, allowed: allowed)
    #expect(clock.wall == WallTime(unixMilliseconds: start, trusted: false))
    let (outcome, correction) = clock.set(unixMilliseconds: 1_800_000_000_000)
    #expect(outcome == (allowed ? .system : .corrected))
    #expect(clock.wall == WallTime(unixMilliseconds: 1_800_000_000_000, trusted: true))
    base.advance(by: .seconds(90))
    #expect(clock.wall.unixMilliseconds == 1_800_000_090_000)
    #expect(clock.monotonicNanoseconds == base.monotonicNanoseconds)
    // The next start of the program knows it; the next start of the system does not.
    let text = correction.text
    let read = OperatorClock.Correction(text: text)
    #expect(read == correction)
    #expect(self.clock(base, correction: read).wall == clock.wall)
    #expect(!self.clock(base, boot: "b2", correction: read).wall.trusted)
  }

  @Test("a time source is believed before the operator")
  func timeSource() {
    let base = untrusted
    let clock = clock(base)
    _ = clock.set(unixMilliseconds: 1_800_000_000_000)
    let right = WallTime(unixMilliseconds: 1_800_000_500_000, trusted: true)
    base.setWall(right)
    #expect(clock.wall == right)
  }

  @Test("what is no correction is none", arguments: ["", "b1", "b1 x", "b1 1 2", "1"])
  func damaged(text: String) { #expect(OperatorClock.Correction(text: text) == nil) }

  @Test("the system's clock is read, and nothing else without being told")
  func system() {
    let clock = OperatorClock()
    #expect(abs(clock.wall.unixMilliseconds - SystemClock().wall.unixMilliseconds) < 60_000)
  }
}

@Suite("Hashes of secrets")
struct SecretHashTests {
  @Test("tells the right secret from others, with a salt of its own each time")
  func matches() throws {
    let hash = try #require(SecretHash.make("4711", cost: 1))
    #expect(hash.hasPrefix("$y$"))
    #expect(SecretHash.make("4711", cost: 1) != hash)
    #expect(SecretHash.matches("4711", hash) == true)
    for wrong in ["4712", "", "47110", "4711 ", "\u{0}", "4711\u{0}"] {
      #expect(SecretHash.matches(wrong, hash) == false)
    }
    #expect(SecretHash.make("a\u{0}b") == nil)
  }

  @Test(
    "a damaged hash matches nothing", arguments: ["", "x", "$y$", "$y$j9T$", "*0", "$9$abc$def"])
  func damaged(hash: String) { #expect(SecretHash.matches("4711", hash) != true) }
}
