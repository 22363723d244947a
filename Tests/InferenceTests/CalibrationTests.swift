import Graph
import Support
import Tensors
import Testing

@testable import Inference

@Suite("Calibration")
struct CalibrationTests {
  static func histogram(_ values: [Float]) -> Histogram {
    var histogram = Histogram()
    histogram.add(values.span)
    return histogram
  }

  @Test("a histogram keeps every count while its range grows")
  func growth() {
    var histogram = Histogram()
    var random = SeededRandom(seed: 1)
    var count = 0
    for power in -8..<8 {
      var scale: Float = 1
      for _ in 0..<abs(power) { scale *= power < 0 ? 0.5 : 2 }
      let values = (0..<500).map { _ in Float(random.unit() * 2 - 1) * scale }
      histogram.add(values.span)
      count += 500
    }
    #expect(histogram.counts.reduce(0) { $0 + Int($1) } == count && histogram.total == count)
    #expect(histogram.limit == 128 && histogram.high < 128 && histogram.low > -128)
  }

  @Test("percentiles are those of the sorted values to within a bin")
  func percentiles() {
    var random = SeededRandom(seed: 2)
    let values = (0..<20_000).map { _ in Float(random.unit() * random.unit() * 10 - 2) }
    let range = Self.histogram(values).percentile(0.01)
    let sorted = values.sorted()
    let width = Self.histogram(values).width
    #expect(abs(range.lowerBound - sorted[100]) <= 2 * width)
    #expect(abs(range.upperBound - sorted[19_899]) <= 2 * width)
  }

  @Test("least squared error cuts off a lone outlier and keeps a flat distribution")
  func leastSquaredError() {
    var random = SeededRandom(seed: 3)
    let values = (0..<20_000).map { _ in Float(random.unit()) }
    var histogram = Histogram()
    for _ in 0..<100 { histogram.add(values.span) }
    let flat = histogram.leastSquaredError()
    #expect(flat.upperBound > 0.97 && flat.lowerBound == 0)
    histogram.add([Float](arrayLiteral: 4).span)
    // (4 − x)² + 2 000 000 × (x / 255)² / 12 is least at x = 1.12.
    let cut = histogram.leastSquaredError()
    #expect(cut.upperBound > 1.0 && cut.upperBound < 1.25)
  }

  @Test("values that are no numbers are left out")
  func notNumbers() {
    let histogram = Self.histogram([1, .nan, 2])
    #expect(histogram.counts.reduce(0) { $0 + Int($1) } == 2)
    #expect(Self.histogram([1, .infinity]).total == 0)
  }

  @Test("observes ranges and channel means of every activation")
  func observing() throws {
    var maker = GraphMaker(seed: 4, input: Shape(2, 2, 3))
    let weights = FloatTensor(shape: [1, 1, 1, 3], elements: [1, 2, -1])
    let sum = maker.add(
      .convolution(Window(height: 1, width: 1), groups: 1), ["image"], constants: [weights])
    var calibrator = try Calibrator(maker.graph)
    let image: [Float] = [1, 2, 3, 0, 0, 0, -1, 1, 1, 4, 0, 2]
    let kept = calibrator.observe(input: image.span, feature: sum)
    #expect(kept == [2, 0, 0, 2])
    calibrator.observe(input: [Float](repeating: 1, count: 12).span)
    #expect(calibrator.ranges(.minMax)[sum] == 0...2)
    #expect(calibrator.ranges(.minMax)["image"] == -1...4)
    #expect(calibrator.channelMeans["image"] == [1, 0.875, 1.25])
    #expect(calibrator.channelMeans[sum] == [1.5])
    #expect(calibrator.photoCount == 2)
  }

  @Test("keeps the way that measured best, says so, and gives the same network again")
  func choice() throws {
    let graph = try GraphMaker.classifier(seed: 5).fused()
    let settings = Quantiser.Settings(
      preprocessing: TestNetworks.preprocessing(graph.inputShape),
      lineage: Lineage(source: "test", sourceSHA256: ""))
    func make() throws -> QuantisationChoice {
      try QuantisationChoice(
        graph, cut: graph.defaultCut ?? "", settings: settings, photoCount: 8
      ) { index in
        var random = SeededRandom(seed: UInt64(index))
        return (0..<graph.inputShape.count).map { _ in UInt8(random.below(256)) }
      }
    }
    let (first, second) = (try make(), try make())
    #expect(first.measurements.count == RangeMethod.candidates.count * 2)
    let best = first.measurements.map(\.meanSimilarity).max()
    #expect(first.best.meanSimilarity == best && first.best.meanSimilarity > 0.98)
    #expect(first.calibrated == 6 && first.measured == 2)
    #expect(first.network.lineage.calibration.hasPrefix(first.best.method.description))
    #expect(try LoamFile.serialise(first.network) == LoamFile.serialise(second.network))
  }

  @Test("no photos is an error that says so")
  func noPhotos() throws {
    let graph = try GraphMaker.classifier(seed: 6).fused()
    let settings = Quantiser.Settings(
      preprocessing: TestNetworks.preprocessing(graph.inputShape),
      lineage: Lineage(source: "test", sourceSHA256: ""))
    #expect(throws: InferenceError.noPhotos) {
      try QuantisationChoice(
        graph, cut: graph.defaultCut ?? "", settings: settings, photoCount: 0
      ) { _ in [] }
    }
  }

  @Test("a network of one channel takes luma")
  func luma() {
    let preprocessing = Preprocessing(width: 1, height: 2, mean: [0], deviation: [1])
    let table = InputTable(
      preprocessing, shape: Shape(2, 1, 1), quantisation: Quantisation(scale: 1, zeroPoint: -128))
    #expect(table.normalised(rgb: [255, 0, 0, 10, 10, 10]) == [76, 10])
    #expect(table.quantised(rgb: [255, 255, 255, 0, 0, 0]) == [127, -128])
  }
}
