package import Tensors

/// A network ready to run and to be written: an int8 body up to the cut, an fp32 tail after it.
///
/// Body: every convolution and fully connected layer has int8 weights `NAME` (`[output, height,
/// width, input / groups]` or `[output, input]`), their scales `NAME.scale` (fp32, `[output]`) and
/// an int32 bias in units of input scale × weight scale; weights may have zero points `NAME.zero`. The tail's constants are fp32 or fp16.
/// The feature leaves the body in fp32: if the cut is a mean over height and width, the exact sum
/// times one fp32 scale; otherwise the dequantised bytes.
///
/// A value of this type has passed all checks: order, shapes, types, finite scales.
package struct Network: Sendable {
  /// Name of the activation that holds the quantised image.
  package let input: String
  /// `[height, width, channels]`.
  package let inputShape: Shape
  /// Body, then tail, each in running order.
  package let nodes: [Node]
  /// Name of the result.
  package let output: String
  /// Name of the activation where the body ends.
  package let cut: String
  /// Of every activation of the body; the cut's is absent if it is a mean over height and width.
  package let quantisation: [String: Quantisation]
  /// One name for each output of the classifier; empty if the source gave none.
  package let classes: [String]
  package let preprocessing: Preprocessing
  /// Where it comes from; its `bodySHA256` is that of this body.
  package let lineage: Lineage
  /// Constants by name.
  package let tensors: [String: StoredTensor]
  /// The shape of every activation.
  package let shapes: [String: Shape]
  /// How many of `nodes` are the body.
  package let bodyNodeCount: Int

  /// Checks everything and fills in `lineage.bodySHA256`.
  /// - Complexity: O(bytes of the tensors): the body is hashed.
  package init(
    input: String, inputShape: Shape, nodes: [Node], output: String, cut: String,
    quantisation: [String: Quantisation], classes: [String], preprocessing: Preprocessing,
    lineage: Lineage, tensors: [String: StoredTensor]
  ) throws(GraphError) {
    let inference = ShapeInference(input: input, inputShape: inputShape) { tensors[$0]?.shape }
    let shapes = try inference.run(nodes, output: output)
    let check = NetworkCheck(
      input: input, nodes: nodes, cut: cut, quantisation: quantisation, tensors: tensors,
      shapes: shapes)
    self.input = input
    self.inputShape = inputShape
    self.nodes = nodes
    self.output = output
    self.cut = cut
    self.quantisation = quantisation
    self.classes = classes
    self.preprocessing = preprocessing
    self.tensors = tensors
    self.shapes = shapes
    bodyNodeCount = try check.run()
    try NetworkCheck.checkPreprocessing(preprocessing, inputShape: inputShape)
    if !classes.isEmpty, let outputs = shapes[output]?.count, outputs != classes.count {
      throw .classCount(names: classes.count, outputs: outputs)
    }
    var lineage = lineage
    lineage.bodySHA256 = BodyDigest.sha256(
      input: input, inputShape: inputShape, nodes: nodes.prefix(bodyNodeCount), cut: cut,
      quantisation: quantisation, preprocessing: preprocessing, tensors: tensors)
    self.lineage = lineage
  }

  /// The int8 nodes, in running order; the last one writes the cut.
  package var body: ArraySlice<Node> { nodes.prefix(bodyNodeCount) }
  /// The fp32 nodes after the cut, in running order; empty if the cut is the result.
  package var tail: ArraySlice<Node> { nodes.dropFirst(bodyNodeCount) }

  /// Shape of the feature: the tensor at the cut.
  package var featureShape: Shape { shapes[cut] ?? Shape(1) }

  /// Whether the feature is a mean over height and width, which leaves the body unquantised.
  package var featureIsMean: Bool { body.last?.operation == .globalAveragePool }

  /// The name of the scales that belong to the int8 weights `name`.
  package static func scaleName(_ name: String) -> String { name + ".scale" }

  /// The name of the zero points that may belong to the int8 weights `name`: one byte an output, which is
  /// taken from each weight. Networks that Loam quantises have none; older uint8 files do.
  package static func zeroName(_ name: String) -> String { name + ".zero" }
}
