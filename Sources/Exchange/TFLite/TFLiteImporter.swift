import Graph
import Tensors

/// Reads networks in the TensorFlow Lite format: fp32, int8 with a scale for each channel, and the older
/// uint8 with one scale for each tensor.
///
/// Layouts are Loam's own but for depthwise weights. Bytes without a sign become signed ones: 128 is taken
/// from bytes and zero points alike, which changes no number that they stand for.
package enum TFLiteImporter {
  /// Greatest file that is read.
  static let byteLimit = 1 << 30

  /// Whether `bytes`, a file's beginning, say that it is of this format.
  package static func claims(_ bytes: [UInt8]) -> Bool { TFLiteModel.claims(bytes) }

  /// Whether the file at `path` says that it is of this format, whatever its name.
  package static func claims(fileAt path: String) throws(ExchangeError) -> Bool {
    claims(try FileAccess.beginning(of: path, count: 8))
  }

  /// Reads the model in the file at `path`.
  ///
  /// - Parameter inputSize: height and width, needed if the file leaves them open.
  /// - Throws: `ExchangeError`; one `unsupported` lists everything that Loam does not have.
  /// - Complexity: O(bytes of the file), which is held in memory about three times over.
  package static func read(
    _ path: String, inputSize: (height: Int, width: Int)? = nil
  ) throws(ExchangeError) -> NetworkImport {
    try read(try FileAccess.read(path, limit: byteLimit), path: path, inputSize: inputSize)
  }

  /// Reads the model in `bytes`; `path` names it in errors.
  package static func read(
    _ bytes: [UInt8], path: String, inputSize: (height: Int, width: Int)? = nil
  ) throws(ExchangeError) -> NetworkImport {
    let model = try TFLiteModel(bytes, path: path)
    let entrance = try TFLiteEntrance(model, path: path, inputSize: inputSize)
    guard let result = model.outputs.first else {
      throw .interface(path: path, why: "it has no output")
    }
    let steps = try needed(model, for: result, path: path)
    let isQuantised = try isQuantised(model, steps, path: path)
    var translation = TFLiteTranslation(
      model, isQuantised: isQuantised, checksExtents: entrance.isStated)
    let input = translation.begin(at: entrance.index, shape: entrance.shape)
    translation.translate(steps)
    guard translation.problems.isEmpty else {
      throw .unsupported(path: path, problems: translation.problems)
    }
    guard case .activation(let last) = translation.values[result], !translation.nodes.isEmpty else {
      throw .interface(
        path: path, why: "its output '\(model.tensors[result].name)' does not depend on the image")
    }
    var producer = model.description.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    if producer.count > 80 || producer.isEmpty { producer = "TensorFlow Lite" }
    do throws(GraphError) {
      if isQuantised {
        return .quantised(
          try QuantisedGraph(
            input: input, inputShape: entrance.shape, output: last.name, nodes: translation.nodes,
            quantisation: translation.quantisation, weights: translation.weights,
            addsInIntegers: true, producer: producer, fileNames: translation.fileNames))
      }
      let graph = Graph(
        input: input, inputShape: entrance.shape, nodes: translation.nodes, output: last.name,
        constants: translation.constants)
      _ = try graph.shapes()
      return .real(
        ImportedGraph(
          graph: graph, inputName: input, outputName: last.name, producer: producer,
          fileNames: translation.fileNames))
    } catch {
      throw ExchangeError(error, path: path)
    }
  }

  /// The steps that the result depends on, in the file's order.
  private static func needed(
    _ model: TFLiteModel, for result: Int, path: String
  ) throws(ExchangeError) -> [TFLiteOperator] {
    var wanted: Set<Int> = [result]
    var kept: [TFLiteOperator] = []
    for step in model.operators.reversed() where step.outputs.contains(where: wanted.contains) {
      wanted.formUnion(step.inputs)
      kept.append(step)
    }
    guard !kept.isEmpty else {
      throw .interface(
        path: path, why: "no operator writes the output '\(model.tensors[result].name)'")
    }
    return kept.reversed()
  }

  /// Whether the layers with weights compute in bytes; all or none must.
  private static func isQuantised(
    _ model: TFLiteModel, _ steps: [TFLiteOperator], path: String
  ) throws(ExchangeError) -> Bool {
    let kinds: Set<TFLiteKind> = [.conv2D, .depthwiseConv2D, .fullyConnected]
    var (bytes, numbers): ([String], [String]) = ([], [])
    for step in steps where TFLiteKind(rawValue: step.code).map(kinds.contains) == true {
      guard let output = step.outputs.first else { continue }
      let name = "'\(step.name)'"
      if model.tensors[output].type?.isByte == true {
        bytes.append(name)
      } else {
        numbers.append(name)
      }
    }
    if !bytes.isEmpty, !numbers.isEmpty {
      let (few, kind) =
        bytes.count < numbers.count ? (bytes, "8 bits") : (numbers, "other types")
      throw .unsupported(
        path: path,
        problems: [
          "layers of \(kind) in a network whose others are not: "
            + few.prefix(8).joined(separator: ", ")
        ])
    }
    return !bytes.isEmpty
  }
}

/// The image that a TensorFlow Lite model takes.
struct TFLiteEntrance {
  /// The tensor's index.
  let index: Int
  /// `[height, width, channels]`.
  let shape: Shape
  /// Whether the file states the extents itself, whatever it says of the batch.
  let isStated: Bool

  /// The only input of `model`: a batch of one or open, height, width, channels.
  init(
    _ model: TFLiteModel, path: String, inputSize: (height: Int, width: Int)?
  ) throws(ExchangeError) {
    guard let index = model.inputs.first, model.inputs.count == 1 else {
      let names = model.inputs.map { "'\(model.tensors[$0].name)'" }.joined(separator: ", ")
      throw .interface(
        path: path, why: "it has \(model.inputs.count) inputs \(names), expected one image")
    }
    let tensor = model.tensors[index]
    func refuse(_ why: String) -> ExchangeError {
      let found = tensor.dims.map { $0 < 0 ? "?" : "\($0)" }.joined(separator: "×")
      return .interface(path: path, why: "input '\(tensor.name)' is \(found); \(why)")
    }
    guard let type = tensor.type, type == .float32 || type.isByte else {
      throw refuse("its elements have type \(tensor.typeNumber), expected fp32 or 8 bits")
    }
    let dims = tensor.dims
    guard dims.count == 4, dims[0] == 1 || dims[0] == -1, dims[3] >= 1 else {
      throw refuse("expected a batch of 1, height, width and channels")
    }
    guard let height = dims[1] > 0 ? dims[1] : inputSize?.height,
      let width = dims[2] > 0 ? dims[2] : inputSize?.width
    else {
      throw refuse("height and width are open; give them with --input-size")
    }
    if let inputSize, inputSize != (height, width) {
      throw refuse(
        "it cannot become \(inputSize.height)×\(inputSize.width); convert it for that size")
    }
    guard height <= 1 << 14, width <= 1 << 14,
      let shape = Shape(validating: [height, width, dims[3]])
    else {
      throw refuse("at most 16384 pixels a side are taken")
    }
    self.index = index
    self.shape = shape
    isStated = dims.dropFirst().allSatisfy { $0 > 0 }
  }
}
