import Graph
import Tensors

extension TFLiteTranslation {
  /// What a node's constants are called, in their order.
  private static let parameterNames = ["weight", "bias", "mean", "variance"]

  /// Appends a node for `step`, whose result at output `place` has `shape` and the extents `dims`.
  ///
  /// - Parameter keepsForm: whether the result must be quantised like the first input.
  mutating func emit(
    _ step: TFLiteOperator, _ operation: Operation, inputs: [TFLiteActivation],
    parameters: LayerParameters = .none, clamp: Clamp = .none, shape: [Int], dims: [Int],
    keepsForm: Bool = false, at place: Int = 0
  ) throws(Unsupported) {
    guard let shape = Shape(validating: shape), step.outputs.indices.contains(place) else {
      throw Unsupported(why: "a result of \(shape)")
    }
    let output = step.outputs[place]
    let stated = model.tensors[output].dims
    if checksExtents, stated.count == dims.count,
      !zip(stated, dims).dropFirst()
        .allSatisfy({ $0 == -1 || $0 == $1 })
    {
      throw Unsupported(why: "its result is \(dims), the file states \(stated)")
    }
    guard nodes.count < Graph.mostNodes else {
      throw Unsupported(why: "more than \(Graph.mostNodes) layers")
    }
    let form = try form(ofTensor: output)
    if isQuantised {
      guard let form else {
        throw Unsupported(why: "an fp32 result in a quantised network")
      }
      if keepsForm, let given = quantisation[inputs[0].name], given != form {
        throw Unsupported(why: "its result has another scale or zero point than its input")
      }
    } else if form != nil {
      throw Unsupported(why: "a quantised result in an fp32 network")
    }
    let name = uniqueName(ofTensor: output)
    var stored: [String] = []
    switch parameters {
    case .none: break
    case .real(let real):
      for (index, tensor) in real.enumerated() {
        stored.append("\(name).\(Self.parameterNames[index])")
        constants[stored[index]] = tensor
      }
    case .bytes(let bytes):
      weights[name] = bytes
      stored = ["\(name).weight", "\(name).bias"]
    }
    nodes.append(
      Node(
        name: name, operation: operation, inputs: inputs.map(\.name), parameters: stored,
        output: name, clamp: clamp))
    if isQuantised { quantisation[name] = form }
    values[output] = .activation(TFLiteActivation(name: name, shape: shape, dims: dims))
  }

  /// Adds a node before `step` that makes a vector of the map `image`.
  mutating func insertFlatten(
    _ step: TFLiteOperator, _ image: TFLiteActivation
  ) throws(Unsupported) -> TFLiteActivation {
    guard let shape = Shape(validating: [image.shape.count]) else {
      throw Unsupported(why: "an input of \(image.shape)")
    }
    let name = uniqueName(TFLiteName.short(step.name) + ".flat")
    nodes.append(Node(name: name, operation: .flatten, inputs: [image.name], output: name))
    quantisation[name] = quantisation[image.name]
    return TFLiteActivation(name: name, shape: shape, dims: [1, image.shape.count])
  }
}

/// The constants of a node.
enum LayerParameters {
  case none
  /// At most four, in the order that `Operation` states.
  case real([FloatTensor])
  case bytes(ByteWeights)
}
