import Board
import DeviceRuntime
import Foundation
import Graph
import Imaging
import Logging
import SampleStore
import Testing

@Suite("Going back to another model, the date, and what goes with them")
struct ModelChoiceTests {
  /// A device that has learned twice, so that both slots hold a model of its own.
  private func taught(_ world: World) throws -> Device {
    let device = try world.device()
    for index in 0..<24 { try device.capture(path: try world.photo(index)) }
    try World.live(device, rounds: 3)
    return device
  }

  @Test("the list says what is active and at hand; going back changes what is asked, durably")
  func goesBack() throws {
    let world = try World()
    var device: Device? = try taught(world)
    let models = try #require(try device?.models())
    #expect(models.count { $0.isActive } == 1 && models.count { $0.isAtHand } == 2)
    let active = try #require(models.first { $0.isActive })
    guard let other = models.last(where: { $0.isAtHand && !$0.isActive && $0.isAccepted }) else {
      print("not run: going back: the gate took no second model")
      return
    }
    let said = try device?.activate(model: other.number)
    #expect(said?.contains("model \(other.number) is active (kept)") == true)
    #expect(device?.model.id == other.number)
    let events = try #require(try device?.store.events(limit: 3))
    #expect(
      events.contains { $0.kind == "model.activated" && $0.message.contains("\(active.number)") })
    // Every waiting photo was scored by it.
    for entry in try #require(try device?.store.queue(limit: 50, order: .chosen)) {
      #expect(entry.prediction != nil)
    }
    device = nil
    let again = try world.device()
    #expect(again.model.id == other.number)
    #expect(try again.models().first { $0.isActive }?.number == other.number)
    _ = try again.activate(model: active.number)
    #expect(again.model.id == active.number)
    try World.live(again, rounds: 1)
  }

  @Test("a model that is not at hand, not there or damaged leaves the active one")
  func refuses() throws {
    let world = try World()
    let device = try taught(world)
    let before = device.model.id
    #expect(throws: (any Error).self) { try device.activate(model: 999) }
    let models = try device.models()
    for model in models where !model.isAtHand {
      #expect(throws: ModelChoiceError.self) { try device.activate(model: model.number) }
    }
    for name in ["a.loam", "b.loam"] where world.store + "/models/" + name != device.slotPath {
      try Data("torn".utf8).write(to: URL(filePath: world.store + "/models/" + name))
    }
    for model in try device.models() where !model.isActive {
      #expect(!model.isAtHand)
      #expect(throws: (any Error).self) { try device.activate(model: model.number) }
    }
    #expect(device.model.id == before)
  }

  @Test("progress has the rounds that were run")
  func progress() throws {
    let world = try World()
    let device = try taught(world)
    let progress = try device.progress()
    #expect(progress.labels == (try device.store.counts().labels))
    #expect(!progress.rounds.isEmpty)
    #expect(progress.rounds.map(\.model) == progress.rounds.map(\.model).sorted())
  }

  @Test("a date that the operator sets is trusted and outlives a restart of the program")
  func date() throws {
    let world = try World()
    let device = try world.device()
    // The clock of tests is none that an operator may set.
    #expect(throws: (any Error).self) { try device.setDate(unixMilliseconds: 1_800_000_000_000) }
    try device.store.keepClockCorrection("boot -5")
    #expect(try device.store.clockCorrection() == "boot -5")
    try device.store.keepClockCorrection("boot 7")
    #expect(try SampleStore.openReadOnly(world.store).clockCorrection() == "boot 7")
    _ = OperatorClock(storeFolder: world.store)
    _ = OperatorClock(storeFolder: world.folder + "/none")
  }

  @Test("a thumbnail is a JPEG within its bytes", arguments: [600, 2000, 32_768])
  func thumbnail(limit: Int) throws {
    let world = try World()
    let device = try world.device()
    try device.capture(path: try world.photo(0))
    let candidate = try #require(
      try device.store.poolCandidates().first)
    let bytes = try device.thumbnail(candidate: candidate, byteLimit: limit)
    #expect(bytes.starts(with: [0xFF, 0xD8]))
    #expect(throws: (any Error).self) { try device.thumbnail(candidate: 999, byteLimit: limit) }
  }

  @Test("every kind of preview of a photo stays within its bytes")
  func previews() throws {
    let world = try World()
    let device = try world.device()
    try device.capture(path: try world.photo(0))
    let candidate = try #require(try device.store.poolCandidates().first)
    for style in [PreviewRequest.Style.ascii, .halfBlocks, .trueColour, .sixel] {
      let text = try device.preview(
        candidate: candidate, PreviewRequest(columns: 40, style: style, byteBudget: 20_000))
      #expect(text.utf8.count <= 20_000)
      #expect(text.hasPrefix("\u{1B}P") == (style == .sixel))
      if style != .sixel { #expect(text.contains("48;2;") == (style == .trueColour)) }
    }
  }
}

@Suite("Who a device is")
struct DeviceIdentityTests {
  @Test("a key is made once, the name may change, and both are read again")
  func makes() throws {
    let world = try World()
    let folder = world.folder
    #expect(try DeviceIdentity.read(in: folder) == nil)
    let first = try DeviceIdentity.make(in: folder, name: nil)
    #expect(first.id.count == 16 && first.name == "loam-\(first.id.prefix(4))")
    #expect(try DeviceIdentity.read(in: folder) == first)
    let named = try DeviceIdentity.make(in: folder, name: "north gate")
    #expect(
      named.id == first.id && named.publicKey == first.publicKey && named.name == "north gate")
    #expect(try DeviceIdentity.make(in: folder, name: nil) == named)
    let forced = try DeviceIdentity.make(in: folder, name: nil, replacesKey: true)
    #expect(forced.id != first.id && forced.name == "north gate")
    let rights = try FileManager.default.attributesOfItem(
      atPath: DeviceIdentity.keyPath(in: folder))
    #expect(rights[.posixPermissions] as? Int == 0o600)
    let text = try String(contentsOfFile: DeviceIdentity.publicPath(in: folder), encoding: .utf8)
    let secret = try String(contentsOfFile: DeviceIdentity.keyPath(in: folder), encoding: .utf8)
    #expect(!text.contains(secret.split(separator: "\n")[1]))
    #expect(try DeviceIdentity.sign([1, 2, 3], in: folder).count == 64)
  }

  @Test(
    "bad names and damaged files are refused",
    arguments: ["", " x", "a\u{1B}[2J", String(repeating: "x", count: 41)])
  func refuses(name: String) throws {
    let world = try World()
    #expect(throws: ProvisionError.self) { try DeviceIdentity.make(in: world.folder, name: name) }
    #expect(try DeviceIdentity.read(in: world.folder) == nil)
    for text in ["", "loam-device 1\n", "loam-device 1\nid 0123456789abcdef\nname x\nkey AAAA\n"] {
      try text.write(
        toFile: DeviceIdentity.publicPath(in: world.folder), atomically: true, encoding: .utf8)
      #expect(throws: ProvisionError.self) { try DeviceIdentity.read(in: world.folder) }
    }
    try "loam-key 1\nAAAA\n".write(
      toFile: DeviceIdentity.keyPath(in: world.folder), atomically: true, encoding: .utf8)
    #expect(throws: ProvisionError.self) { try DeviceIdentity.make(in: world.folder, name: "x") }
  }
}

extension Device {
  /// Path of the active slot.
  fileprivate var slotPath: String {
    let folder = store.folder + "/models"
    let name = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/active")
    return folder + "/" + (name ?? "")
  }
}

extension SampleStore {
  /// Candidates that were captured, in their order.
  fileprivate func poolCandidates() throws -> [Int64] {
    try ranking(limit: 10, audits: true).map(\.candidate.id)
  }
}
