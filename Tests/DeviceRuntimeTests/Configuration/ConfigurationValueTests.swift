import Testing

@testable import DeviceRuntime

@Suite struct ConfigurationValueTests {
  @Test(
    "reads sizes with their units",
    arguments: [
      ("96MiB", 96 << 20), ("1.5GiB", 3 << 29), ("8GB", 8_000_000_000), ("512B", 512),
      ("64KiB", 65536),
      ("0B", 0),
    ])
  func sizes(text: String, bytes: Int) throws {
    #expect(try ConfigurationValue.size(text) == bytes)
  }

  @Test(
    "refuses other sizes",
    arguments: [
      "", "96", "MiB", "-1MiB", "1e3MiB", "96 MiB", "nanMiB", "99999999999999999999TiB", "1..2MiB",
    ])
  func badSizes(text: String) {
    #expect(throws: ConfigurationValue.Problem.self) { try ConfigurationValue.size(text) }
  }

  @Test(
    "reads times with their units, and writes them back",
    arguments: [
      ("300ms", 300, "300ms"), ("60s", 60_000, "1m"), ("10m", 600_000, "10m"),
      ("5min", 300_000, "5m"),
      ("24h", 86_400_000, "1d"), ("7d", 604_800_000, "7d"), ("0.25s", 250, "250ms"),
      ("0", 0, "0ms"),
    ])
  func durations(text: String, milliseconds: Int, written: String) throws {
    let duration = try ConfigurationValue.duration(text, in: .zero ... .seconds(1_000_000))
    #expect(duration == .milliseconds(milliseconds))
    #expect(ConfigurationValue.written(duration) == written)
  }

  @Test(
    "refuses other times",
    arguments: ["", "60", "s", "-1s", "1 s", "1e9s", "99999999999999999d", "11s"])
  func badDurations(text: String) {
    #expect(throws: ConfigurationValue.Problem.self) {
      try ConfigurationValue.duration(text, in: .zero ... .seconds(10))
    }
  }

  @Test(
    "refuses addresses that lead nowhere, and ones that ssh would take for an option",
    arguments: [
      "", "ssh://", "ssh://host", "ssh://host/", "http://host/x", "ssh:///x", "ssh://-oProxy/x",
      "ssh://a@-b/x", "ssh://a b/x", "ssh://a@/x",
    ])
  func badTargets(text: String) {
    #expect(throws: ConfigurationValue.Problem.self) { try ConfigurationValue.target(text) }
  }

  @Test(
    "tells cameras apart",
    arguments: ["", "dir:", "v4l2:", "exec:", "exec:  ", "/x", "dir", "stdin:x"])
  func badCameras(text: String) {
    #expect(throws: ConfigurationValue.Problem.self) { try ConfigurationValue.camera(text) }
  }
}
