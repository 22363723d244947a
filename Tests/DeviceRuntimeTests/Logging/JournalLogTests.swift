import Board
import Logging
import Testing

@testable import DeviceRuntime

@Suite struct JournalLogTests {
  /// The fields of an entry, by an independent reading of the protocol.
  private func fields(_ bytes: [UInt8]) -> [String: String]? {
    var fields: [String: String] = [:]
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let end = rest.firstIndex(of: 10) else { return nil }
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
        fields[String(decoding: line[..<equals], as: UTF8.self)] = String(
          decoding: line[(equals + 1)...], as: UTF8.self)
        continue
      }
      guard rest.count >= 8 else { return nil }
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(8)
      guard rest.count > length, rest[rest.startIndex + length] == 10 else { return nil }
      fields[String(decoding: line, as: UTF8.self)] = String(
        decoding: rest.prefix(length), as: UTF8.self)
      rest = rest.dropFirst(length + 1)
    }
    return fields
  }

  /// What arrives in a journal when `body` logs.
  private func logged(_ body: (Logger) -> Void) throws -> [String: String]? {
    let address = "/tmp/loam-journal-\(UInt64.random(in: 0...UInt64.max))"
    let inbox = try #require(DatagramInbox(address: address))
    body(Logger(label: "loam") { JournalLog(label: $0, address: address) })
    return inbox.receive(timeout: .seconds(10)).flatMap(fields)
  }

  @Test("sends message, priority and metadata as fields")
  func fields() throws {
    let entry = try logged { log in
      var log = log
      log[metadataKey: "capture"] = "17"
      log.warning("the camera is gone", metadata: ["path": "/dev/x", "try-again in": "5 s"])
    }
    #expect(
      entry == [
        "MESSAGE": "the camera is gone", "PRIORITY": "4", "SYSLOG_IDENTIFIER": "loam",
        "LOAM_CAPTURE": "17", "LOAM_PATH": "/dev/x", "LOAM_TRY_AGAIN_IN": "5 s",
      ])
  }

  @Test("keeps line breaks, and lets nobody add a field with one")
  func lines() throws {
    let entry = try logged { $0.info("two\nPRIORITY=0\n", metadata: ["a\nMESSAGE": "b=c\n"]) }
    #expect(
      entry == [
        "MESSAGE": "two\nPRIORITY=0\n", "PRIORITY": "6", "SYSLOG_IDENTIFIER": "loam",
        "LOAM_A_MESSAGE": "b=c\n",
      ])
  }

  @Test("cuts what is too long, between characters, and says so")
  func long() throws {
    let entry = try #require(
      try logged { log in
        let metadata = (0..<20).map {
          ("k\($0)", Logger.MetadataValue.string(String(repeating: "x", count: 9000)))
        }
        log.error(
          "\(String(repeating: "ü", count: 100_000))",
          metadata: Dictionary(uniqueKeysWithValues: metadata))
      })
    let message = try #require(entry["MESSAGE"])
    #expect(message.utf8.count <= JournalEntry.mostValueBytes)
    #expect(message.hasSuffix("ü … (200000 bytes in all)") && !message.contains("\u{FFFD}"))
    #expect(entry.values.reduce(0) { $0 + $1.utf8.count } <= JournalEntry.mostBytes)
    #expect(entry["PRIORITY"] == "3")
  }

  @Test("gives every level its number")
  func priorities() {
    #expect(Logger.Level.allCases.map(JournalLog.priority) == [7, 7, 6, 5, 4, 3, 2])
  }

  @Test("names fields as the journal takes them")
  func names() {
    var entry = JournalEntry()
    for name in ["", "_", "9", "ä"] { entry.add(name, "x") }
    #expect(entry.bytes.isEmpty)
    entry.add("_9a-b", "x")
    entry.add(String(repeating: "n", count: 100), "y")
    #expect(entry.bytes == Array("A_B=x\n\(String(repeating: "N", count: 64))=y\n".utf8))
  }

  @Test("goes to the journal only if standard error is its stream")
  func standard() {
    let handler = JournalLog.standard(label: "x", environment: ["JOURNAL_STREAM": "1:1"])
    #expect(handler is StreamLogHandler)
  }
}
