package import Graph
import Tensors

/// Quantises a graph in the way that measures best on photos.
package struct QuantisationChoice {
  /// What one way of quantising gave on held-out photos.
  package struct Measurement: Hashable, Sendable {
    package var method: RangeMethod
    /// Whether weights were rounded, and biases corrected, for the mean inputs seen on photos.
    package var usesMeans: Bool
    /// Cosine of the angle between the int8 and the fp32 feature, mean over photos.
    package var meanSimilarity: Double
    /// The same, least.
    package var leastSimilarity: Double
    /// Part of the photos for which the greatest output is the same; `nil` if there are none.
    package var agreement: Double?
  }

  /// The network made in the best way.
  package let network: Network
  /// What every way gave, in the order tried.
  package let measurements: [Measurement]
  /// The best of them.
  package let best: Measurement
  /// Photos that ranges were found on, and photos that were measured.
  package let calibrated: Int
  package let measured: Int

  /// Calibrates on most of the photos and measures each method on the others.
  ///
  /// - Parameters:
  ///   - graph: Fused, fp32.
  ///   - cut: Where the body ends.
  ///   - settings: Of the network to be; the lineage's `calibration` is filled in.
  ///   - photoCount: How many photos there are, at least 1; one alone is used for both.
  ///   - photo: The RGB pixels of photo `index`, as large as the input.
  ///   - progress: Called with the number of photos run and to be run.
  /// - Complexity: one fp32 run of every photo, and an int8 run of every fourth for each of eight
  ///   ways.
  package init(
    _ graph: Graph, cut: String, settings: Quantiser.Settings, photoCount: Int,
    methods: [RangeMethod] = RangeMethod.candidates,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    photo: (_ index: Int) throws -> [UInt8]
  ) throws {
    guard photoCount >= 1, !methods.isEmpty else { throw InferenceError.noPhotos }
    guard [1, 3].contains(graph.inputShape.channels) else {
      throw GraphError.photoChannels(found: graph.inputShape.channels)
    }
    let form = Quantiser.inputQuantisation(for: settings.preprocessing)
    let table = InputTable(settings.preprocessing, shape: graph.inputShape, quantisation: form)
    let total = photoCount + methods.count * 2
    var done = 0
    func step() {
      done += 1
      progress(done, total)
    }
    let yardstick = try FloatExecutor(graph)
    var heldOut: [HeldOut] = []
    var calibrator = try Calibrator(graph)
    for index in 0..<photoCount {
      let pixels = try photo(index)
      let real = table.normalised(rgb: pixels)
      // Three of four photos calibrate, the fourth is measured on; very few do both.
      if photoCount < 4 || index % 4 != 3 { calibrator.observe(input: real.span) }
      if photoCount < 4 || index % 4 == 3 {
        heldOut.append(HeldOut(real: real, pixels: pixels, table: table, yardstick, cut: cut))
      }
      step()
    }
    let means = calibrator.channelMeans
    var best: (network: Network, measurement: Measurement)?
    var measurements: [Measurement] = []
    for (method, usesMeans) in methods.flatMap({ [($0, false), ($0, true)] }) {
      var settings = settings
      settings.channelMeans = usesMeans ? means : [:]
      let network = try Quantiser.quantise(
        graph, cut: cut, ranges: calibrator.ranges(method), inputQuantisation: form,
        settings: settings)
      let found = try Self.measure(network, on: heldOut, method: method, usesMeans: usesMeans)
      measurements.append(found)
      if found.meanSimilarity > best?.measurement.meanSimilarity ?? -2 { best = (network, found) }
      step()
    }
    guard let best else { throw InferenceError.noPhotos }
    self.measurements = measurements
    self.best = best.measurement
    calibrated = calibrator.photoCount
    measured = heldOut.count
    network = try best.network.describingCalibration(
      Self.text(best.measurement, calibrated: calibrated, measured: measured))
  }

  private static func text(_ best: Measurement, calibrated: Int, measured: Int) -> String {
    "\(best.method)\(best.usesMeans ? ", rounded for mean inputs" : "") on \(calibrated) photos; "
      + "feature cosine \(rounded(best.meanSimilarity)) to fp32 on \(measured) others"
  }

  private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

  private static func measure(
    _ network: Network, on photos: [HeldOut], method: RangeMethod, usesMeans: Bool
  ) throws(InferenceError) -> Measurement {
    let body = try Body(network)
    let tail = try Tail(network)
    var (sum, least, agreed) = (0.0, 1.0, 0)
    for photo in photos {
      let feature = body.features(photo.bytes.span)
      let similarity = cosine(feature, photo.feature)
      sum += similarity
      least = min(least, similarity)
      let logits = tail.logits(feature.span, count: 1)
      if greatest(logits) == greatest(photo.result) { agreed += 1 }
    }
    let count = Double(photos.count)
    return Measurement(
      method: method, usesMeans: usesMeans, meanSimilarity: sum / count,
      leastSimilarity: least, agreement: network.tail.isEmpty ? nil : Double(agreed) / count)
  }

  /// Cosine of the angle between two vectors; 1 for two of zeros.
  package static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var (product, aSquare, bSquare) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      aSquare += Double(x) * Double(x)
      bSquare += Double(y) * Double(y)
    }
    let norm = (aSquare * bSquare).squareRoot()
    return norm > 0 ? product / norm : (aSquare == bSquare ? 1 : 0)
  }

  private static func greatest(_ values: [Float]) -> Int? {
    values.indices.max { values[$0] < values[$1] }
  }
}

/// A photo that is measured on: its bytes and what fp32 makes of it.
private struct HeldOut {
  var bytes: [Int8]
  var feature: [Float] = []
  var result: [Float] = []

  init(
    real: [Float], pixels: [UInt8], table: InputTable, _ executor: FloatExecutor, cut: String
  ) {
    bytes = table.quantised(rgb: pixels)
    var feature: [Float] = []
    result = executor.run(real.span) { name, values in
      if name == cut { feature = values.indices.map { values[$0] } }
    }
    self.feature = feature
  }
}
