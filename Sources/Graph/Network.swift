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
  package var quantisation: [String: Quantisation] { quantisationView.values }
  /// One name for each output of the classifier; empty if the source gave none.
  package let classes: [String]
  package let preprocessing: Preprocessing
  /// Where it comes from; its `bodySHA256` is that of this body.
  package private(set) var lineage: Lineage
  /// Constants by name.
  package var tensors: [String: StoredTensor] { tensorView.values }
  /// The shape of every activation.
  package var shapes: [String: Shape] { shapeView.values }
  /// How many of `nodes` are the body.
  package let bodyNodeCount: Int

  /// Its nodes by number.
  let wiring: Wiring
  /// By node; see `constants(of:)`.
  private let nodeConstants: [NodeConstants]
  /// The constants of the tail, once each.
  private let tailConstants: [(name: String, tensor: StoredTensor)]
  /// All constants, also those that no node reads.
  let allConstants: [StoredTensor]
  /// What stands for `quantisation`, in the order in which it was given.
  let quantisationList: [NamedQuantisation]
  /// By activation, what its bytes stand for.
  private let activationForms: [Quantisation?]
  private let quantisationView: NamedView<Quantisation>
  private let tensorView: NamedView<StoredTensor>
  private let shapeView: NamedView<Shape>

  /// Checks everything and fills in `lineage.bodySHA256`.
  /// - Complexity: O(bytes of the tensors): the body is hashed.
  package init(
    input: String, inputShape: Shape, nodes: [Node], output: String, cut: String,
    quantisation: [String: Quantisation], classes: [String], preprocessing: Preprocessing,
    lineage: Lineage, tensors: [String: StoredTensor]
  ) throws(GraphError) {
    var names = NameTable()
    var constants: [NamedConstant] = []
    for (name, tensor) in tensors {
      constants.append(NamedConstant(name: names.number(of: name), tensor: tensor))
    }
    var lineage = lineage
    lineage.bodySHA256 = ""
    var network = try Network(
      input: input, inputShape: inputShape, nodes: nodes, output: output, cut: cut,
      quantisation: quantisation.map { NamedQuantisation(name: $0.key, value: $0.value) },
      classes: classes, preprocessing: preprocessing, lineage: lineage, constants: constants,
      names: names)
    try network.checkTail()
    network.lineage.bodySHA256 = network.bodySHA256()
    self = network
  }

  /// Checks everything but the numbers of the tail (`checkTail`) and `lineage.bodySHA256`, which is taken as it is;
  /// `names` has the constants' names.
  /// - Complexity: O(nodes).
  init(
    input: String, inputShape: Shape, nodes: [Node], output: String, cut: String,
    quantisation: [NamedQuantisation], classes: [String], preprocessing: Preprocessing,
    lineage: Lineage, constants: [NamedConstant], names: NameTable
  ) throws(GraphError) {
    var numbering = Numbering(
      names: names, constants: constants.map(\.name), constantShapes: constants.map(\.tensor.shape))
    let wiring = try numbering.wiring(
      input: input, inputShape: inputShape, nodes: nodes, output: output)
    let nodeConstants = nodes.indices.map { index in
      var found = NodeConstants()
      for place in numbering.parameters[index] { found.parameters.append(constants[place].tensor) }
      if let name = nodes[index].parameters.first {
        let scale = numbering.constant(Network.scaleName(name))
        let zero = numbering.constant(Network.zeroName(name))
        found.scale = scale.map { constants[$0].tensor }
        found.zero = zero.map { constants[$0].tensor }
      }
      return found
    }
    var forms = [Quantisation?](repeating: nil, count: nodes.count + 1)
    for form in quantisation {
      if let activation = numbering.activation(form.name) { forms[activation] = form.value }
    }
    let check = NetworkCheck(
      wiring: wiring, cut: numbering.activation(cut), cutName: cut, quantisation: quantisation,
      forms: forms, parameters: numbering.parameters, constants: nodeConstants)
    self.input = input
    self.inputShape = inputShape
    self.nodes = nodes
    self.output = output
    self.cut = cut
    self.classes = classes
    self.preprocessing = preprocessing
    self.lineage = lineage
    self.wiring = wiring
    self.nodeConstants = nodeConstants
    allConstants = constants.map(\.tensor)
    quantisationList = quantisation
    activationForms = forms
    quantisationView = NamedView {
      Dictionary(quantisation.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    }
    let texts = numbering.names.names
    tensorView = NamedView {
      Dictionary(
        constants.map { (texts[$0.name], $0.tensor) }, uniquingKeysWith: { _, last in last })
    }
    shapeView = NamedView { wiring.shapesByName }
    (bodyNodeCount, tailConstants) = try check.run()
    try NetworkCheck.checkPreprocessing(preprocessing, inputShape: inputShape)
    if !classes.isEmpty,
      let outputs = numbering.activation(output).map({ wiring.shapes[$0].count }),
      outputs != classes.count
    {
      throw .classCount(names: classes.count, outputs: outputs)
    }
  }

  /// Throws unless all numbers of the tail are finite.
  /// - Complexity: O(elements of the tail's constants).
  func checkTail() throws(GraphError) {
    for (name, tensor) in tailConstants where !tensor.isFinite {
      throw .notFinite(parameter: name)
    }
    for index in bodyNodeCount..<nodes.count {
      try nodes[index].checkVariance { _ in nodeConstants[index].parameters[3].floats() }
    }
  }

  /// The SHA-256 of the body as it is.
  /// - Complexity: O(bytes of the body's tensors).
  func bodySHA256() -> String {
    var constants: [(name: String, tensor: StoredTensor)] = []
    for (node, found) in zip(body, nodeConstants) {
      for (name, tensor) in zip(node.parameters, found.parameters) {
        constants.append((name, tensor))
      }
      guard let weights = node.parameters.first else { continue }
      if let scale = found.scale { constants.append((Self.scaleName(weights), scale)) }
      if let zero = found.zero { constants.append((Self.zeroName(weights), zero)) }
    }
    return BodyDigest().sha256(
      BodyParts(
        input: input, inputShape: inputShape, nodes: body, cut: cut, quantisation: quantisationList,
        preprocessing: preprocessing, constants: constants))
  }

  /// The constants of node `index`.
  package func constants(of index: Int) -> NodeConstants { nodeConstants[index] }

  /// The activations that node `index` reads. Activation 0 is the input, i + 1 the result of node i.
  package func inputs(of index: Int) -> [Int] { wiring.inputs[index] }

  /// The name of `activation`.
  package func name(of activation: Int) -> String { wiring.name(activation) }

  /// The shape of `activation`.
  package func shape(of activation: Int) -> Shape { wiring.shapes[activation] }

  /// What the bytes of `activation` stand for.
  package func quantisation(of activation: Int) -> Quantisation? { activationForms[activation] }

  /// The int8 nodes, in running order; the last one writes the cut.
  package var body: ArraySlice<Node> { nodes.prefix(bodyNodeCount) }
  /// The fp32 nodes after the cut, in running order; empty if the cut is the result.
  package var tail: ArraySlice<Node> { nodes.dropFirst(bodyNodeCount) }

  /// Shape of the feature: the tensor at the cut.
  package var featureShape: Shape { wiring.shapes[bodyNodeCount] }

  /// Whether the feature is a mean over height and width, which leaves the body unquantised.
  package var featureIsMean: Bool { body.last?.operation == .globalAveragePool }

  /// The name of the scales that belong to the int8 weights `name`.
  package static func scaleName(_ name: String) -> String { name + ".scale" }

  /// The name of the zero points that may belong to the int8 weights `name`: one byte an output, which is
  /// taken from each weight. Networks that Loam quantises have none; older uint8 files do.
  package static func zeroName(_ name: String) -> String { name + ".zero" }
}
