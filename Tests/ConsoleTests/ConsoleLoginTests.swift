import Board
import Foundation
import Testing

@testable import DeviceRuntime

/// A login that knows its PIN in clear, and says so at once unless it is told to think.
final class FakeLogin: ConsoleLogin {
  let pin: String
  var failures = 0
  var isThinking = false
  var closed: String?
  private(set) var tries: [String] = []
  private var isRight: Bool?

  init(_ pin: String) { self.pin = pin }

  var state: ConsoleLoginState {
    if let closed { return .closed(why: closed) }
    return failures >= 10
      ? .closed(why: "Locked after 10 wrong PINs.") : .open(failures: failures, limit: 10)
  }

  func begin(_ secret: String) throws {
    tries.append(secret)
    failures += 1
    isRight = secret == pin
  }

  func outcome() -> Bool? {
    guard !isThinking, let right = isRight else { return nil }
    isRight = nil
    if right { failures = 0 }
    return right
  }
}

@Suite("Logging in at the console")
struct ConsoleLoginTests {
  private func bench(_ login: FakeLogin = FakeLogin("4711")) -> (Bench, FakeLogin) {
    let desk = FakeDesk(questions: (12...20).map { question($0) })
    var settings = ConsoleSettings()
    settings.deviceName = "north gate"
    return (Bench(desk, settings, login: login), login)
  }

  @Test("shows nothing of the device and does nothing before the PIN, which is shown as stars")
  func closed() {
    let (bench, login) = bench()
    bench.session.notice("a photo of a face came")
    bench.wait(1)
    #expect(bench.screen.text == ["", "Loam operator console of north gate.", "PIN: "])
    for key in ["\r", "\u{C}", "\u{1A}", "\u{1B}[A", "\u{3}"] { bench.press(key) }
    #expect(bench.answers.isEmpty && bench.desk.undoCount == 0)
    bench.type("4x\u{7F}711")
    #expect(bench.screen.text.last == "PIN: ****")
    bench.press("\r")
    #expect(login.tries == ["4711"])
    bench.wait(1)
    #expect(bench.shows("--- Question #12") && bench.shows("* a photo of a face came"))
    #expect(!bench.screen.text.contains { $0.contains("4711") })
    bench.press("1")
    #expect(bench.answers == ["12=defective"])
  }

  @Test("what is typed while the PIN is being checked counts for nothing")
  func thinking() {
    let (bench, login) = bench()
    login.isThinking = true
    bench.press("4711\r")
    bench.press("1")
    bench.press("\r")
    #expect(!bench.shows("--- Question") && login.tries.count == 1)
    login.isThinking = false
    bench.wait(0.1)
    #expect(bench.shows("--- Question #12") && bench.answers.isEmpty)
  }

  @Test("wrong PINs cost more and more time, then lock")
  func delays() {
    let (bench, login) = bench()
    for failures in 1...9 {
      bench.wait(60)
      bench.press("0000\r")
      bench.wait(0.1)
      #expect(login.failures == failures)
      let delay = min(60, 1 << (failures - 1))
      #expect(
        bench.screen.text.contains { $0.contains("\(failures) of at most 10") }, "\(failures)")
      // Too early: neither right nor wrong, and no try is lost.
      bench.send(Array("4711\r".utf8), after: Double(delay) - 0.5)
      bench.wait(0.1)
      #expect(login.tries.count == failures && !bench.shows("--- Question"))
    }
    bench.wait(60)
    bench.press("0000\r")
    bench.wait(60)
    #expect(bench.shows("Locked after 10 wrong PINs."))
    bench.press("4711\r")
    bench.wait(60)
    #expect(login.tries.count == 10 && !bench.shows("--- Question"))
    // A button at the device.
    login.failures = 0
    bench.press("\r")
    bench.press("4711\r")
    bench.wait(1)
    #expect(bench.shows("--- Question #12"))
  }

  @Test("pulling the plug saves no waiting")
  func reconnecting() {
    let login = FakeLogin("4711")
    login.failures = 5
    let (bench, _) = bench(login)
    bench.press("4711\r")
    bench.wait(0.1)
    #expect(login.tries.isEmpty && bench.screen.text.contains { $0.hasPrefix("Wait 1") })
    bench.session.disconnect()
    bench.session.connect(at: bench.now, desk: bench.desk)
    bench.press("4711\r")
    #expect(login.tries.isEmpty)
    bench.wait(16)
    bench.press("4711\r")
    bench.wait(0.1)
    #expect(bench.shows("--- Question #12"))
  }

  @Test("hanging up, idling and `logout` end it")
  func ends() {
    let (bench, _) = bench()
    func logIn() -> Bool {
      bench.press("4711\r")
      bench.wait(0.1)
      return bench.screen.text.last == "> "
    }
    #expect(logIn())
    bench.session.disconnect()
    bench.session.connect(at: bench.now, desk: bench.desk)
    bench.wait(1)
    #expect(bench.screen.text.last == "PIN: ")
    #expect(logIn())
    bench.wait(899)
    #expect(bench.screen.text.last == "> ")
    bench.press("i")
    bench.wait(899)
    #expect(bench.screen.text.last == "> ")
    bench.wait(2)
    #expect(
      bench.screen.text.last == "PIN: " && bench.shows("Logged out after 15 min without a key."))
    bench.press("1")
    bench.press("\u{3}")
    #expect(bench.answers.isEmpty)
    #expect(logIn())
    bench.press(":logout\r")
    #expect(bench.screen.text.last == "PIN: ")
  }

  @Test("a question that came before the login is answered by keys after it only")
  func oldKeys() {
    let (bench, _) = bench()
    bench.press("4711\r1")
    bench.wait(0.01)
    #expect(bench.answers.isEmpty)
  }

  @Test("without a PIN nobody gets in, and it says what to do")
  func unprovisioned() {
    let login = FakeLogin("4711")
    login.closed = "This device has no PIN yet; give it one with `loam provision`."
    let (bench, _) = bench(login)
    #expect(bench.shows("This device has no PIN yet"))
    bench.press("4711\r")
    bench.press("{\"pin\":\"4711\"}\r")
    #expect(login.tries.isEmpty && !bench.shows("--- Question"))
    login.closed = nil
    bench.press("\r")
    #expect(bench.screen.text.last == "PIN: ")
  }

  @Test("noise is no PIN")
  func noise() {
    let (bench, login) = bench()
    var random = SeededRandom(seed: 3)
    for _ in 0..<200 {
      let bytes = (0..<30).map { _ in UInt8.random(in: 0...255, using: &random) | 0x80 }
      bench.send(bytes + [0x0D], after: 0.1)
    }
    #expect(login.tries.isEmpty)
    bench.wait(1)
    bench.press("4711\r")
    bench.wait(0.1)
    #expect(bench.shows("--- Question #12"))
  }
}

@Suite("The console's PIN")
struct ConsolePinTests {
  /// A folder that goes with its contents.
  final class Folder {
    let path: String
    init() throws {
      path = FileManager.default.temporaryDirectory.path + "/loam-pin-\(UUID())"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private func check(_ login: PinLogin, _ pin: String) throws -> Bool? {
    try login.begin(pin)
    let end = ContinuousClock.now + .seconds(60)
    while .now < end {
      if let outcome = login.outcome() { return outcome }
      usleep(2000)
    }
    return nil
  }

  @Test("what may be a PIN", arguments: ["1234", "123456789012", "correct horse battery"])
  func goodPins(pin: String) { #expect(ConsolePin.problem(with: pin) == nil) }

  @Test(
    "what may not",
    arguments: [
      "", "123", "1234567890123", "abc", "{\"a\":12345}", " 12345678x", "12345678x ",
      "a\u{7}bcdefghij",
      String(repeating: "x", count: 129),
    ])
  func badPins(pin: String) throws {
    #expect(ConsolePin.problem(with: pin) != nil)
    let folder = try Folder()
    #expect(throws: ProvisionError.self) { try ConsolePin.set(pin, in: folder.path) }
    #expect(try ConsolePin.read(in: folder.path) == nil)
  }

  @Test("lets the right one in, counts the wrong ones on the disk before they are checked")
  func checks() throws {
    let folder = try Folder()
    let login = PinLogin(folder: folder.path)
    guard case .closed(let why) = login.state else {
      Issue.record("open without a PIN")
      return
    }
    #expect(why.contains("loam provision"))
    #expect(throws: (any Error).self) { try login.begin("4711") }
    try ConsolePin.set("4711", in: folder.path)
    let path = ConsolePin.path(in: folder.path)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasPrefix("loam-pin 1\nhash $y$") && !text.contains("4711"))
    let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(rights == 0o600)
    #expect(login.state == .open(failures: 0, limit: 10))
    try login.begin("0000")
    // The plug is pulled here: the try has been counted.
    #expect(PinLogin(folder: folder.path).state == .open(failures: 1, limit: 10))
    #expect(throws: (any Error).self, "one hash at a time") { try login.begin("4711") }
    while login.outcome() == nil { Thread.sleep(forTimeInterval: 0.01) }
    #expect(try check(login, "4711") == true)
    #expect(login.state == .open(failures: 0, limit: 10))
    #expect(try check(login, "4712") == false)
    #expect(login.state == .open(failures: 1, limit: 10))
  }

  @Test("ten wrong ones lock it over restarts, until a button or a new PIN releases it")
  func locks() throws {
    let folder = try Folder()
    try ConsolePin.set("4711", in: folder.path)
    var pin = try #require(try ConsolePin.read(in: folder.path))
    pin.failures = 9
    try pin.write(in: folder.path)
    #expect(try check(PinLogin(folder: folder.path), "0000") == false)
    let login = PinLogin(folder: folder.path)
    guard case .closed(let why) = login.state else {
      Issue.record("open after ten")
      return
    }
    #expect(why.contains("button"))
    #expect(throws: (any Error).self) { try login.begin("4711") }
    #expect(try login.releaseLockout())
    #expect(try !login.releaseLockout())
    #expect(try check(login, "4711") == true)
    pin.failures = 10
    try pin.write(in: folder.path)
    try ConsolePin.set("0815", in: folder.path)
    #expect(try check(login, "4711") == false)
    #expect(try check(login, "0815") == true)
  }

  @Test(
    "a damaged file lets nobody in",
    arguments: [
      "", "loam-pin 1\n", "loam-pin 1\nhash x\nfailures 0\n",
      "loam-pin 1\nhash $y$x\nfailures -1\n",
      "loam-pin 2\nhash $y$x\nfailures 0\n", String(repeating: "x", count: 100_000), "\u{0}\u{1}",
    ])
  func damaged(text: String) throws {
    let folder = try Folder()
    try text.write(toFile: ConsolePin.path(in: folder.path), atomically: true, encoding: .utf8)
    let login = PinLogin(folder: folder.path)
    guard case .closed = login.state else {
      Issue.record("open")
      return
    }
    #expect(throws: (any Error).self) { try login.begin("4711") }
  }

  @Test("when the try cannot be counted nobody is let in")
  func readOnly() throws {
    let folder = try Folder()
    try ConsolePin.set("4711", in: folder.path)
    // A folder in place of the temporary file's name cannot be replaced by a file.
    let block = "\(ConsolePin.path(in: folder.path)).\(getpid()).tmp"
    try FileManager.default.createDirectory(atPath: block + "/x", withIntermediateDirectories: true)
    #expect(throws: ProvisionError.self) { try PinLogin(folder: folder.path).begin("4711") }
  }

  @Test("random PINs have their digits and differ")
  func random() {
    let pins = (0..<20).map { _ in ConsolePin.random() }
    #expect(pins.allSatisfy { ConsolePin.problem(with: $0) == nil && $0.count == 6 })
    #expect(Set(pins).count > 10)
  }
}
