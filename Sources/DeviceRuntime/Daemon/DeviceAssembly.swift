import Board
import Glibc
package import Logging
import SampleStore

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
  private let configuration: DeviceConfiguration
  private let log: Logger

  /// The device of `configuration`.
  package init(_ configuration: DeviceConfiguration, log: Logger) {
    self.configuration = configuration
    self.log = log
  }

  /// Runs until a signal or the power plan ends it.
  package func run() async throws {
    guard let store = configuration.store else { throw AssemblyError.noStore }
    try await Daemon.run(capture: nil, log: log) { shouldStop in
      let device = try Device(
        storeFolder: store, modelPath: configuration.model, settings: DeviceSettings(configuration),
        clock: SystemClock(), log: log)
      var ports = DevicePorts()
      ports.power = PowerPlan(configuration.power)
      if case .folder(let folder) = configuration.camera.address {
        ports.folder = try FolderCamera(folder: folder)
      }
      if let console = try console() { ports.consoles.append(console) }
      let loop = DeviceLoop(device: device, ports: ports, log: log)
      loop.takeUpSpool()
      loop.run(until: shouldStop)
    }
  }

  /// The operator's line.
  private func console() throws -> ConsoleLoop? {
    let console = configuration.console
    guard let path = console.line else { return nil }
    let line = try SerialLine(
      path: path,
      settings: SerialSettings(
        bitsPerSecond: console.baud, hardwareFlowControl: console.flow == .hardware,
        writeDeadline: .milliseconds(100)))
    var appearance = ConsoleSettings(baud: console.baud)
    appearance.colours = console.colour
    appearance.settleSeconds = console.settle / .seconds(1)
    return ConsoleLoop(line: line, settings: appearance)
  }
}
