import Foundation
import Testing

@testable import Board

@Suite("Suspending and the age of the process")
struct PowerTests {
  @Test("sets the alarm, then suspends")
  func suspend() throws {
    let folder = try TemporaryFolder()
    for name in ["sys/class/rtc/rtc0", "sys/power"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
    let alarm = folder.path + "/sys/class/rtc/rtc0/wakealarm"
    let state = folder.path + "/sys/power/state"
    #expect(throws: SuspensionError.self) {
      try Suspension(root: folder.path).suspend(for: .seconds(90))
    }
    try Data().write(to: URL(filePath: alarm))
    #expect(throws: SuspensionError.self) {
      try Suspension(root: folder.path).suspend(for: .seconds(90))
    }
    try Data().write(to: URL(filePath: state))
    try Suspension(root: folder.path).suspend(for: .milliseconds(90_900))
    #expect(try String(contentsOfFile: alarm, encoding: .utf8) == "+90")
    #expect(try String(contentsOfFile: state, encoding: .utf8) == "mem")
  }

  @Test("the age is what the kernel's clock says since the start")
  func age() throws {
    let stat = "12 (a ) (b) S " + (1...18).map { "\($0)" }.joined(separator: " ") + " 5000 7 8"
    #expect(
      ProcessAge.age(stat: stat, bootSeconds: 60.5, ticksPerSecond: 100) == .milliseconds(10_500))
    #expect(ProcessAge.age(stat: "12 (x", bootSeconds: 1, ticksPerSecond: 100) == nil)
    #expect(ProcessAge.age(stat: "12 (x) S 1 2", bootSeconds: 1, ticksPerSecond: 100) == nil)
    let own = try #require(ProcessAge.current())
    #expect(own >= .zero && own < .seconds(36_000))
  }
}
