import Board
import FoundationEssentials
import Testing

@testable import DeviceRuntime

@Suite struct ConfigurationCheckTests {
  /// The rows about `key` for a configuration changed by `change`.
  private func rows(_ key: String, _ change: (inout DeviceConfiguration) -> Void)
    -> [ConfigurationCheck.Row]
  {
    var configuration = DeviceConfiguration()
    change(&configuration)
    return ConfigurationCheck(configuration, environment: ["PATH": "/nowhere:/usr/bin:/bin"]).rows
      .filter { $0.key == key }
  }

  @Test("wants a store and, for a new one, a model")
  func needed() {
    #expect(rows("store") { _ in }.map(\.ok) == [false])
    #expect(rows("model") { _ in }.map(\.ok) == [false])
  }

  @Test("takes a folder that can be made for a store, and nothing else")
  func store() {
    let folder = "/tmp/loam-check-\(UInt64.random(in: 0...UInt64.max))"
    #expect(rows("store") { $0.store = folder }.map(\.ok) == [true])
    #expect(!FileManager.default.fileExists(atPath: folder), "the check changed something")
    #expect(rows("store") { $0.store = "/nowhere/else/store" }.map(\.ok) == [false])
    #expect(rows("store") { $0.store = "/dev/null" }.map(\.ok) == [false])
  }

  @Test("says what is wrong with a model")
  func model() {
    let found = rows("model") { $0.model = "/nowhere.loam" }
    #expect(found.map(\.ok) == [false])
    #expect(found.first?.found.contains("/nowhere.loam") == true)
  }

  @Test(
    "tells which cameras can work",
    arguments: [
      (CameraAddress.folder("/tmp"), true), (.folder("/nowhere"), false),
      (.device("/nowhere"), false), (.device("/tmp"), false), (.command(["sh", "-c", "x"]), true),
      (.command(["/bin/sh"]), true), (.command(["no-such-program-here", "x"]), false),
      (.command(["/tmp"]), false), (.standardInput, true),
    ])
  func camera(address: CameraAddress, ok: Bool) {
    #expect(rows("camera.address") { $0.camera.address = address }.map(\.ok) == [ok])
  }

  @Test("opens the console's line")
  func console() {
    #expect(rows("console.line") { $0.console.line = "/dev/null" }.map(\.ok) == [false])
    #expect(rows("console.line") { _ in }.map(\.ok) == [true])
    #expect(rows("console.socket") { $0.console.socket = "/nowhere/s" }.map(\.ok) == [false])
    #expect(rows("console.socket") { $0.console.socket = "/tmp/s" }.map(\.ok) == [true])
    #expect(rows("sync.key") { $0.sync.key = "/nowhere/k" }.map(\.ok) == [false])
  }

  @Test("shows the wiring it found, line by line, and why a line cannot be used")
  func wiring() {
    let gpio = FakeGPIO(lines: [
      GPIOLine(chip: "/dev/gpiochip1", label: "sim", name: "led-a", offset: 3, isOutput: true),
      GPIOLine(chip: "/dev/gpiochip1", label: "sim", name: "key-s", offset: 4, consumer: "keys"),
      GPIOLine(chip: "/dev/gpiochip1", label: "sim", name: "key-u", offset: 5, consumer: "loam"),
    ])
    var configuration = DeviceConfiguration()
    configuration.gpio.attention = "led-a"
    configuration.gpio.shutter = "key-s"
    configuration.gpio.undo = "sim/key-u"
    configuration.gpio.classes = ["kye-s"]
    configuration.gpio.activeLow = ["led-a"]
    let rows = ConfigurationCheck(configuration, environment: [:], gpio: gpio).rows.filter {
      $0.key.hasPrefix("gpio.")
    }
    #expect(rows.map(\.key) == ["gpio.attention", "gpio.shutter", "gpio.undo", "gpio.classes 1"])
    #expect(rows.map(\.ok) == [true, false, true, false])
    #expect(rows[0].found == "led-a: /dev/gpiochip1 (sim) line 3, now an output, free, active low")
    #expect(rows[1].found.contains("in use by 'keys'"))
    #expect(rows[2].found.contains("a running loam"))
    #expect(rows[3].found.contains("did you mean key-s"))
  }

  @Test("says once a line that there is no chip")
  func noChip() {
    var configuration = DeviceConfiguration()
    configuration.gpio.attention = "led-a"
    let gpio = FakeGPIO(names: [])
    let rows = ConfigurationCheck(configuration, environment: [:], gpio: gpio).rows
    #expect(rows.filter { $0.key == "gpio.attention" }.map(\.ok) == [false])
  }
}
