import Board
import FoundationEssentials
package import Logging
import SampleStore
import Synchronization

/// Why a device cannot be put together from its configuration.
package enum AssemblyError: Error, CustomStringConvertible {
  case noStore

  package var description: String {
    switch self {
    case .noStore:
      "no store is named: give --store FOLDER, or set store in the configuration file"
    }
  }
}

/// Puts a device together as its configuration says, and runs it.
package struct DeviceAssembly: Sendable {
  let configuration: DeviceConfiguration
  let log: Logger
  /// Whether it goes on without a camera's folder or a line that may come later.
  let isPatient: Bool
  /// The system's service manager, if it started the program.
  let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)

  /// The device of `configuration`. One that `isPatient` waits for what is not there yet; else it is an
  /// error.
  package init(_ configuration: DeviceConfiguration, isPatient: Bool = false, log: Logger) {
    self.configuration = configuration
    self.isPatient = isPatient
    self.log = log
  }

  /// Runs until a signal or the power plan ends it.
  package func run() async throws {
    guard let store = configuration.store else { throw AssemblyError.noStore }
    let clock = OperatorClock(storeFolder: store)
    let capture = try makeCapture(store: store, clock: clock)
    var settings = DeviceSettings(configuration)
    settings.toleratesOtherModel = isPatient
    let (deviceSettings, panelAtEnd) = (settings, PanelAtEnd())
    try await Daemon.run(capture: capture?.loop, log: log, cutOff: { panelAtEnd.stop() }) {
      shouldStop in
      let device = try Device(
        storeFolder: store, modelPath: configuration.model, settings: deviceSettings, clock: clock,
        log: log)
      let loop = try DeviceLoop(
        device: device, ports: ports(of: device, capture: capture, atEnd: panelAtEnd), log: log)
      loop.takeUpSpool()
      manager.ready("\(device.classes.count) classes, model \(device.model.id)")
      run(loop, until: shouldStop)
      manager.stopping("everything acknowledged is kept")
    }
  }

  /// Runs `loop`, and suspends the board when it says so.
  private func run(_ loop: DeviceLoop, until shouldStop: @escaping @Sendable () -> Bool) {
    while true {
      loop.run(until: shouldStop)
      guard let pause = loop.sleep else { return }
      log.info("sleeps", metadata: ["for": "\(pause)"])
      guard configuration.power.then == .suspend, !shouldStop() else { return }
      do {
        try Suspension().suspend(for: pause)
        loop.wake()
      } catch {
        loop.stayAwake(because: "\(error)")
        loop.pause(pause, until: shouldStop)
        loop.wake(takesPhoto: false)
      }
    }
  }

  /// What the device is joined to.
  private func ports(
    of device: Device, capture: Capture?, atEnd: PanelAtEnd
  ) throws -> DevicePorts {
    var ports = DevicePorts()
    ports.power = PowerPlan(configuration.power)
    if case .folder(let folder) = configuration.camera.address {
      ports.folder = try FolderCamera(folder: folder, mayBeMissing: isPatient)
    }
    ports.captureLoop = capture?.loop
    ports.intake = capture?.intake
    ports.spool = capture?.spool
    try orGoOn(device.store) { try ports.joinLeftovers(store: device.store.folder) }
    if let loop = capture?.loop, loop.settings.triggers.contains(.command) {
      device.pullShutter = { loop.triggers.pull(.command, at: $0) }
    }
    let login = configuration.console.login == .pin ? PinLogin(folder: device.store.folder) : nil
    ports.consoles = try consoles(login: login, store: device.store)
    ports.panel = panel(capture: capture, login: login, atEnd: atEnd)
    let store = device.store.folder
    ports.freeByteCount = { SystemHealth.space(at: store)?.freeBytes }
    ports.celsius = { SystemHealth().temperature }
    let path = liveStatusPath(
      store: store, runtimeFolder: ProcessInfo.processInfo.environment["RUNTIME_DIRECTORY"])
    ports.publish = { try? $0.write(to: path) }
    ports.heartbeat = heartbeat(capture?.loop, clock: device.clock)
    return ports
  }
}

extension DeviceAssembly {
  /// Feeds the watchdog, as often as it wants, while both loops get on: a thread that hangs is a device
  /// that hangs.
  private func heartbeat(_ loop: CaptureLoop?, clock: any Board.Clock) -> () -> Void {
    guard let pause = manager.watchdogPause else { return {} }
    var fed: UInt64 = 0
    let manager = manager
    return {
      let now = clock.monotonicNanoseconds
      if let progress = loop?.progress, now > progress + (loop?.longestSilence ?? 0) { return }
      guard now >= fed + UInt64(max(0, pause / .nanoseconds(2))) else { return }
      fed = now
      manager.alive()
    }
  }
}

/// The panel, to be darkened when the end takes too long.
final class PanelAtEnd: Sendable {
  private let held = Mutex<Panel?>(nil)

  var panel: Panel? {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }

  func stop() { panel?.stop() }
}

// MARK: The camera

/// A camera that takes photos when it is told to, and what it fills.
struct Capture: Sendable {
  var loop: CaptureLoop
  var intake: Intake
  var spool: SpoolFolder
}

extension DeviceAssembly {
  /// The camera's loop; `nil` for a folder, which has no shutter, and without a camera.
  private func makeCapture(store: String, clock: any Board.Clock) throws -> Capture? {
    let camera = configuration.camera
    let shutter: any Shutter
    switch camera.address {
    case .folder, nil: return nil
    case .standardInput: shutter = InputShutter(StandardInputCamera())
    case .device, .command:
      guard let address = camera.address else { return nil }
      var settings = StreamCameraSettings()
      settings.width = camera.width ?? settings.width
      settings.height = camera.height ?? settings.height
      settings.mostFrameBytes = DeviceSettings.cameraLimit / 2
      settings.mostBurstBytes = DeviceSettings.cameraLimit / 2
      shutter = CameraShutter(
        try StreamCamera(address, settings: settings, helper: StreamCamera.ownHelper))
    }
    let spool = try SpoolFolder(store: store)
    let intake = Intake(limit: configuration.queue.limit)
    let loop = CaptureLoop(
      shutter: shutter, spool: spool, intake: intake, settings: CaptureSettings(configuration),
      motion: MotionDetector(settings: MotionSettings(share: camera.motionThreshold)), clock: clock,
      log: log)
    return Capture(loop: loop, intake: intake, spool: spool)
  }
}

// MARK: The operator

extension DeviceAssembly {
  /// Runs `step`; where the device is patient an error is recorded, and the rest goes on without it.
  private func orGoOn(_ store: SampleStore, _ step: () throws -> Void) throws {
    do { try step() } catch  where isPatient {
      log.error("the device goes on without it", metadata: ["reason": "\(error)"])
      try store.recordEvent(
        .error, kind: "start.failed", message: "\(error)", at: SystemClock().stamp)
    }
  }

  /// The operators' lines: the serial one, and the socket for `loam attach`.
  private func consoles(login: PinLogin?, store: SampleStore) throws -> [ConsoleLoop] {
    let console = configuration.console
    var consoles: [ConsoleLoop] = []
    if let path = console.line {
      try orGoOn(store) {
        let line = try SerialLine(
          path: path,
          settings: SerialSettings(
            bitsPerSecond: console.baud, flowControl: console.flow,
            writeDeadline: .milliseconds(100)), mayBeMissing: isPatient)
        consoles.append(
          ConsoleLoop(line: line, settings: appearance(baud: console.baud), login: login))
      }
    }
    if let path = console.socket {
      try orGoOn(store) {
        // Who may open the socket is on the machine already, as a user that may.
        let line = try SocketLine(path: path, writeDeadline: .milliseconds(100))
        consoles.append(ConsoleLoop(line: line, settings: appearance(baud: nil)))
      }
    }
    return consoles
  }

  /// How a console looks. A terminal is asked what it can show where somebody logs in: a script that sits
  /// at an open line would not know what to do with the question.
  private func appearance(baud: Int?) -> ConsoleSettings {
    let asksTerminal = baud != nil && configuration.console.login == .pin
    var appearance = baud.map { ConsoleSettings(baud: $0) } ?? ConsoleSettings()
    appearance.colours = configuration.console.colour
    appearance.settleSeconds = configuration.console.settle / .seconds(1)
    appearance.deviceName = configuration.name ?? ""
    appearance.asksTerminal = asksTerminal
    appearance.escapesControls = configuration.console.flow == .software
    return appearance
  }

  /// Lights and buttons, if any line is named.
  private func panel(capture: Capture?, login: PinLogin?, atEnd: PanelAtEnd) -> PanelDesk? {
    let lines = configuration.gpio
    guard !lines.named.isEmpty else { return nil }
    var wiring = Wiring()
    wiring.attention = lines.attention
    wiring.busy = lines.busy
    wiring.fault = lines.fault
    wiring.shutter = lines.shutter
    wiring.skip = lines.skip
    wiring.undo = lines.undo
    wiring.classes = lines.classes
    wiring.activeLow = lines.activeLow
    var settings = PanelSettings()
    settings.debounce = lines.debounce
    settings.longPress = lines.longPress
    let panel = Panel(wiring: wiring, gpio: LinuxGPIO(), settings: settings)
    for problem in panel.problems { log.error("panel", metadata: ["reason": "\(problem)"]) }
    atEnd.panel = panel
    let desk = PanelDesk(panel)
    if let loop = capture?.loop, loop.settings.triggers.contains(.button) {
      desk.pullShutter = { loop.triggers.pull(.button, at: $0) }
    }
    desk.confirmPresence = {
      if (try? login?.releaseLockout()) == true { log.warning("the console's lockout is released") }
    }
    return desk
  }
}
