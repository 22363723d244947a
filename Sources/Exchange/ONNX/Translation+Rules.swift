import Graph

extension Translation {
  /// What is done with one type of operator.
  struct Rule: Sendable {
    typealias Apply = @Sendable (inout Translation, Step) throws(Unsupported) -> Void

    /// Attributes that may be given.
    let attributes: Set<String>
    /// The operator set from which on some of them are inputs, behind the first.
    let inputs: Moved?
    /// Translates a step that depends on the image; `nil` if it may only be given constants.
    let apply: Apply?

    init(_ attributes: Set<String> = [], inputs: Moved? = nil, _ apply: Apply? = nil) {
      self.attributes = attributes
      self.inputs = inputs
      self.apply = apply
    }

    /// Attributes that became inputs with operator set `opset`.
    struct Moved: Sendable {
      let opset: Int
      let names: [String]

      init(_ names: [String], since opset: Int) {
        self.opset = opset
        self.names = names
      }
    }
  }

  /// Throws if `step` states as an attribute what is an input in this operator set, or the other way round: it would
  /// be passed over.
  func requireForm(of step: Step, _ moved: Rule.Moved) throws(Unsupported) {
    if opset >= moved.opset, let name = moved.names.first(where: step.has(attribute:)) {
      throw Unsupported(
        why: "attribute '\(name)', which is an input in operator set \(opset)")
    }
    if opset < moved.opset, step.inputs.dropFirst().contains(where: { !$0.isEmpty }) {
      throw Unsupported(
        why: "\(step.inputs.count) inputs, attributes in operator set \(opset)")
    }
  }

  /// Every operator that is read, by its type.
  static let rules: [String: Rule] = imageRules.merging(functionRules) { first, _ in first }
    .merging(channelRules) { first, _ in first }.merging(quantisedRules) { first, _ in first }
    .merging(constantRules) { first, _ in first }

  private static let imageRules: [String: Rule] = [
    "Conv": Rule(["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"]) {
      (it, step) throws(Unsupported) in try it.convolution(step)
    },
    "BatchNormalization": Rule(["epsilon", "momentum", "spatial", "training_mode"]) {
      (it, step) throws(Unsupported) in try it.batchNormalisation(step)
    },
    "Clip": Rule(["min", "max"], inputs: .init(["min", "max"], since: 11)) {
      (it, step) throws(Unsupported) in try it.clip(step)
    },
    "Relu": Rule { (it, step) throws(Unsupported) in try it.clamp(step, .relu) },
    "Min": Rule { (it, step) throws(Unsupported) in try it.extremum(step) },
    "Max": Rule { (it, step) throws(Unsupported) in try it.extremum(step) },
    "Add": Rule { (it, step) throws(Unsupported) in try it.sum(step) },
    "Sum": Rule { (it, step) throws(Unsupported) in try it.sum(step) },
    "Sub": Rule { (it, step) throws(Unsupported) in try it.affine(step) },
    "Mul": Rule { (it, step) throws(Unsupported) in try it.multiply(step) },
    "Div": Rule { (it, step) throws(Unsupported) in try it.affine(step) },
    "Gemm": Rule(["alpha", "beta", "transA", "transB"]) {
      (it, step) throws(Unsupported) in try it.gemm(step)
    },
    "MatMul": Rule { (it, step) throws(Unsupported) in try it.product(step) },
    "GlobalAveragePool": Rule { (it, step) throws(Unsupported) in try it.globalPool(step) },
    "GlobalMaxPool": Rule { (it, step) throws(Unsupported) in try it.globalMaximum(step) },
    "MaxPool": Rule([
      "auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides",
    ]) { (it, step) throws(Unsupported) in try it.maxPool(step) },
    "AveragePool": Rule([
      "auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides",
    ]) { (it, step) throws(Unsupported) in try it.averagePool(step) },
    "ReduceMean": Rule(
      ["axes", "keepdims", "noop_with_empty_axes"], inputs: .init(["axes"], since: 18)
    ) {
      (it, step) throws(Unsupported) in try it.reduceMean(step)
    },
    "Softmax": Rule(["axis"]) { (it, step) throws(Unsupported) in try it.softmax(step) },
    "Pad": Rule(["mode", "pads", "value"], inputs: .init(["pads", "value"], since: 11)) {
      (it, step) throws(Unsupported) in try it.pad(step)
    },
    "Dropout": Rule(["ratio", "seed", "is_test"]) {
      (it, step) throws(Unsupported) in try it.dropout(step)
    },
    "Identity": Rule { (it, step) throws(Unsupported) in it.alias(step, to: try it.activation(step))
    },
    "Cast": Rule(["to", "saturate"]) { (it, step) throws(Unsupported) in try it.cast(step) },
    "Flatten": Rule(["axis"]) { (it, step) throws(Unsupported) in try it.flatten(step) },
    "Reshape": Rule(["allowzero"]) { (it, step) throws(Unsupported) in try it.reshape(step) },
    "Squeeze": Rule(["axes"], inputs: .init(["axes"], since: 13)) {
      (it, step) throws(Unsupported) in try it.squeeze(step)
    },
    "Unsqueeze": Rule(["axes"], inputs: .init(["axes"], since: 13)) {
      (it, step) throws(Unsupported) in try it.unsqueeze(step)
    },
    "Transpose": Rule(["perm"]) { (it, step) throws(Unsupported) in try it.transpose(step) },
    "Shape": Rule(["start", "end"]) { (it, step) throws(Unsupported) in try it.shape(step) },
  ]

  private static let functionRules: [String: Rule] = [
    "LeakyRelu": Rule(["alpha"]) { (it, step) throws(Unsupported) in try it.leakyReLU(step) },
    "PRelu": Rule { (it, step) throws(Unsupported) in try it.parametricReLU(step) },
    "Sigmoid": Rule { (it, step) throws(Unsupported) in try it.function(step, .sigmoid) },
    "Tanh": Rule { (it, step) throws(Unsupported) in try it.function(step, .tanh) },
    "HardSigmoid": Rule(["alpha", "beta"]) {
      (it, step) throws(Unsupported) in try it.hardSigmoid(step)
    },
    "HardSwish": Rule { (it, step) throws(Unsupported) in try it.function(step, .hardSwish) },
    "LRN": Rule(["alpha", "beta", "bias", "size"]) {
      (it, step) throws(Unsupported) in try it.localResponse(step)
    },
  ]

  private static let channelRules: [String: Rule] = [
    "Concat": Rule(["axis"]) { (it, step) throws(Unsupported) in try it.concatenate(step) },
    "Slice": Rule(
      ["axes", "starts", "ends"], inputs: .init(["starts", "ends", "axes"], since: 10)
    ) {
      (it, step) throws(Unsupported) in try it.slice(step)
    },
    "Split": Rule(
      ["axis", "split", "num_outputs"], inputs: .init(["split"], since: 13)
    ) {
      (it, step) throws(Unsupported) in try it.split(step)
    },
  ]

  private static let quantisedRules: [String: Rule] = [
    "QuantizeLinear": Rule(["axis", "block_size", "output_dtype", "saturate"]) {
      (it, step) throws(Unsupported) in try it.quantise(step)
    },
    "DequantizeLinear": Rule(["axis", "block_size"]) {
      (it, step) throws(Unsupported) in try it.dequantise(step)
    },
  ]

  private static let constantRules: [String: Rule] = [
    "Constant": Rule([
      "value", "value_float", "value_floats", "value_int", "value_ints",
    ]),
    "ConstantOfShape": Rule(["value"]),
    "Gather": Rule(["axis"]),
  ]
}
