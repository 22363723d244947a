import Graph
import Tensors

/// The fp32 tail in ONNX.
extension GraphWriter {
  /// Appends a node of the tail.
  mutating func addTail(_ node: Node, to name: String? = nil) throws(ExchangeError) {
    if let name { rename(node.output, to: name) }
    let output = self.name(of: node.output)
    guard !node.clamp.isNone else { return try addOperator(node, to: output) }
    if node.operation == .clamp {
      return addLimits(node, self.name(of: node.inputs[0]), to: output)
    }
    let wide = unique("\(node.name)/wide")
    try addOperator(node, to: wide)
    addLimits(node, wide, to: output)
  }

  /// Appends `Clip` with the limits of the node's clamp.
  mutating func addLimits(_ node: Node, _ input: String, to output: String) {
    var inputs = [input, "", ""]
    if let low = node.clamp.low { inputs[1] = store("\(node.name)/low", floats: [low]) }
    if let high = node.clamp.high { inputs[2] = store("\(node.name)/high", floats: [high]) }
    while inputs.last == "" { inputs.removeLast() }
    add("Clip", inputs, to: output)
  }

  private mutating func addOperator(_ node: Node, to output: String) throws(ExchangeError) {
    let inputs = node.inputs.map { name(of: $0) }
    switch node.operation {
    case .convolution(let window, let groups):
      add("Conv", inputs + (try constants(node)), to: output, .window(window, groups: groups))
    case .fullyConnected:
      add("Gemm", inputs + (try constants(node)), to: output, [.int("transB", 1)])
    case .batchNormalisation(let epsilon):
      add(
        "BatchNormalization", inputs + (try constants(node)), to: output,
        [.float("epsilon", epsilon)])
    case .add:
      add("Add", inputs, to: output)
    case .clamp:
      add("Identity", inputs, to: output)
    case .pad(let padding):
      let pads = store("\(node.name)/pads", integers: Self.pads(padding))
      add("Pad", inputs + [pads], to: output)
    case .globalAveragePool:
      let axes = [ONNXAttribute.ints("axes", [2, 3]), .int("keepdims", 0)]
      add("ReduceMean", inputs, to: output, axes)
    case .flatten:
      addFlatten(node, to: output)
    case .softmax:
      add("Softmax", inputs, to: output, [.int("axis", 1)])
    case .maxPool(let window):
      add("MaxPool", inputs, to: output, .pool(window))
    case .averagePool(let window, let counted):
      try requireDense(node, window)
      addAverage(node, window, counted: counted, inputs[0], to: output)
    case .multiply:
      add("Mul", factors(node, inputs), to: output)
    case .concatenate:
      add("Concat", inputs, to: output, [.int("axis", 1)])
    case .slice(let start, let count):
      addSlice(node, start: start, count: count, to: output)
    case .channelShuffle(let groups):
      addShuffle(node, groups: groups, to: output)
    case .localResponseNormalisation(let response):
      addResponse(response, inputs[0], to: output)
    case .activation(let function):
      addFunction(node, function, inputs[0], to: output)
    }
  }

  /// Dilated means came with operator set 19, which fewer programs read.
  func requireDense(_ node: Node, _ window: Window) throws(ExchangeError) {
    guard window.dilationY == 1, window.dilationX == 1 else {
      throw .inexpressible(node: node.name, why: "its mean has a dilated window")
    }
  }

  private mutating func constants(_ node: Node) throws(ExchangeError) -> [String] {
    var names: [String] = []
    for (index, parameter) in node.parameters.enumerated() {
      guard let tensor = network.tensors[parameter] else {
        throw .inexpressible(node: node.name, why: "constant '\(parameter)' is not there")
      }
      let turned = Self.turned(tensor.floats(), tensor.shape)
      names.append(
        store("\(node.name)/constant_\(index)", floats: turned.elements, dims: turned.dims))
    }
    return names
  }
}
