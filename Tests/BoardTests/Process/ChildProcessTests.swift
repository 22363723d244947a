import Glibc
import Testing

@testable import Board

@Suite("Child processes")
struct ChildProcessTests {
  /// What `child` prints until it closes its output.
  private func text(of child: ChildProcess) -> String {
    var all: [UInt8] = []
    while true {
      switch child.output.read(upTo: 4096, timeout: .seconds(60)) {
      case .bytes(let bytes): all += bytes
      case .nothing, .ended, .failed: return String(decoding: all, as: UTF8.self)
      }
    }
  }

  @Test("its words go in and out, what it says last is known, and how it ended")
  func speaks() throws {
    let child = try ChildProcess(
      ["sh", "-c", "read line; echo \"got $line\"; echo oh no >&2; exit 3"], withInput: true)
    #expect(child.send(Array("seven\n".utf8)))
    #expect(text(of: child) == "got seven\n")
    #expect(child.waitForEnd(until: .now + .seconds(60)) == .status(3))
    var words = LastWords()
    words.read(from: child.errors)
    #expect(words.line == "oh no")
    #expect(child.end(grace: .seconds(1)) == .status(3))
  }

  @Test("one whose end was taken note of is neither asked nor sent a signal any more")
  func forgotten() throws {
    let child = try ChildProcess(["true"], withInput: false)
    #expect(child.waitForEnd(until: .now + .seconds(60)) == .status(0))
    #expect(child.forget())
    #expect(child.ending == .unknown)
    child.signal(SIGKILL)
    #expect(child.end(grace: .zero) == .unknown)
  }

  @Test("one that does not listen is killed, with what it has started")
  func stubborn() throws {
    let child = try ChildProcess(
      ["sh", "-c", "trap '' TERM; sleep 600 & echo $!; while :; do sleep 0.05; done"],
      withInput: false)
    guard case .bytes(let bytes) = child.output.read(upTo: 64, timeout: .seconds(60)),
      let other = Int32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
    else {
      Issue.record("it said nothing")
      return
    }
    #expect(child.end(grace: .milliseconds(100)) == .signal(SIGKILL))
    #expect(eventually { kill(other, 0) != 0 || isZombie(other) })
  }

  private func isZombie(_ number: Int32) -> Bool {
    let file = unsafe open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return true }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).contains(") Z ")
  }

  @Test("the output of one that is not read is held back at the capacity asked for")
  func heldBack() throws {
    let pipe = try Pipe(capacity: 4096)
    _ = fcntl(pipe.writing.number, F_SETFL, O_NONBLOCK)
    let (written, failure) = pipe.writing.write([UInt8](repeating: 1, count: 100_000), until: .now)
    #expect(failure == nil)
    #expect(written < 65536, "the kernel did not shorten it")
  }

  @Test("a program that is not there is told")
  func missing() {
    #expect(throws: SystemFailure(code: ENOENT)) {
      try ChildProcess(["loam-no-such-program"], withInput: false)
    }
  }
}
