import FoundationEssentials
package import Graph
import SwiftProtobuf
import Tensors

/// Writes networks in the ONNX format, operator set 13, standard operators alone.
///
/// Input `input`: fp32 `[N, C, H, W]`, preprocessed pixels. Outputs: `probabilities` and `logits`
/// `[N, K]`, `features` (the tensor at the cut). The body keeps its integers, and a runtime that
/// follows the standard computes the same bytes as Loam, but for functions of elements (sigmoid and the like)
/// and local response normalisation, whose fp32 in between may differ by a step; the tail is fp32. How pixels are
/// preprocessed and what the classes are called stand in `metadata_props`, as JSON.
package enum ONNXExporter {
  /// Writes `network` to the file at `path`, which appears only once it is complete.
  package static func write(_ network: Network, to path: String) throws(ExchangeError) {
    try FileAccess.write(try bytes(of: network), to: path)
  }

  /// The bytes of the file that `write` makes; the same for the same network.
  package static func bytes(of network: Network) throws(ExchangeError) -> [UInt8] {
    var model = ONNXModel()
    model.irVersion = 8
    model.producerName = "loam"
    var operators = ONNXOperatorSet()
    operators.version = 13
    model.opsetImport = [operators]
    model.graph = try graph(of: network)
    model.metadataProps = metadata(of: network).map { key, value in
      var entry = ONNXEntry()
      entry.key = key
      entry.value = value
      return entry
    }
    do {
      return try model.serializedBytes()
    } catch {
      throw .inexpressible(node: network.output, why: "it does not fit a protocol buffer: \(error)")
    }
  }

  private static func graph(of network: Network) throws(ExchangeError) -> ONNXGraph {
    var writer = GraphWriter(network)
    let shape = network.inputShape
    writer.declare("input", [shape.channels, shape.height, shape.width], asInput: true)
    let (scale, zero) = try writer.form("input", network.input)
    let bytes = writer.unique("input_bytes")
    writer.add("QuantizeLinear", ["input", scale, zero], to: bytes)
    writer.rename(network.input, to: bytes)
    for node in network.body { try writer.addBody(node) }
    if !network.featureIsMean { try writer.addFeature() }
    var tail = network.tail
    while tail.last?.operation == .softmax { tail.removeLast() }
    for node in tail {
      try writer.addTail(node, to: node.output == tail.last?.output ? "logits" : nil)
    }
    if tail.isEmpty { writer.add("Identity", ["features"], to: "logits") }
    writer.add("Softmax", ["logits"], to: "probabilities", [.int("axis", 1)])
    let result = network.shapes[tail.last?.output ?? network.cut] ?? network.featureShape
    writer.declareOutput("probabilities", shape: result)
    writer.declareOutput("logits", shape: result)
    writer.declareOutput("features", shape: network.featureShape)
    var graph = writer.graph
    graph.name = "loam"
    return graph
  }

  private static func metadata(of network: Network) -> [(String, String)] {
    let preprocessing = network.preprocessing
    return [
      ("mean", json(preprocessing.mean)),
      ("deviation", json(preprocessing.deviation)),
      ("fit", preprocessing.fit.rawValue),
      ("classes", json(network.classes)),
      ("source", network.lineage.source),
      ("source_sha256", network.lineage.sourceSHA256),
      ("body_sha256", network.lineage.bodySHA256),
      ("labels", "\(network.lineage.labels)"),
    ]
  }

  private static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let data = try? encoder.encode(value) else { return "[]" }
    return String(decoding: data, as: UTF8.self)
  }
}
