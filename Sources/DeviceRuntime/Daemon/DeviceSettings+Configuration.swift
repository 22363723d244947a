import ActiveLearning
import Board
import Imaging
import Kernels

extension DeviceSettings {
  /// How a device of this configuration behaves.
  package init(_ configuration: DeviceConfiguration) {
    self.init()
    let ask = configuration.ask
    rate = ask.rate
    stopChanges = ask.stop
    auditShare = ask.audit
    batch = ask.batch
    firstBatch = 2 * ask.batch
    askAfter = ask.after
    chooseFrom = ask.chooseFrom
    labelBudget = ask.labelBudget
    memoryBudget = configuration.memory.budget
    diskQuota = configuration.disk.quota
    diskReserve = configuration.disk.reserve
    patches.flips = configuration.patches.flips
    patches.seed = configuration.seed
    operatorName = configuration.operatorName
    if case .device = configuration.camera.address { cameraByteCount = Self.cameraLimit }
    if case .command = configuration.camera.address { cameraByteCount = Self.cameraLimit }
    let asksPIN = configuration.console.line != nil && configuration.console.login == .pin
    if asksPIN { loginByteCount = SecretHash.byteCount }
    seed = configuration.seed
    threads = configuration.threads ?? Team.usualCount
  }

  /// Bytes of a burst and of the newest picture, of which a burst takes a half.
  package static let cameraLimit = 16 << 20
}

extension CaptureSettings {
  /// How a camera of this configuration takes photos.
  package init(_ configuration: DeviceConfiguration) {
    self.init()
    let camera = configuration.camera
    triggers = camera.triggers
    burst = camera.burst
    timeout = camera.timeout
    interval = camera.interval ?? interval
    if let every = configuration.power.every {
      triggers.insert(.interval)
      interval = every
    }
  }
}

extension PowerPlan {
  /// When a device of this configuration sleeps.
  package init(_ configuration: DeviceConfiguration.Power) {
    let action: PowerAction =
      switch configuration.then {
      case .stay: .stay
      case .exit: .exit
      case .suspend: .suspend
      }
    self.init(period: configuration.every, action: action)
  }
}
