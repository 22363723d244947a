package import ActiveLearning
package import Board
package import Imaging

/// Everything about a device that its owner decides, parsed and checked; see `ConfigurationKey.all`
/// for what each key means. `nil` says that a key without a default was not given.
package struct DeviceConfiguration: Sendable, Hashable {
  /// The folder that keeps captures, labels and models.
  package var store: String?
  /// The model to begin with.
  package var model: String?
  /// The device's name; the host's where it is `nil`.
  package var name: String?
  /// Who answers, for the record.
  package var operatorName = "console"
  package var seed: UInt64 = 1
  /// Threads that share a photo; as suits the processor where it is `nil`.
  package var threads: Int?
  package var camera = Camera()
  package var console = Console()
  package var gpio = GPIOLines()
  package var memory = Memory()
  package var disk = Disk()
  package var queue = Queue()
  package var ask = Ask()
  package var patches = Patches()
  package var power = Power()
  package var sync = Sync()

  /// The defaults.
  package init() {}

  /// Where photos come from and when one is taken.
  package struct Camera: Sendable, Hashable {
    package var address: CameraAddress?
    /// Photos of one candidate, 1...16.
    package var burst = 1
    /// Wished width and height in pixels; both or neither.
    package var width: Int?
    package var height: Int?
    /// What takes a photo, as it was written; `nil` is as fits the camera. See `triggers`.
    package var trigger: Set<Trigger>?
    package var interval: Duration?
    /// Share of the picture that must change, 0...1.
    package var motionThreshold = 0.02
    package var timeout = Duration.seconds(5)

    /// What takes a photo: `trigger`, else arrival for a folder or standard input, button and command
    /// for every other camera.
    package var triggers: Set<Trigger> {
      if let trigger { return trigger }
      switch address {
      case .folder, .standardInput, nil: return [.arrival]
      case .device, .command: return [.button, .command]
      }
    }
  }

  /// The operator's line.
  package struct Console: Sendable, Hashable {
    package var line: String?
    package var baud = 115_200
    package var flow = SerialSettings.FlowControl.none
    package var colour = false
    package var settle = Duration.milliseconds(300)
    package var login = Login.pin
    /// Path of the unix socket that `loam attach` connects to.
    package var socket: String?
  }

  /// How an operator shows to be one.
  package enum Login: String, Sendable, Hashable, CaseIterable {
    case pin, none
  }

  /// Names of GPIO lines: `NAME`, or `CHIP/NAME` where several chips have the name.
  package struct GPIOLines: Sendable, Hashable {
    package var attention: String?
    package var busy: String?
    package var fault: String?
    package var shutter: String?
    package var skip: String?
    package var undo: String?
    /// One button a class, in the order of the classes.
    package var classes: [String] = []
    package var activeLow: Set<String> = []
    package var debounce = Duration.milliseconds(10)
    package var longPress = Duration.seconds(1)

    /// Each line with the key that names it, in the order of the keys.
    package var named: [(key: String, line: String)] {
      let single: [(String, String?)] = [
        ("gpio.attention", attention), ("gpio.busy", busy), ("gpio.fault", fault),
        ("gpio.shutter", shutter), ("gpio.skip", skip), ("gpio.undo", undo),
      ]
      return single.compactMap { key, line in line.map { (key, $0) } }
        + classes.enumerated().map { ("gpio.classes \($0.offset + 1)", $0.element) }
    }
  }

  package struct Memory: Sendable, Hashable {
    /// Bytes that the process may use at its peak.
    package var budget = 96 << 20
  }

  package struct Disk: Sendable, Hashable {
    /// Bytes that the store may take; `nil` is no limit but the reserve.
    package var quota: Int?
    /// Bytes of the file system that are left free.
    package var reserve = 256 << 20
  }

  package struct Queue: Sendable, Hashable {
    /// Photos that may wait to be judged.
    package var limit = 64
  }

  /// How, how much and when is asked.
  package struct Ask: Sendable, Hashable {
    package var rate: AskRate?
    package var batch = 12
    package var after = 24
    package var chooseFrom = 3
    /// Share of the photos that are kept apart to measure accuracy on, 0...0.5.
    package var audit = 0.1
    package var stop: [StopChange] = []
    package var labelBudget = 1000
  }

  package struct Patches: Sendable, Hashable {
    package var flips: PatchSettings.Flips = []
  }

  /// A duty cycle.
  package struct Power: Sendable, Hashable {
    /// Time between captures; `nil` is no duty cycle.
    package var every: Duration?
    package var then = Afterwards.stay
  }

  /// What follows when the capture of a duty cycle is judged.
  package enum Afterwards: String, Sendable, Hashable, CaseIterable {
    case stay, exit, suspend
  }

  /// Where bundles go.
  package struct Sync: Sendable, Hashable {
    /// `ssh://[user@]host[:port]/path`.
    package var target: String?
    /// Path of the identity file for ssh.
    package var key: String?
  }
}
