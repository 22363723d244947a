package import Board
internal import Glibc
internal import Graph

/// What would happen with a configuration on this machine, found out without changing anything but the
/// speed of the console's line.
package struct ConfigurationCheck: Sendable {
  /// One thing that was looked at.
  package struct Row: Sendable, Hashable, Encodable {
    /// The key that is meant.
    package var key: String
    /// What was found, or what is wrong and what to do.
    package var found: String
    /// Whether the device can work so.
    package var ok: Bool
  }

  /// What was looked at, in the order of the keys.
  package private(set) var rows: [Row] = []

  /// Looks at everything that `configuration` names; `PATH` of `environment` finds commands.
  package init(
    _ configuration: DeviceConfiguration, environment: [String: String],
    gpio: any GPIO = LinuxGPIO()
  ) {
    checkStore(configuration)
    checkModel(configuration)
    checkCamera(configuration.camera.address, environment: environment)
    checkConsole(configuration.console)
    checkLines(configuration.gpio, gpio: gpio)
    if let key = configuration.sync.key { checkFile(key, for: "sync.key") }
  }

  private mutating func add(_ key: String, ok: Bool, _ found: String) {
    rows.append(Row(key: key, found: found, ok: ok))
  }

  private mutating func checkStore(_ configuration: DeviceConfiguration) {
    guard let store = configuration.store else {
      return add("store", ok: false, "none; set it to the folder that keeps photos and labels")
    }
    switch Path.kind(store) {
    case .folder:
      let ok = Path.allows(store, R_OK | W_OK | X_OK)
      let kind = Self.hasModel(store) ? "a store with a model" : "a folder without a store yet"
      add(
        "store", ok: ok,
        "\(store): \(kind)" + (ok ? ", writable" : ", not writable by this user; change its owner"))
    case .nothing:
      let parent = Path.parent(store)
      let ok = Path.kind(parent) == .folder && Path.allows(parent, W_OK | X_OK)
      add(
        "store", ok: ok,
        ok
          ? "\(store): not there; it will be made"
          : "\(store): not there, and \(parent) is no folder this user may write to")
    default: add("store", ok: false, "\(store): is no folder; give the path of one")
    }
  }

  private mutating func checkModel(_ configuration: DeviceConfiguration) {
    let started = configuration.store.map(Self.hasModel) ?? false
    if let model = configuration.model {
      do {
        let network = try LoamFile.open(model).network()
        let note = started ? " (used for a new store only)" : ""
        add("model", ok: true, Self.sentence(network, model) + note)
      } catch { add("model", ok: false, "\(error)") }
    } else if !started {
      add("model", ok: false, "none, and the store has none yet; set it to a .loam file")
    }
    guard started, let store = configuration.store else { return }
    do {
      let network = try LoamFile.open(store + "/models/active").network()
      add("store", ok: true, "active model: " + Self.sentence(network, store + "/models/active"))
    } catch { add("store", ok: false, "its active model cannot be used: \(error)") }
  }

  private static func sentence(_ network: Network, _ path: String) -> String {
    let classes = network.classes
    let names = classes.prefix(8).map { String(shown($0).dropFirst().dropLast()) }
    return "\(path): \(classes.count) classes: " + names.joined(separator: ", ")
      + (classes.count > 8 ? ", …" : "")
  }

  private static func hasModel(_ store: String) -> Bool {
    Path.kind(store + "/models/active") != .nothing
  }

  private mutating func checkCamera(
    _ address: CameraAddress?, environment: [String: String]
  ) {
    switch address {
    case nil: add("camera.address", ok: true, "none; only stored photos are asked about")
    case .standardInput: add("camera.address", ok: true, "standard input")
    case .folder(let folder):
      do throws(CameraError) {
        _ = try FolderCamera(folder: folder)
        add("camera.address", ok: true, "\(folder): a folder that can be watched")
      } catch { add("camera.address", ok: false, "\(error)") }
    case .device(let path):
      let kind = Path.kind(path)
      if kind == .nothing {
        add(
          "camera.address", ok: false,
          "\(path): not there; plug it in, and look for its stable name in /dev/v4l/by-id")
      } else if kind != .device {
        add("camera.address", ok: false, "\(path): is no device; give one of /dev/v4l/by-id")
      } else {
        let ok = Path.allows(path, R_OK | W_OK)
        add(
          "camera.address", ok: ok,
          ok ? "\(path): a device" : "\(path): no permission; add the user to the group video")
      }
    case .command(let words):
      let name = words.first ?? ""
      let program = Path.program(name, path: environment["PATH"] ?? "/usr/bin:/bin")
      add(
        "camera.address", ok: program != nil,
        program.map { "runs \($0)" } ?? "no program '\(name)' in PATH; install it or give its path")
    }
  }

  private mutating func checkConsole(_ console: DeviceConfiguration.Console) {
    if let line = console.line {
      do throws(LineError) {
        let settings = SerialSettings(
          bitsPerSecond: console.baud, flowControl: console.flow)
        _ = try SerialLine(path: line, settings: settings)
        add("console.line", ok: true, "\(line): opens at \(console.baud) baud")
      } catch { add("console.line", ok: false, "\(error)") }
    } else {
      add("console.line", ok: true, "none" + (console.socket == nil ? "; nobody is asked" : ""))
    }
    guard let socket = console.socket else { return }
    let parent = Path.parent(socket)
    let ok = Path.kind(parent) == .folder && Path.allows(parent, W_OK | X_OK)
    add(
      "console.socket", ok: ok,
      ok ? socket : "\(socket): \(parent) is no folder this user may write to; make it")
  }

  private mutating func checkLines(_ wanted: DeviceConfiguration.GPIOLines, gpio: any GPIO) {
    if wanted.named.isEmpty { return }
    do throws(GPIOError) {
      let lines = try gpio.lines()
      for (key, name) in wanted.named {
        do throws(GPIOError) {
          let line = try lines.line(named: name)
          // The daemon itself has its lines while it runs.
          if let consumer = line.consumer, consumer != "loam" {
            throw .busy(name: name, consumer: consumer)
          }
          add(
            key, ok: true,
            "\(name): \(line.chip) (\(line.label)) line \(line.offset), now an "
              + (line.isOutput ? "output" : "input")
              + (line.consumer == nil ? ", free" : ", in use by a running loam")
              + (wanted.activeLow.contains(name) ? ", active low" : ""))
        } catch { add(key, ok: false, "\(error)") }
      }
    } catch {
      for (key, _) in wanted.named { add(key, ok: false, "\(error)") }
    }
  }

  private mutating func checkFile(_ path: String, for key: String) {
    let ok = Path.kind(path) == .file && Path.allows(path, R_OK)
    add(key, ok: ok, ok ? "\(path): readable" : "\(path): is no file this user may read")
  }
}

/// Questions about paths.
private enum Path {
  enum Kind { case nothing, file, folder, device, other }

  static func kind(_ path: String) -> Kind {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return .nothing }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFCHR: return .device
    default: return .other
    }
  }

  static func allows(_ path: String, _ rights: Int32) -> Bool { unsafe access(path, rights) == 0 }

  static func parent(_ path: String) -> String {
    let trimmed = path.hasSuffix("/") ? path.dropLast() : path[...]
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// The executable file that `name` means, looked up in `path` as a shell does.
  static func program(_ name: String, path: String) -> String? {
    let candidates =
      name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { kind($0) == .file && allows($0, X_OK) }
  }
}
