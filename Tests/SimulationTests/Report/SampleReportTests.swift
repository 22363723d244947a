import FoundationEssentials
import Simulation
import Testing

@Suite("A sample report")
struct SampleReportTests {
  /// A folder to write into, for who wants to look: `Tests/check-report.sh` does.
  private static let folder = ProcessInfo.processInfo.environment["LOAM_SAMPLE_REPORT"]

  @Test("is written where LOAM_SAMPLE_REPORT says", .enabled(if: folder != nil))
  func write() throws {
    let folder = try #require(Self.folder)
    let packs = ["flowers5", "cats & dogs", "signs10", "trash6", "chest x-rays"]
    let results = packs.enumerated().map { place, name in
      SampleReport.result(data: name, full: 0.97 - 0.05 * Double(place))
    }
    let files = [
      "report.html": SampleReport.page.html,
      "curves.svg": LineChart(results[0], emphasised: "aift").svg,
      "panels.svg": SmallMultiples(results, emphasised: "aift").svg,
    ]
    for name in files.keys.sorted() {
      let data = Data((files[name] ?? "").utf8)
      try data.write(to: URL(filePath: folder).appending(path: name))
      #expect(data.count > 1_000, "\(folder)/\(name)")
    }
  }
}
