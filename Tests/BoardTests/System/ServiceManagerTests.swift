import Testing

@testable import Board

@Suite struct ServiceManagerTests {
  private static func place(abstract: Bool) -> String {
    (abstract ? "@" : "/tmp/") + "loam-notify-\(UInt64.random(in: 0...UInt64.max))"
  }

  @Test(
    "speaks to a socket in the file system and to one without a file", arguments: [false, true])
  func speaks(abstract: Bool) throws {
    let place = Self.place(abstract: abstract)
    let inbox = try #require(DatagramInbox(address: place))
    let manager = ServiceManager(environment: ["NOTIFY_SOCKET": place])
    #expect(manager.isPresent)
    func next() -> String? {
      inbox.receive(timeout: .seconds(10)).map { String(decoding: $0, as: UTF8.self) }
    }
    manager.ready("judges photos")
    #expect(next() == "READY=1\nSTATUS=judges photos")
    manager.status("two lines\nREADY=0")
    #expect(next() == "STATUS=two lines READY=0")
    manager.alive()
    #expect(next() == "WATCHDOG=1")
    manager.extendTimeout(by: .milliseconds(1500))
    #expect(next() == "EXTEND_TIMEOUT_USEC=1500000")
    manager.stopping("bye")
    #expect(next() == "STOPPING=1\nSTATUS=bye")
    manager.status(String(repeating: "ü", count: 100_000))
    #expect((next()?.utf8.count ?? 0) <= 1100)
  }

  @Test(
    "does nothing without a manager, or with an address that is none",
    arguments: ["", "x", "@", "/nowhere/there", String(repeating: "/x", count: 60), "/tmp\0/x"])
  func absent(address: String) {
    for environment in [[:], ["NOTIFY_SOCKET": address]] {
      let manager = ServiceManager(environment: environment)
      manager.ready("x")
      manager.alive()
      manager.stopping("x")
    }
    #expect(!ServiceManager(environment: [:]).isPresent)
  }

  @Test("does not wait for a manager that does not read")
  func full() throws {
    let place = Self.place(abstract: true)
    let inbox = try #require(DatagramInbox(address: place))
    let manager = ServiceManager(environment: ["NOTIFY_SOCKET": place])
    for _ in 0..<10_000 { manager.alive() }
    #expect(inbox.receive(timeout: .zero) != nil)
  }

  @Test("halves the time of the watchdog, if the watchdog is meant for this process")
  func watchdog() {
    func pause(_ environment: [String: String]) -> Duration? {
      ServiceManager(environment: environment, process: 42).watchdogPause
    }
    #expect(pause([:]) == nil)
    #expect(pause(["WATCHDOG_USEC": "3000000"]) == .milliseconds(1500))
    #expect(pause(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "42"]) == .milliseconds(1500))
    #expect(pause(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "43"]) == nil)
    for text in ["", "0", "-1", "x", "99999999999999999999"] {
      #expect(pause(["WATCHDOG_USEC": text]) == nil)
    }
  }
}
