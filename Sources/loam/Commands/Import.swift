import ArgumentParser
import DeviceRuntime
import Exchange
import Foundation
import FoundationEssentials
import Graph
import Imaging
import Inference
import Tensors

/// `loam import`: a pretrained network becomes a `.loam` file.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a .loam file of an ONNX or TensorFlow Lite network.",
    discussion: """
      An fp32 network is quantised, calibrated on photos. Batch norms and activations are folded, weights quantised per channel, activations per tensor. \
      Ranges are found on three quarters of the photos by several methods; the one whose features \
      come nearest to fp32 on the other photos is taken, and the figures are printed.

      A network that is quantised already (TensorFlow Lite's int8 per channel or older uint8, ONNX with \
      quantised operators or pairs of QuantizeLinear and DequantizeLinear) keeps its scales, zero points and biases, and needs no photos. It takes pixels as they are unless --mean and \
      --deviation say otherwise.
      """)

  @Argument(
    help:
      "An .onnx file (fp32, int8, uint8; operator sets 9 to 21) or a .tflite file (fp32, int8, uint8)."
  )
  var model: String

  @Option(
    help: """
      A folder of JPEG photos like those the device will see; folders below count too. Needed for fp32.
      """)
  var calibrate: String?

  @Option(name: .shortAndLong, help: "The .loam file to write.")
  var output: String

  @Option(
    help: """
      Where the int8 body ends: a tensor's name, the file's or that which inspect shows. Default: what \
      the classifier reads.
      """)
  var cut: String?

  @Option(help: "Side of the input in pixels, if the file leaves it open.")
  var inputSize: Int?

  @Option(
    parsing: .upToNextOption,
    help: "Mean of the pixels (0...255): one number, or one a channel. Default: 127, or the file's."
  )
  var mean: [Float] = []

  @Option(
    parsing: .upToNextOption,
    help: """
      What a pixel less the mean is divided by: one number, or one a channel. Default: 128, or the file's.
      """)
  var deviation: [Float] = []

  @Flag(help: "Take the centred square of a photo instead of squashing it.")
  var crop = false

  @Option(help: "A text file with one class name a line.")
  var classes: String?

  @Option(help: "Photos to calibrate on, at most.")
  var photos = 200

  @Option(help: "What to say of where the weights come from.")
  var source: String?

  @Flag(help: "Print the figures as JSON.")
  var json = false

  private struct Way: Encodable {
    var method: String
    var uses_means: Bool
    var mean_similarity: Double
    var least_similarity: Double
    var agreement: Double?
  }

  private struct Report: Encodable {
    var model: String
    var output: String
    var sha256: String
    var bytes: Int
    var calibration: String
    var ways: [Way]
  }

  func validate() throws {
    if let inputSize, !(8...4096).contains(inputSize) {
      throw ValidationError("--input-size is \(inputSize); give a side of 8 to 4096 pixels")
    }
    for (name, values) in [("mean", mean), ("deviation", deviation)] where !values.isEmpty {
      guard values.count == 1 || values.count == 3, values.allSatisfy(\.isFinite) else {
        throw ValidationError("--\(name) takes one number or three, \(values.count) were given")
      }
    }
    if deviation.contains(where: { $0 <= 0 }) {
      throw ValidationError("--deviation divides pixels; give numbers above 0")
    }
    if photos < 1 { throw ValidationError("--photos is \(photos); at least 1 is needed") }
  }

  func run() throws {
    let size = inputSize.map { (height: $0, width: $0) }
    guard try TFLiteImporter.claims(fileAt: model) else {
      return try take(try ONNXImporter.readAny(model, inputSize: size))
    }
    try take(try TFLiteImporter.read(model, inputSize: size))
  }

  private func take(_ imported: NetworkImport) throws {
    switch imported {
    case .real(let imported): try quantise(imported)
    case .quantised(let imported): try keep(imported)
    }
  }

  /// Writes a network whose file has quantised it.
  private func keep(_ imported: QuantisedGraph) throws {
    let cut = try cutName(imported.defaultCut, imported.fileNames)
    let pixels = imported.pixelForm
    let form = preprocessing(
      imported.inputShape, mean: mean.isEmpty ? pixels.mean : mean,
      deviation: deviation.isEmpty ? pixels.deviation : deviation)
    if calibrate != nil { say("--calibrate is not used: the file is quantised already") }
    let network = try imported.network(
      cut: cut,
      settings: Quantiser.Settings(
        preprocessing: form, classes: try classNames(),
        lineage: lineage(producer: imported.producer, calibration: "kept as the file has it")))
    do {
      // What is written must run: the engine has limits that the file format has not.
      _ = try Body(network)
    } catch {
      throw CommandFailure("\(model): \(error)")
    }
    try LoamFile.write(network, to: output)
    let file = try LoamFile.open(output)
    if json {
      return try printJSON(
        Report(
          model: model, output: output, sha256: file.sha256, bytes: file.byteCount,
          calibration: network.lineage.calibration, ways: []))
    }
    print("quantised already: its scales, zero points and biases are kept, up to '\(cut)'")
    print("\(output): \(byteText(file.byteCount)), sha256 \(file.sha256)")
  }

  /// Quantises an fp32 network on photos and writes it.
  private func quantise(_ imported: ImportedGraph) throws {
    let graph = try imported.graph.fused()
    let cut = try cutName(graph.defaultCut, imported.fileNames)
    guard let calibrate else {
      throw CommandFailure(
        "\(model): is in fp32; give photos to quantise it on with --calibrate FOLDER")
    }
    let form = preprocessing(
      graph.inputShape, mean: mean.isEmpty ? [127] : mean,
      deviation: deviation.isEmpty ? [128] : deviation)
    let settings = Quantiser.Settings(
      preprocessing: form, classes: try classNames(), lineage: lineage(producer: imported.producer))
    let pictures = try usablePhotos(form, in: calibrate)
    var progress = Progress("calibrating", total: pictures.count)
    let choice = try QuantisationChoice(
      graph, cut: cut, settings: settings, photoCount: pictures.count,
      progress: { done, total in progress.show(done, of: total) },
      photo: { index in
        try decode(pictures[index], form).pixels
      })
    try LoamFile.write(choice.network, to: output)
    try report(choice)
  }

  /// `--cut`, by the file's name or by Loam's, or else `standard`.
  private func cutName(_ standard: String?, _ fileNames: [String: String]) throws -> String {
    if let cut, let name = fileNames[cut] {
      // Where the file has two names of which the first becomes the second.
      if let other = fileNames.first(where: { $0.value == cut })?.key {
        throw CommandFailure(
          "\(model): --cut '\(cut)' is the file's name for '\(name)', and Loam's for '\(other)'; "
            + "give '\(name)' or '\(other)'")
      }
      return name
    }
    guard let cut = cut ?? standard else {
      throw CommandFailure(
        "\(model): has no fully connected layer to cut before; name a tensor with --cut")
    }
    return cut
  }

  private func preprocessing(_ shape: Shape, mean: [Float], deviation: [Float]) -> Preprocessing {
    Preprocessing(
      width: shape.width, height: shape.height, fit: crop ? .crop : .stretch,
      mean: spread(mean, shape.channels), deviation: spread(deviation, shape.channels))
  }

  private func lineage(producer: String, calibration: String = "") -> Lineage {
    Lineage(
      source: source ?? URL(filePath: model).lastPathComponent + ", " + producer,
      sourceSHA256: sha256Text(Array(FileManager.default.contents(atPath: model) ?? Data())),
      calibration: calibration)
  }

  private func spread(_ values: [Float], _ channels: Int) -> [Float] {
    values.count == channels ? values : [Float](repeating: values[0], count: channels)
  }

  private func decode(_ path: String, _ preprocessing: Preprocessing) throws -> PixelImage {
    try Photo(path: path).decode(
      width: preprocessing.width, height: preprocessing.height,
      fit: preprocessing.fit == .crop ? .crop : .stretch)
  }

  private func classNames() throws -> [String] {
    guard let classes else { return [] }
    guard let data = FileManager.default.contents(atPath: classes) else {
      throw CommandFailure(unreadable(classes, expected: "a text file with one class name a line"))
    }
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  /// Paths of the photos to calibrate on, in the order of their names, spread over the folder; those
  /// that cannot be decoded are named and left out.
  private func usablePhotos(
    _ preprocessing: Preprocessing, in calibrate: String
  ) throws -> [String] {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: calibrate, isDirectory: &isDirectory), isDirectory
    else {
      throw CommandFailure("\(calibrate): is no folder; give a folder of JPEG photos")
    }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: calibrate)) ?? []
    let found = names.filter {
      $0.lowercased().hasSuffix(".jpg") || $0.lowercased().hasSuffix(".jpeg")
    }.sorted()
    let step = max(1, Double(found.count) / Double(photos))
    var usable: [String] = []
    for place in 0..<min(photos, found.count) {
      let path = "\(calibrate)/\(found[Int(Double(place) * step)])"
      do {
        _ = try Photo(path: path).decode(width: 16, height: 16)
        usable.append(path)
      } catch {
        say("left out: \(error)")
      }
    }
    guard !usable.isEmpty else {
      throw CommandFailure(
        "\(calibrate): no JPEG photo in it can be used; give photos like those of the device")
    }
    return usable
  }

  private func report(_ choice: QuantisationChoice) throws {
    let file = try LoamFile.open(output)
    let calibration = choice.network.lineage.calibration
    if json {
      let ways = choice.measurements.map {
        Way(
          method: $0.method.description, uses_means: $0.usesMeans,
          mean_similarity: $0.meanSimilarity, least_similarity: $0.leastSimilarity,
          agreement: $0.agreement)
      }
      try printJSON(
        Report(
          model: model, output: output, sha256: file.sha256, bytes: file.byteCount,
          calibration: calibration, ways: ways))
      return
    }
    print("range method            means      cosine to fp32: mean   least   same top-1")
    for way in choice.measurements {
      let agreement = way.agreement.map { figure(100 * $0, 9, places: 1) + " %" } ?? ""
      print(
        columnText(way.method.description, 24, left: true)
          + columnText(way.usesMeans ? "used" : "not used", 11, left: true)
          + figure(way.meanSimilarity, 18, places: 4) + figure(way.leastSimilarity, 8, places: 4)
          + agreement + (way == choice.best ? "  taken" : ""))
    }
    print("\(output): \(byteText(file.byteCount)), sha256 \(file.sha256)")
  }
}
