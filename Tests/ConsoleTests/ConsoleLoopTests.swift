import Board
import Synchronization
import Testing

@testable import DeviceRuntime

/// A wire of a given speed on a clock of its own: reading takes the time it waits, and every write
/// is noted with its moment.
final class TimedLine: ByteLine {
  let clock: ManualClock
  private let state = Mutex<(written: [(at: Double, bytes: [UInt8])], keys: [[UInt8]])>(([], []))

  init(_ clock: ManualClock) { self.clock = clock }

  var writes: [(at: Double, bytes: [UInt8])] { state.withLock { $0.written } }
  var text: String { String(decoding: writes.flatMap(\.bytes), as: UTF8.self) }
  var seconds: Double { Double(clock.monotonicNanoseconds) / 1e9 }

  func press(_ keys: String) { state.withLock { $0.keys.append(Array(keys.utf8)) } }

  func read(timeout: Duration) throws(LineError) -> [UInt8] {
    let keys = state.withLock { $0.keys.isEmpty ? [] : $0.keys.removeFirst() }
    // Even a look at the wire takes a moment; without one a test of time would stand still.
    if keys.isEmpty { clock.advance(by: max(timeout, .microseconds(10))) }
    return keys
  }

  func write(_ bytes: [UInt8]) throws(LineError) {
    let now = seconds
    state.withLock { $0.written.append((now, bytes)) }
  }
}

@Suite("The console on a line of a given speed")
struct ConsolePaceTests {
  private func start(baud: Int) -> (TimedLine, ConsoleLoop, FakeDesk) {
    let line = TimedLine(ManualClock())
    let loop = ConsoleLoop(line: line, settings: ConsoleSettings(baud: baud), clock: line.clock)
    return (line, loop, FakeDesk(questions: (12...20).map { question($0) }))
  }

  @Test(
    "hands over no more than the line carries within a quarter of a second",
    arguments: [9600, 115_200])
  func pace(baud: Int) {
    let (line, loop, desk) = start(baud: baud)
    for _ in 0..<20 { line.press("?") }
    for _ in 0..<100 { loop.poll(timeout: .milliseconds(100), desk: desk) }
    var total = 0
    let first = line.writes.first?.at ?? 0
    for (at, bytes) in line.writes {
      total += bytes.count
      let most = (at - first + 0.26) * Double(baud) / 10
      #expect(Double(total) <= most + 1, "\(total) B after \(at - first) s")
    }
    #expect(total > 8000)
  }

  @Test("keeps a slow line busy: a screen of help takes little longer than its bytes")
  func busy() {
    let (line, loop, desk) = start(baud: 9600)
    loop.poll(timeout: .seconds(2), desk: desk)
    line.press("??")
    let (start, before) = (line.seconds, line.writes.reduce(0) { $0 + $1.bytes.count })
    while line.seconds < start + 10, loop.session.outputByteCount > 0 || line.seconds < start + 0.1
    {
      loop.poll(timeout: .milliseconds(50), desk: desk)
    }
    let count = line.writes.reduce(0) { $0 + $1.bytes.count } - before
    #expect(count > 2000)
    #expect(line.seconds - start < Double(count) / 960 + 0.1)
  }

  @Test("an answer is taken only after its question has crossed the wire and could be read")
  func answerInTime() throws {
    let (line, loop, desk) = start(baud: 9600)
    loop.poll(timeout: .seconds(3), desk: desk)
    line.press("1")
    loop.poll(timeout: .milliseconds(10), desk: desk)
    #expect(desk.answers.map(\.candidate) == [12])
    // Some 500 bytes take half a second; the key comes while they are on the way.
    line.press("1")
    loop.poll(timeout: .milliseconds(400), desk: desk)
    #expect(desk.answers.map(\.candidate) == [12])
    loop.poll(timeout: .seconds(2), desk: desk)
    line.press("1")
    loop.poll(timeout: .seconds(1), desk: desk)
    #expect(desk.answers.map(\.candidate) == [12, 13])
  }

  @Test("a picture stops within a third of a second of a key")
  func pictureStops() {
    let (line, loop, desk) = start(baud: 9600)
    desk.picture = String(repeating: String(repeating: "#", count: 60) + "\n", count: 30)
    loop.poll(timeout: .seconds(3), desk: desk)
    line.press("p")
    loop.poll(timeout: .milliseconds(500), desk: desk)
    let stopped = line.seconds
    line.press(" ")
    loop.poll(timeout: .seconds(3), desk: desk)
    let hashes = line.writes.reduce(0) { $0 + $1.bytes.filter { $0 == UInt8(ascii: "#") }.count }
    #expect(hashes > 300 && hashes < 1000)
    let last = line.writes.last { $0.bytes.contains(UInt8(ascii: "#")) }
    #expect((last?.at ?? .infinity) < stopped + 0.1)
  }

  @Test("poll with no time does not wait, and returns at once when something was answered")
  func nonBlocking() {
    let (line, loop, desk) = start(baud: 115_200)
    loop.poll(timeout: .seconds(1), desk: desk)
    let before = line.seconds
    #expect(!loop.poll(timeout: .zero, desk: desk))
    #expect(line.seconds - before < 0.001)
    line.press("2")
    #expect(loop.poll(timeout: .seconds(60), desk: desk))
    #expect(line.seconds - before < 0.2)
  }

  @Test("the last notice still goes out at the end of the program")
  func drains() {
    let (line, loop, desk) = start(baud: 9600)
    loop.poll(timeout: .milliseconds(10), desk: desk)
    loop.notice("Loam stops")
    line.press("1")
    loop.drain(timeout: .seconds(2))
    #expect(line.text.contains("* Loam stops\r\n"))
    #expect(loop.session.outputByteCount == 0)
    #expect(desk.answers.isEmpty)
  }

  @Test("a poll made by the desk while it is asked sends what waits and reads no keys")
  func nestedPoll() {
    let (line, loop, desk) = start(baud: 115_200)
    loop.poll(timeout: .seconds(1), desk: desk)
    desk.duringAnswer = { loop.poll(timeout: .seconds(1), desk: desk) }
    line.press("1")
    line.press("1")
    loop.poll(timeout: .milliseconds(10), desk: desk)
    #expect(desk.answers.map(\.candidate) == [12])
  }
}

@Suite("The console on a line that fails")
struct ConsoleFailureTests {
  private let gone = LineError.disconnected(path: "scripted", reason: "pulled")

  @Test("an undo that came before the greeting undoes nothing")
  func undoBeforeGreeting() throws {
    let desk = FakeDesk(questions: [question(1), question(2)])
    _ = try desk.answer(candidate: 1, .skip)
    let loop = ConsoleLoop(line: ScriptedLine([.bytes(Array("u".utf8)), .silence]))
    loop.poll(timeout: .zero, desk: desk)
    loop.poll(timeout: .zero, desk: desk)
    #expect(desk.undoCount == 0)
  }

  @Test("what came before the greeting does not count; after a disconnect all begins anew")
  func reconnect() {
    let line = ScriptedLine([
      .bytes(Array("1".utf8)), .silence, .failure(gone), .failure(gone), .silence,
    ])
    var settings = ConsoleSettings()
    settings.settleSeconds = 0
    let loop = ConsoleLoop(line: line, settings: settings)
    let desk = FakeDesk(questions: [question(12)])
    var connected: [Bool] = []
    for _ in 0..<5 {
      loop.poll(timeout: .zero, desk: desk)
      connected.append(loop.isConnected)
    }
    #expect(connected == [true, true, false, false, true])
    #expect(desk.answers.isEmpty)
    #expect(line.writtenText.split(separator: "Loam operator console.").count == 3)
    line.append([.bytes(Array("1".utf8)), .silence])
    loop.poll(timeout: .zero, desk: desk)
    #expect(desk.answers.map(\.candidate) == [12])
  }

  @Test("a write that the line takes in part goes on where it stopped")
  func partialWrite() {
    let line = ScriptedLine([.silence])
    let loop = ConsoleLoop(line: line, clock: ManualClock())
    let desk = FakeDesk(questions: [question(12)])
    line.failWrites([.writeTimedOut(path: "scripted", written: 10, of: 400)])
    loop.poll(timeout: .zero, desk: desk)
    #expect(loop.isConnected)
    #expect(line.written.isEmpty)
    let waiting = loop.session.outputByteCount
    let all = Bench(desk).bytes.count
    #expect(waiting == all - 10)
  }
}

@Suite("Who is there, as the power plan sees it")
struct ConsolePresenceTests {
  private func start(login: (any ConsoleLogin)? = nil) -> (TimedLine, ConsoleLoop, FakeDesk) {
    let line = TimedLine(ManualClock())
    let loop = ConsoleLoop(
      line: line, settings: ConsoleSettings(baud: 115_200), login: login, clock: line.clock)
    return (line, loop, FakeDesk(questions: [question(12)]))
  }

  @Test("noise on the line and keys that mean nothing are nobody; a key is somebody")
  func noise() throws {
    let (line, loop, desk) = start()
    loop.poll(timeout: .seconds(2), desk: desk)
    for noise in ["\u{0}\u{1}?\u{2}", "\u{1B}[A", "\t"] {
      line.press(noise)
      loop.poll(timeout: .seconds(10), desk: desk)
      #expect(loop.lastKeyNanoseconds == nil, "\(noise.debugDescription)")
    }
    let before = line.clock.monotonicNanoseconds
    line.press("?")
    loop.poll(timeout: .seconds(10), desk: desk)
    let first = try #require(loop.lastKeyNanoseconds)
    #expect(first >= before && first < before + 5_000_000_000)
    line.press("\u{0}\u{1}\u{2}")
    loop.poll(timeout: .seconds(10), desk: desk)
    #expect(loop.lastKeyNanoseconds == first)
  }

  @Test("who is not let in is nobody; the login is somebody")
  func login() {
    let (line, loop, desk) = start(login: FakeLogin("4711"))
    loop.poll(timeout: .seconds(2), desk: desk)
    for keys in ["12", "34\r", "?", "\r"] {
      line.press(keys)
      loop.poll(timeout: .seconds(10), desk: desk)
      #expect(loop.lastKeyNanoseconds == nil, "\(keys.debugDescription)")
    }
    line.press("4711\r")
    loop.poll(timeout: .seconds(10), desk: desk)
    #expect(loop.lastKeyNanoseconds != nil)
  }

  @Test("a script counts by its requests, not by what a line makes of noise")
  func script() {
    let (line, loop, desk) = start()
    loop.poll(timeout: .seconds(2), desk: desk)
    line.press("{}\n")
    loop.poll(timeout: .seconds(10), desk: desk)
    let begun = loop.lastKeyNanoseconds
    line.press("\u{0}\u{1}\n")
    loop.poll(timeout: .seconds(10), desk: desk)
    #expect(loop.lastKeyNanoseconds == begun)
    line.press("{\"do\":\"status\"}\n")
    loop.poll(timeout: .seconds(10), desk: desk)
    #expect(loop.lastKeyNanoseconds != begun)
  }
}
