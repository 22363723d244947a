import DeviceRuntime
import Testing

@Suite("Numbers and curves as text")
struct TextTests {
  @Test(
    "decimals are rounded half away from zero",
    arguments: [
      (2.345, 1, "2.3"), (2.35, 1, "2.4"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"),
      (99.99, 1, "100.0"),
      (7, 0, "7"), (0.0625, 3, "0.063"),
    ])
  func decimals(value: Double, places: Int, text: String) {
    #expect(decimal(value, places) == text)
  }

  @Test(
    "byte counts are read as people write them",
    arguments: [
      ("96MiB", 96 << 20), ("1 GiB", 1 << 30), ("64M", 64 << 20), ("1kB", 1000), ("512", 512),
      ("1.5MiB", 3 << 19),
    ])
  func bytes(text: String, count: Int) {
    #expect(byteCount(text) == count)
  }

  @Test("what is no byte count is refused", arguments: ["", "MiB", "-5", "lots", "0", "1e99GiB"])
  func noBytes(text: String) {
    #expect(byteCount(text) == nil)
  }

  @Test("a rising curve is drawn from the lower left to the upper right")
  func chart() throws {
    var chart = TextChart(usesColour: false)
    chart.width = 20
    chart.height = 5
    let lines = chart.lines([.init(mark: "*", colour: "1", points: [(0, 0.5), (100, 0.9)])])
    #expect(lines.count == 7)
    #expect(lines[0].hasSuffix("*") && lines[0].contains("90 %"))
    let bottom = try #require(lines[4].firstIndex(of: "*"))
    #expect(lines[4].distance(from: lines[4].startIndex, to: bottom) == 9)
    #expect(lines[6].contains("100 labels asked"))
    #expect(chart.lines([]).isEmpty)
  }
}
