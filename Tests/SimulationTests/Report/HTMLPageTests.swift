import Simulation
import Testing

@Suite("The report")
struct HTMLPageTests {
  private static let page = SampleReport.page.html
  private var html: String { Self.page }

  @Test("is well formed, and every name in it is its own")
  func wellFormed() {
    // The style sheet's only > would stand between its tags.
    let reader = MarkupReader(html)
    #expect(reader.faults.isEmpty, "\(reader.faults.prefix(5))")
    let identifiers = reader.elements.compactMap { $0["id"] }
    #expect(identifiers.count >= 9 && Set(identifiers).count == identifiers.count)
    let named = reader.elements.compactMap { $0["aria-labelledby"] }.flatMap {
      $0.split(separator: " ").map(String.init)
    }
    #expect(Set(named).isSubset(of: identifiers) && !named.isEmpty)
  }

  @Test("reaches nothing outside itself and runs nothing")
  func selfContained() {
    let reader = MarkupReader(html)
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("<script"))
    #expect(!html.contains("@import") && !html.contains("<link") && !html.contains("<iframe"))
    let sources = reader.elements.compactMap { $0["src"] ?? $0["href"] }
    #expect(!sources.isEmpty && sources.allSatisfy { $0.hasPrefix("data:image/") })
    #expect(reader.elements.allSatisfy { !$0.attributes.contains { $0.name.hasPrefix("on") } })
    #expect(html.contains("default-src 'none'"))
  }

  @Test("escapes file names, labels and the command")
  func escapes() {
    #expect(html.contains("12\(0)_&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;.jpg"))
    #expect(html.contains("tulip &quot;red&quot; &amp; &lt;wild&gt;"))
    #expect(html.contains("--data &#39;flowers &lt;5&gt;&#39;") && !html.contains("<b>bold"))
  }

  @Test("takes only pictures in data URIs as thumbnails")
  func thumbnails() {
    var page = SampleReport.page
    page.detail?.asked[0].thumbnail = "file:///etc/hostname"
    page.detail?.asked[1].thumbnail = "data:image/jpeg;base64,\" onerror=\"x"
    #expect(!page.html.contains("/etc/hostname") && !page.html.contains("onerror=\""))
  }

  @Test("says in the table what the results say")
  func table() throws {
    let aift = SampleReport.standard.strategies[0]
    let labels = try #require(aift.labelsTo[0].labels)
    let ratio = try #require(aift.labelsTo[0].ratioToRandom)
    let percent = Int((ratio * 100).rounded())
    #expect(ratio < 1 && percent >= 10)
    #expect(html.contains("<td>\(Int(labels.rounded()))<small>× 0.\(percent)<"))
    #expect(html.contains("10 : 0 : 0") && html.contains("nowhere"))
  }

  @Test("names the label counts where a strategy is below random")
  func below() {
    let random = StrategyRuns(
      name: "random", labels: [10, 1_000], accuracies: [[0.5, 0.8], [0.5, 0.81], [0.5, 0.82]])
    let worse = StrategyRuns(
      name: "worse", labels: [10, 1_000], accuracies: [[0.5, 0.7], [0.5, 0.7], [0.5, 0.7]])
    var result = SampleReport.standard
    result.strategies = StrategyResult.all(of: [random, worse], fullAccuracy: 0.9)
    let html = HTMLPage(result, command: "loam simulate").html
    #expect(html.contains("<td class=\"below\">1,000</td>"))
    #expect(html.contains("<span class=\"none\">–</span>"))
  }

  @Test("a run that was not looked at has no sections of its own")
  func noDetail() {
    let html = HTMLPage(SampleReport.standard, command: "loam simulate").html
    #expect(!html.contains("id=\"asked\"") && !html.contains("id=\"model\""))
    #expect(html.contains("id=\"curves\"") && html.contains("id=\"repeat\""))
  }

  @Test("shows every question in its order")
  func asked() {
    let numbers = SampleReport.detail.asked.map { "<b>\($0.number)</b>" }
    var rest = html[...]
    for number in numbers {
      guard let range = rest.firstRange(of: number) else {
        Issue.record("\(number) does not follow the one before")
        return
      }
      rest = rest[range.upperBound...]
    }
  }
}
