import Foundation
import Sync
import Testing

@Suite("The outbox")
struct OutboxTests {
  @Test("is the queue: what is in it waits, in the order of its numbers")
  func order() throws {
    let folder = try TestFolder()
    let outbox = Outbox(store: folder.path)
    #expect(try outbox.unsent().isEmpty && outbox.sent().isEmpty && outbox.latest() == nil)
    for version in [9, 10, 2] { try folder.queue(Int64(version)) }
    try folder.write([1], "outbox/cam-11.5.part/model.loam")
    try folder.write([1], "outbox/notes.txt")
    try folder.write([1], "outbox/cam-12/half")
    #expect(try outbox.unsent().map(\.name) == ["cam-2", "cam-9", "cam-10"])
    #expect(try outbox.latest()?.version == 10)
    outbox.removeLeftovers()
    #expect(try !folder.names("outbox").contains("cam-11.5.part"))
  }

  @Test("keeps the latest that were sent, and every one that was not")
  func bounded() throws {
    let folder = try TestFolder()
    let outbox = Outbox(store: folder.path)
    for version in 1...7 { try folder.queue(Int64(version)) }
    for bundle in try outbox.unsent().prefix(5) { try outbox.markSent(bundle) }
    #expect(try outbox.unsent().map(\.version) == [6, 7])
    #expect(try outbox.sent().map(\.version) == [3, 4, 5])
    try folder.queue(5)
    try outbox.markSent(try #require(try outbox.unsent().first))
    #expect(try outbox.sent().map(\.version) == [3, 4, 5])
    #expect(try outbox.unsent().map(\.version) == [6, 7])
  }

  @Test("is sent by one process at a time")
  func locked() throws {
    let folder = try TestFolder()
    let outbox = Outbox(store: folder.path)
    let lock = try outbox.lockForSending()
    #expect { try outbox.lockForSending() } throws: { ($0 as? SyncError)?.kind == .locked }
    withExtendedLifetime(lock) {}
  }
}
