import Testing

@testable import Simulation

@Suite("Charts")
struct ChartTests {
  private let long = "a strategy whose name is far too long for any legend"

  /// The boxes of all texts of a picture, with 0.56 of the height as width of a character.
  private func boxes(_ reader: MarkupReader) -> [(text: String, box: [Double])] {
    reader.elements.filter { $0.name == "text" && $0["transform"] == nil }.map { element in
      let size = element["font-size"].flatMap(Double.init) ?? 12
      let width = Double(element.text.count) * size * 0.56
      let anchor = element["text-anchor"] ?? "start"
      let left =
        element.number("x") - (anchor == "end" ? width : anchor == "middle" ? width / 2 : 0)
      let base = element.number("y")
      return (element.text, [left, base - size * 0.8, left + width, base + size * 0.2])
    }
  }

  private func expectLegible(_ svg: String, width: Double, height: Double) {
    let reader = MarkupReader(svg)
    #expect(reader.faults.isEmpty, "\(reader.faults.prefix(5))")
    let boxes = boxes(reader)
    #expect(boxes.count > 5)
    for (place, (text, box)) in boxes.enumerated() {
      let isInside = box[0] >= 2 && box[1] >= 2 && box[2] <= width - 2 && box[3] <= height - 2
      #expect(isInside, "'\(text)' leaves the picture: \(box)")
      for (other, second) in boxes[(place + 1)...] {
        let isApart =
          box[2] <= second[0] || second[2] <= box[0] || box[3] <= second[1] || second[3] <= box[1]
        #expect(isApart, "'\(text)' and '\(other)' overlap")
      }
    }
  }

  @Test("a line chart is well formed and no text overlaps", arguments: [1, 3, 10])
  func lineChart(strategies: Int) {
    let result = SampleReport.result(names: Array(SampleReport.names.prefix(strategies)))
    let svg = LineChart(result, emphasised: "aift").svg
    expectLegible(svg, width: 720, height: 420)
    #expect(svg.contains("full pool 93.6\u{A0}%") && svg.contains(">aift</text>"))
  }

  @Test("long names, many steps and few labels stay legible")
  func extremes() {
    let many = SampleReport.result(
      data: long + long, names: ["random", long], labels: Array(stride(from: 5, to: 600, by: 5)))
    expectLegible(LineChart(many, emphasised: long).svg, width: 720, height: 420)
    let one = SampleReport.result(names: ["random"], labels: [10], seeds: 1)
    expectLegible(LineChart(one).svg, width: 720, height: 420)
  }

  @Test("small multiples share one legend and keep their parts apart")
  func smallMultiples() {
    let results = (1...5).map { SampleReport.result(data: "pack \($0) <&>") }
    let svg = SmallMultiples(results, emphasised: "aift").svg
    let reader = MarkupReader(svg)
    let frame = reader.elements[0]
    expectLegible(svg, width: frame.number("width"), height: frame.number("height"))
    let identifiers = reader.elements.compactMap { $0["id"] }
    #expect(Set(identifiers).count == identifiers.count)
    #expect(reader.elements.count { $0.name == "clipPath" } == 5)
    #expect(boxes(reader).count { $0.text == "random" } == 1)
    let conditions = boxes(reader).count { $0.text.contains("wrong") }
    #expect(conditions == 5, "packs of one name in other conditions are told apart")
  }

  @Test("names are escaped")
  func escapes() {
    let name = "<script>\"&'"
    let svg = LineChart(SampleReport.result(data: name, names: ["random", name])).svg
    #expect(!svg.contains("<script") && svg.contains("&lt;script&gt;&quot;&amp;&#39;"))
  }

  @Test("the curve goes through its means: the labels' logarithm to the right, accuracy upwards")
  func scale() {
    let runs = StrategyRuns(name: "random", labels: [10, 40, 160], accuracies: [[0.5, 0.6, 0.9]])
    let scale = ChartScale(
      left: 100, top: 50, width: 400, height: 300,
      strategies: [StrategyResult(runs, fullAccuracy: 1)], fullAccuracy: 1)
    #expect(scale.x(10) == 100 && abs(scale.x(40) - 300) < 1e-9 && scale.x(160) == 500)
    #expect(scale.y(1) == 50 && scale.range.lowerBound == 0.49 && abs(scale.y(0.49) - 350) < 1e-9)
  }

  @Test("ticks are round, within the plot and few")
  func ticks() {
    #expect(ChartScale.ticks(0.52...0.94, atMost: 7) == [0.6, 0.7, 0.8, 0.9])
    #expect(ChartScale.ticks(0.9...0.95, atMost: 6) == [0.9, 0.91, 0.92, 0.93, 0.94, 0.95])
    #expect(ChartScale.ticks(0...1, atMost: 6) == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(ChartScale.ticks(0...1, atMost: 3) == [0, 1])
  }

  @Test("no two strategies look the same without their marker")
  func distinct() {
    let names = (0..<18).map { "strategy \($0)" } + ["random", "aift"]
    let styles = CurveStyle.styles(names, emphasised: "aift")
    #expect(Set(styles.map { $0.colour + $0.dashes }).count == 20)
  }
}
