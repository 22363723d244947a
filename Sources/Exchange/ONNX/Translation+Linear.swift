import Graph
import Tensors

extension Translation {
  /// `Gemm` on a row: a fully connected layer.
  mutating func gemm(_ step: Step) throws(Unsupported) {
    var vector = try activation(step)
    let weights = try constant(step, 1)
    if try step.int("transA", default: 0) != 0 { vector.dims.reverse() }
    guard weights.dims.count == 2, weights.count > 0 else {
      throw Unsupported(why: "weights \(weights.dims), expected a matrix")
    }
    let transposed = try step.int("transB", default: 0) != 0
    let matrix = transposed ? weights : weights.transposed([1, 0])
    let bias = try optionalConstant(step, 2)
    try connect(
      step, vector, matrix, bias: bias, alpha: try step.float("alpha") ?? 1,
      beta: try step.float("beta") ?? 1)
  }

  /// `MatMul` of a row and a constant matrix: a fully connected layer without a bias.
  mutating func product(_ step: Step) throws(Unsupported) {
    let vector = try activation(step)
    let weights = try constant(step, 1)
    guard weights.dims.count == 2, weights.count > 0 else {
      throw Unsupported(why: "\(vector.dims) × \(weights.dims), expected a row × a matrix")
    }
    try connect(step, vector, weights.transposed([1, 0]), bias: nil, alpha: 1, beta: 1)
  }

  /// Emits `alpha · matrix × vector + beta · bias`, with `matrix` `[outputs, inputs]` as the file
  /// orders the inputs.
  private mutating func connect(
    _ step: Step, _ vector: Activation, _ matrix: Constant, bias: Constant?, alpha: Float,
    beta: Float
  ) throws(Unsupported) {
    let (outputs, inputs) = (matrix.dims[0], matrix.dims[1])
    guard !vector.isMap, vector.dims.last == inputs, vector.count == inputs else {
      throw Unsupported(why: "\(vector.dims) × a matrix of \(inputs) inputs; flatten it first")
    }
    var stored = matrix
    if case .scrambled(let channels, let area) = vector.layout {
      let order = Activation.order(channels: channels, area: area)
      let indices = (0..<outputs).flatMap { row in order.map { row * inputs + $0 } }
      stored = matrix.gathering(indices, dims: matrix.dims)
      stored.bytes = matrix.bytes.map { $0.gathering(indices, axis: $0.axis) }
    }
    var elements = stored.floats
    if alpha != 1 { elements = elements.map { $0 * alpha } }
    var parameters = [("weight", FloatTensor(shape: [outputs, inputs], elements: elements))]
    if let bias {
      guard bias.dims.count <= 2,
        bias.count == 1 || (bias.count == outputs && bias.dims.last == outputs)
      else { throw Unsupported(why: "bias \(bias.dims) for \(outputs) outputs") }
      let values = bias.floats.map { $0 * beta }
      let spread = values.count == outputs ? values : [Float](repeating: values[0], count: outputs)
      parameters.append(("bias", FloatTensor(shape: [outputs], elements: spread)))
    }
    try emit(
      step, .fullyConnected, inputs: [vector],
      parameters: parameters.map { (name: $0.0, tensor: $0.1) },
      dims: vector.dims.dropLast() + [outputs], layout: .vector)
    if beta != 1 { stored.bytes = nil }
    try stored.bytes?.scale(by: alpha)
    keepLayer(stored, bias: bias)
  }

  /// `Softmax` over the channels.
  mutating func softmax(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    if case .grouped = image.layout { throw Unsupported(why: "\(image.dims), grouped channels") }
    let standard = opset >= 13 ? -1 : 1
    let axis = try resolve(axis: try step.int("axis", default: standard), rank: image.dims.count)
    let isWhole =
      opset >= 13
      ? axis == image.channelAxis || image.count == image.dims[axis]
      : !image.isMap && image.dims[..<axis].allSatisfy { $0 == 1 }
    guard isWhole else { throw Unsupported(why: "axis \(axis) of \(image.dims), not the channels") }
    try emit(step, .softmax, inputs: [image], dims: image.dims, layout: image.layout)
  }
}
