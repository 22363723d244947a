import Testing

@testable import Simulation

@Suite("Markup")
struct MarkupTests {
  @Test("text is escaped, markup is not")
  func escapes() {
    let bold: Markup = "<b>\("<&>\"'")</b>"
    #expect(bold.text == "<b>&lt;&amp;&gt;&quot;&#39;</b>")
    #expect(("<p>\(bold)</p>" as Markup).text == "<p>\(bold.text)</p>")
    #expect(escaped("a\u{0}b\u{1B}\tc\u{85}") == "a\u{FFFD}b\u{FFFD}\tc\u{FFFD}")
  }

  @Test(
    "numbers are written with their places",
    arguments: [
      (0, 1, "0.0"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (-1.25, 2, "−1.25"), (12.345, 0, "12"),
      (999.96, 1, "1000.0"), (.nan, 2, "–"), (.infinity, 2, "–"), (1e300, 1, "–"),
    ])
  func decimals(value: Double, places: Int, expected: String) {
    #expect(decimal(value, places: places) == expected)
  }

  @Test("coordinates have the minus that SVG reads")
  func coordinates() {
    #expect(("\(-3.26)" as Markup).text == "-3.3")
  }

  @Test("counts, shares and times read as a person writes them")
  func words() {
    #expect(grouped(1_234_567) == "1,234,567" && grouped(-12_000) == "−12,000" && grouped(0) == "0")
    #expect(counted(1, "class", "classes") == "1 class" && counted(2, "seed") == "2 seeds")
    #expect(percent(0.9365) == "93.7\u{A0}%" && labelText(nil) == "not reached")
    #expect(durationText(59.94) == "59.9 s" && durationText(200) == "3 min 20 s")
    #expect(shortened("abcdef", to: 4) == "abc…" && shortened("abcd", to: 4) == "abcd")
  }
}
