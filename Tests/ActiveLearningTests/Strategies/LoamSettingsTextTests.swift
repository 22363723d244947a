import ActiveLearning
import Testing

@Suite("Loam's settings as text")
struct LoamSettingsTextTests {
  @Test("sets what is named and leaves the rest")
  func sets() throws {
    let settings = try LoamSettings(
      text: "value=entropy:shortlist=8:spread=none:duplicates=off:start=2")
    #expect(settings.start == 2)
    #expect(settings.value == .entropy && settings.shortlist == 8)
    #expect(settings.spread == .none && settings.duplicateCosine == nil)
    #expect(try LoamSettings(text: "shortlist=3").spread == LoamSettings().spread)
    #expect(try LoamSettings(text: "duplicates=0.9").duplicateCosine == 0.9)
  }

  @Test(
    "refuses what is not a setting",
    arguments: [
      "", "shortlist", "shortlist=0", "value=best", "spread=", "duplicates=2", "x=1", "a:b",
      "start=-1",
    ])
  func refuses(text: String) {
    #expect(throws: LoamSettingsError.self) { _ = try LoamSettings(text: text[...]) }
  }
}
