@testable import Exchange
import FoundationEssentials

/// ONNX models of an image `x`, `[1, 3, 1, 2]`, that quantise it with scale 0.5 and zero point 0.
struct QuantisedModel {
  private(set) var model = ONNXModel()

  /// A model that reads pixels of type `input`, in operator set `opset`.
  init(input type: ONNXElementType = .float, opset: Int64 = 17) {
    var operators = ONNXOperatorSet()
    operators.version = opset
    model.opsetImport = [operators]
    store("xs", floats: [0.5])
    store("xz", .int8, [], [0])
    store("ys", floats: [0.1])
    store("yz", .int8, [], [-128])
    store("wide", .uint16, [], [256])
    store("w", .int8, [1, 3, 1, 1], [2, -1, 0])
    store("ws", floats: [0.25])
    store("real", [1, 3, 1, 1], floats: [1, 2, 0])
    store("m", [1, 1], floats: [3])
    var input = ONNXValue()
    input.name = "x"
    input.type.tensorType.elemType = type.rawValue
    input.type.tensorType.shape.dim = ([1, 3, 1, 2] as [Int64]).map {
      var extent = ONNXExtents.Extent()
      extent.dimValue = $0
      return extent
    }
    model.graph.input = [input]
    model.graph.output = [ONNXValue()]
  }

  /// Adds an operator; the last one writes the model's result.
  mutating func add(
    _ type: String, _ inputs: [String], to output: String, _ attributes: [ONNXAttribute] = []
  ) {
    var node = ONNXOperator()
    (node.opType, node.input, node.output, node.name) = (type, inputs, [output], output)
    node.attribute = attributes
    model.graph.node.append(node)
    model.graph.output[0].name = output
  }

  /// Adds operators without attributes.
  mutating func add(_ steps: [(type: String, inputs: [String], output: String)]) {
    for step in steps { add(step.type, step.inputs, to: step.output) }
  }

  /// Stores integers of `type`, whatever of them the type holds.
  mutating func store(
    _ name: String, _ type: ONNXElementType, _ dims: [Int64], _ values: [Int64]
  ) {
    var tensor = ONNXTensor()
    (tensor.name, tensor.dataType, tensor.dims) = (name, type.rawValue, dims)
    tensor.rawData = Data(
      values.flatMap { value in
        (0..<type.byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      })
    model.graph.initializer.append(tensor)
  }

  /// Stores fp32 numbers; a single one has no extents unless they are given.
  mutating func store(_ name: String, _ dims: [Int64] = [], floats: [Float]) {
    store(name, .float, dims, floats.map { Int64($0.bitPattern) })
  }

  /// What the importer makes of it.
  func read() throws(ExchangeError) -> NetworkImport {
    try ONNXImporter.readAny(model, ReadingBudget(byteCount: 1 << 20), path: "made.onnx")
  }

  /// What the importer makes of it, which must be a quantised network.
  func quantised() throws -> QuantisedGraph {
    guard case .quantised(let graph) = try read() else { throw NotQuantised() }
    return graph
  }

  /// Why the importer refuses it; empty if it does not.
  var refusal: String {
    do throws(ExchangeError) {
      _ = try read()
      return ""
    } catch {
      return error.description
    }
  }

  struct NotQuantised: Error {}
}
