import Testing

@testable import Board

@Suite struct NearestNameTests {
  private let names = [
    "camera.burst", "camera.address", "console.baud", "store", "seed", "ask.batch",
  ]

  @Test(
    "finds what was meant",
    arguments: [
      ("camera.brust", "camera.burst"), ("burst", "camera.burst"), ("Store", "store"),
      ("stroe", "store"), ("console.bauds", "console.baud"),
      ("sed", "seed"), ("batch", "ask.batch"), ("console.bd", "console.baud"),
    ])
  func finds(written: String, meant: String) {
    #expect(NearestName.of(written, in: names).first == meant)
  }

  @Test("finds nothing where nothing is near", arguments: ["", "x", "zebra", "power.every"])
  func nothing(written: String) { #expect(NearestName.of(written, in: names).isEmpty) }

  @Test("gives as many as are asked for, the nearest first")
  func several() {
    let lines = ["LED-1", "LED-2", "BUTTON-1", "LED"]
    #expect(NearestName.of("LED-3", in: lines, count: 2) == ["LED-1", "LED-2"])
  }

  @Test(
    "counts edits, a swap of neighbours as one",
    arguments: [
      ("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("abc", "axc", 1), ("kitten", "sitting", 3),
    ])
  func edits(a: String, b: String, count: Int) {
    #expect(NearestName.edits(Array(a), Array(b)) == count)
    #expect(NearestName.edits(Array(b), Array(a)) == count)
  }
}
