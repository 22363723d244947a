import Board
import DeviceRuntime
import Foundation
import SampleStore
import Testing

@Suite("A device that sleeps, with a folder as its camera")
struct FolderSleepTests {
  /// Runs `loop` until it wants to sleep, or a minute has passed; whether it wanted to.
  private func sleeps(_ loop: DeviceLoop) -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    loop.run { .now > end }
    return loop.sleep != nil
  }

  @Test("sleeps when the folder has no more, and after each sleep waits for the next photo")
  func emptied() throws {
    let world = try World()
    for index in 0..<3 { _ = try world.photo(index) }
    var ports = DevicePorts()
    ports.power = PowerPlan(period: .seconds(600), action: .suspend)
    ports.folder = try FolderCamera(folder: world.camera)
    let device = try world.device()
    let loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    #expect(sleeps(loop))
    #expect(try device.store.counts().captures == 3)
    loop.wake()
    // The photo of this turn comes a little later.
    var turns = 0
    loop.run {
      turns += 1
      return turns > 4
    }
    #expect(loop.sleep == nil)
    _ = try world.photo(3)
    #expect(sleeps(loop))
    #expect(try device.store.counts().captures == 4)
  }

  @Test("judges what an earlier run left, and the folder's photos, before it sleeps")
  func leftovers() throws {
    let world = try World()
    let spool = try SpoolFolder(store: world.store)
    for index in 0..<2 {
      let photo = try world.photo(index)
      _ = try spool.keep([Array(try Data(contentsOf: URL(filePath: photo)))], trigger: "motion")
      try FileManager.default.removeItem(atPath: photo)
    }
    for index in 2..<4 { _ = try world.photo(index) }
    var ports = DevicePorts()
    ports.power = PowerPlan(period: .seconds(600), action: .exit)
    ports.folder = try FolderCamera(folder: world.camera)
    try ports.joinLeftovers(store: world.store)
    let device = try world.device()
    let loop = DeviceLoop(device: device, ports: ports, log: World.silence)
    loop.takeUpSpool()
    #expect(sleeps(loop))
    #expect(try device.store.counts().captures == 4)
  }
}
