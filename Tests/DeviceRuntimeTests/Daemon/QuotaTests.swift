import DeviceRuntime
import Foundation
import Graph
import SampleStore
import Testing

@Suite("The disk's quota")
struct QuotaTests {
  private func device(_ world: World, quota: Int) throws -> Device {
    var settings = world.settings
    settings.diskQuota = quota
    settings.auditShare = 0.3
    return try world.device(settings)
  }

  @Test("what the model is surest of goes first; answers, questions and audits never")
  func order() throws {
    let world = try World()
    let device = try device(world, quota: 1 << 30)
    for index in 0..<40 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 2)
    #expect(try device.askIfDue())
    #expect(try device.makeRoom(freeByteCount: nil) == 0)
    let store = device.store
    let kept = try Set(
      store.activeLabels().map(\.candidateID) + store.queue(limit: 99).map(\.candidate.id))
    let surest = try #require(try store.evictable(limit: 1).first)
    #expect(device.photoByteCount == (try store.photoByteCount()))
    let before = device.photoByteCount
    let free = device.settings.diskReserve - 1
    #expect(try device.makeRoom(freeByteCount: free) == 1, "one byte is missing")
    #expect(try !store.photos.contains(surest.sha256[0]))
    #expect(
      try store.features(of: surest.candidateID, bodySHA256: device.network.lineage.bodySHA256)
        == nil)
    #expect(device.photoByteCount == before - surest.byteCount)
    #expect(device.photoByteCount == (try store.photoByteCount()))
    while try device.makeRoom(freeByteCount: 0) > 0 {}
    #expect(try store.evictable(limit: 9).isEmpty)
    for candidate in kept {
      for capture in try store.captures(of: candidate) {
        #expect(try store.photos.contains(try #require(capture.sha256)))
      }
    }
    for candidate in try store.waitingAudits() {
      for capture in try store.captures(of: candidate) {
        #expect(try store.photos.contains(try #require(capture.sha256)))
      }
    }
    #expect(try store.counted(.evictedPhotos) > 1)
    #expect(try store.events(limit: 5).contains { $0.kind == "quota.full" })
    #expect(try World.answer(device), "the questions go on")
  }

  @Test("a quota that is passed is kept, the database counted")
  func quota() throws {
    let first = try World()
    let free = try device(first, quota: 1 << 30)
    for index in 0..<20 { try free.capture(path: try first.photo(index)) }
    let database = try free.store.databaseByteCount()
    let quota = database + free.photoByteCount * 3 / 4
    let world = try World()
    let device = try device(world, quota: quota)
    for index in 0..<20 { try device.capture(path: try world.photo(index)) }
    #expect(device.photoByteCount == free.photoByteCount)
    while try device.makeRoom(freeByteCount: nil) > 0 {}
    #expect(try device.photoByteCount + device.store.databaseByteCount() <= quota)
    #expect(device.photoByteCount > free.photoByteCount / 4, "no more than has to")
    #expect(device.photoByteCount == (try device.store.photoByteCount()))
  }
}
