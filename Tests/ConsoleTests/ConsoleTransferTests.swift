import Board
import Foundation
import Testing

@testable import DeviceRuntime

@Suite("Sending over the console's own line", .serialized)
struct ConsoleTransferTests {
  private static func hasSender(_ test: String) -> Bool {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let found = places.contains { FileManager.default.isExecutableFile(atPath: "\($0)/sz") }
    if !found { print("not run: \(test): sz is not installed (apt-get install lrzsz)") }
    return found
  }

  @Test("without a receiver it gives up, and the console lives on")
  func givesUp() throws {
    guard Self.hasSender("a transfer at the console that nobody receives") else { return }
    let file = FileManager.default.temporaryDirectory.path + "/loam-send-\(UUID())"
    try Data([1, 2, 3]).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let terminal = try PseudoTerminal()
    var settings = ConsoleSettings(baud: 921_600)
    settings.transferSeconds = 0.5
    settings.settleSeconds = 0.05
    let line = try SerialLine(
      path: terminal.slavePath, settings: SerialSettings(writeDeadline: .milliseconds(100)))
    let (loop, desk) = (
      ConsoleLoop(line: line, settings: settings),
      FakeDesk(questions: (12...20).map { question($0) })
    )
    desk.filesToSend = [file]
    var text: [UInt8] = []
    func works(until isDone: (String) -> Bool) throws -> Bool {
      let end = ContinuousClock.now + .seconds(20)
      while .now < end {
        loop.poll(timeout: .milliseconds(5), desk: desk)
        text += try terminal.read(timeout: .milliseconds(5))
        if isDone(String(decoding: text, as: UTF8.self)) { return true }
      }
      return false
    }
    #expect(try works { $0.hasSuffix("\r\n> ") })
    try terminal.write(":send\r")
    #expect(try works { $0.contains("Sending by ZMODEM") })
    #expect(try works { $0.contains("Nothing was sent: nobody began to receive") })
    #expect(desk.sent.isEmpty)
    text = []
    let quiet = ContinuousClock.now + .milliseconds(1300)
    #expect(try works { _ in .now > quiet })
    try terminal.write("2")
    #expect(try works { $0.contains("labelled #12 as functional (kept)") })
  }
}
