package import Graph
import SwiftProtobuf

/// A network read from a foreign file, in fp32 and in Loam's layouts.
package struct ImportedGraph: Sendable {
  /// The network; it has passed `Graph.shapes()`. Batch norms and activations are still nodes of
  /// their own.
  package var graph: Graph
  /// The file's names for the image and for the result.
  package var inputName: String
  package var outputName: String
  /// What wrote the file, as it says itself, and the operator set: for the lineage.
  package var producer: String
  /// What activations are called here, by the file's names for them, where these differ.
  package var fileNames: [String: String] = [:]
}

/// Reads networks in the ONNX format, operator sets 9 to 21: in fp32, or quantised to 8 bits, with pairs of
/// `QuantizeLinear` and `DequantizeLinear` around operators on numbers, or with operators on bytes.
///
/// Layouts become Loam's: weights `[O, I, H, W]` to `[O, H, W, I]`, and the columns of a fully
/// connected layer behind a flattened feature map from C-H-W to H-W-C. Whatever the file computes
/// from constants alone (shapes, padding lists) is computed while reading.
package enum ONNXImporter {
  /// Greatest file that is read.
  static let byteLimit = 1 << 30
  /// More operators than this are refused, those that compute extents included.
  static let mostOperators = 4 * Graph.mostNodes

  /// Reads the model in the file at `path`.
  ///
  /// - Parameter inputSize: height and width, needed if the file leaves them open.
  /// - Parameter output: the result to read up to; the file's first output if `nil`.
  /// - Throws: `ExchangeError`; one `unsupported` lists everything that Loam does not have.
  /// - Complexity: O(bytes of the file), which is held in memory about five times over; weights in bytes about thirty
  ///   times, as integers and as the numbers that they stand for.
  package static func read(
    _ path: String, inputSize: (height: Int, width: Int)? = nil, output: String? = nil
  ) throws(ExchangeError) -> ImportedGraph {
    let bytes = try FileAccess.read(path, limit: byteLimit)
    return try read(bytes, path: path, inputSize: inputSize, output: output)
  }

  /// Reads the fp32 model in `bytes`; `path` names it in errors.
  package static func read(
    _ bytes: [UInt8], path: String, inputSize: (height: Int, width: Int)? = nil,
    output: String? = nil
  ) throws(ExchangeError) -> ImportedGraph {
    switch try readAny(bytes, path: path, inputSize: inputSize, output: output) {
    case .real(let imported): return imported
    case .quantised:
      throw .interface(
        path: path, why: "it is quantised already, expected fp32; make a .loam file of it first")
    }
  }

  /// Reads the model in the file at `path`, in fp32 or quantised; otherwise as `read`.
  package static func readAny(
    _ path: String, inputSize: (height: Int, width: Int)? = nil, output: String? = nil
  ) throws(ExchangeError) -> NetworkImport {
    let bytes = try FileAccess.read(path, limit: byteLimit)
    return try readAny(bytes, path: path, inputSize: inputSize, output: output)
  }

  /// Reads the model in `bytes`, in fp32 or quantised; `path` names it in errors.
  package static func readAny(
    _ bytes: [UInt8], path: String, inputSize: (height: Int, width: Int)? = nil,
    output: String? = nil
  ) throws(ExchangeError) -> NetworkImport {
    try readAny(
      try decode(bytes, path: path), ReadingBudget(byteCount: bytes.count), path: path,
      inputSize: inputSize, output: output)
  }

  /// Reads `model`, whose file allows `budget`; `path` names it in errors.
  static func readAny(
    _ model: ONNXModel, _ budget: ReadingBudget, path: String,
    inputSize: (height: Int, width: Int)? = nil,
    output: String? = nil
  ) throws(ExchangeError) -> NetworkImport {
    let opset = try opset(of: model, path: path)
    let entrance = try Entrance(model.graph, path: path, inputSize: inputSize)
    let wanted = output ?? model.graph.output.first?.name ?? ""
    let steps = try needed(model.graph, for: wanted, path: path)
    try entrance.requireUse(by: steps, stored: model.graph.initializer.map(\.name), path: path)
    var translation = Translation(
      opset: opset, result: wanted, budget: budget)
    translation.begin(with: entrance.activation)
    try load(model.graph, usedBy: steps, into: &translation, path: path)
    translation.translate(steps)
    let isQuantised = !translation.forms.isEmpty
    if isQuantised {
      translation.foldLimits()
      translation.useNamesOfFile()
    }
    let weights = isQuantised ? translation.byteWeights() : [:]
    guard translation.problems.isEmpty else {
      throw .unsupported(path: path, problems: translation.problems)
    }
    guard case .activation(let last) = translation.known[wanted] else {
      throw .interface(path: path, why: "its output '\(wanted)' does not depend on the image")
    }
    switch last.layout {
    case .scrambled, .grouped:
      throw .interface(
        path: path,
        why: "its output '\(wanted)' is a feature map in other extents; name an output before it")
    case .channelsFirst, .channelsLast, .vector:
      break
    }
    let producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }
    let author = (producer + ["opset \(opset)"]).joined(separator: " ")
    let graph = Graph(
      input: entrance.activation.name, inputShape: entrance.shape, nodes: translation.nodes,
      output: last.name, constants: translation.constants)
    do throws(GraphError) {
      _ = try graph.shapes()
      if isQuantised {
        return .quantised(
          try QuantisedGraph(
            input: graph.input, inputShape: graph.inputShape, output: graph.output,
            nodes: translation.quantisedNodes(weights), quantisation: translation.forms,
            weights: weights, constants: graph.constants, addsInIntegers: false, producer: author))
      }
    } catch {
      throw ExchangeError(error, path: path)
    }
    return .real(
      ImportedGraph(
        graph: graph, inputName: entrance.activation.name, outputName: wanted, producer: author))
  }

  /// The model in `bytes`, which must hold a graph; `path` names it in errors.
  static func decode(_ bytes: [UInt8], path: String) throws(ExchangeError) -> ONNXModel {
    guard !bytes.isEmpty else { throw .notONNX(path: path, found: "it is empty") }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 16
    let model: ONNXModel
    do {
      model = try ONNXModel(serializedBytes: bytes, options: options)
    } catch {
      throw .notONNX(path: path, found: "its \(bytes.count) B are cut short or of another format")
    }
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw .notONNX(path: path, found: "it holds no network")
    }
    return model
  }

  private static func opset(of model: ONNXModel, path: String) throws(ExchangeError) -> Int {
    let own = model.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    guard let version = own?.version else {
      throw .opset(path: path, found: "states no operator set")
    }
    guard (9...21).contains(version) else {
      throw .opset(path: path, found: "has operator set \(version)")
    }
    return Int(version)
  }

  /// The steps that the result depends on, in the file's order.
  private static func needed(
    _ graph: ONNXGraph, for result: String, path: String
  ) throws(ExchangeError) -> [Step] {
    guard graph.node.count <= Self.mostOperators else {
      throw .interface(
        path: path,
        why: "it has \(graph.node.count) operators, at most \(Self.mostOperators) are read")
    }
    var wanted: Set<String> = [result]
    var kept: [Step] = []
    for node in graph.node.reversed() where node.output.contains(where: wanted.contains) {
      do throws(Unsupported) {
        for step in try Step(node).parts.reversed()
        where step.outputs.contains(where: wanted.contains) {
          wanted.formUnion(step.inputs.lazy.filter { !$0.isEmpty })
          kept.append(step)
        }
      } catch {
        throw .interface(path: path, why: "\(error.why); export it with shorter names")
      }
    }
    guard kept.first?.outputs.contains(result) == true else {
      let names = graph.output.map { "'\($0.name)'" }.joined(separator: ", ")
      throw .interface(
        path: path, why: "no operator writes the output '\(result)'; its outputs are \(names)")
    }
    return kept.reversed()
  }

  /// Puts the stored weights that `steps` read into `translation`.
  private static func load(
    _ graph: ONNXGraph, usedBy steps: [Step], into translation: inout Translation, path: String
  ) throws(ExchangeError) {
    let used = Set(steps.flatMap(\.inputs))
    for tensor in graph.initializer where used.contains(tensor.name) {
      guard tensor.dataLocation == .inside else {
        let location = tensor.externalData.first { $0.key == "location" }?.value ?? "?"
        throw .externalData(path: path, tensor: tensor.name, location: location)
      }
      do throws(ConstantError) {
        translation.known[tensor.name] = .constant(try Constant(tensor))
      } catch {
        throw .tensor(path: path, name: tensor.name, why: error.why)
      }
    }
  }
}
