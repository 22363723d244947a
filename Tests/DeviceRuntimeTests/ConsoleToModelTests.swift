import Board
import DeviceRuntime
import Foundation
import Logging
import SampleStore
import Synchronization
import Testing

@Suite("The loop from the camera to a better model")
struct ConsoleToModelTests {
  @Test("runs on a real pseudo terminal with a scripted operator", .timeLimit(.minutes(2)))
  func onTerminal() async throws {
    let world = try World()
    for index in 0..<16 { _ = try world.photo(index) }
    let terminal = try PseudoTerminal()
    let done = Atomic(false)
    var settings = world.settings
    settings.labelBudget = 8
    settings.askAfter = 16
    let device = try world.device(settings)
    let line = try SerialLine(path: terminal.slavePath)
    var appearance = ConsoleSettings()
    appearance.settleSeconds = 0
    var ports = DevicePorts()
    ports.folder = try FolderCamera(folder: world.camera)
    ports.consoles = [ConsoleLoop(line: line, settings: appearance)]
    let loop = DeviceLoop(
      device: device, ports: ports,
      log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    nonisolated(unsafe) let operatorSide = ScriptedOperator(
      line: terminal, thinkingTime: .milliseconds(10)
    ) { .label(World.truth($0)) }
    let person = Thread { unsafe operatorSide.run { done.load(ordering: .relaxed) } }
    person.start()
    let deadline = ContinuousClock.now + .seconds(60)
    loop.run(until: { device.stopReason != nil || ContinuousClock.now > deadline })
    done.store(true, ordering: .relaxed)
    #expect(try #require(device.stopReason).contains("label budget"))
    for label in try device.store.activeLabels() {
      let name = try #require(try device.store.captures(of: label.candidateID).first)
      #expect(label.className == World.truth(name.originalName))
    }
    #expect(try device.store.counts().labels == 8)
    #expect(try device.store.models().count == 3)
  }
}
