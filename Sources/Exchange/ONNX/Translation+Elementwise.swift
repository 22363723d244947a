import Graph
import Tensors

extension Translation {
  /// `BatchNormalization` as it is at inference.
  mutating func batchNormalisation(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    guard try step.int("training_mode", default: 0) == 0, try step.int("spatial", default: 1) == 1
    else { throw Unsupported(why: "only its form at inference is read; export in eval mode") }
    guard image.layout == .channelsFirst || (image.layout == .vector && image.channelAxis == 1)
    else { throw Unsupported(why: layoutMessage(image)) }
    var parameters: [(name: String, tensor: FloatTensor)] = []
    for (index, name) in ["gamma", "beta", "mean", "variance"].enumerated() {
      let values = try constant(step, index + 1)
      guard values.dims == [image.channels] else {
        throw Unsupported(why: "\(name) \(values.dims) for \(image.channels) channels")
      }
      parameters.append((name, FloatTensor(shape: values.dims, elements: values.floats)))
    }
    let epsilon = try step.float("epsilon") ?? 1e-5
    try emit(
      step, .batchNormalisation(epsilon: epsilon), inputs: [image], parameters: parameters,
      dims: image.dims, layout: image.layout)
  }

  /// `Clip`, its limits as attributes or as inputs.
  mutating func clip(_ step: Step) throws(Unsupported) {
    var clamp = Clamp(low: try step.float("min"), high: try step.float("max"))
    if opset >= 11 {
      clamp.low = try limit(step, 1)
      clamp.high = try limit(step, 2)
    }
    if let low = clamp.low, low <= -Float.greatestFiniteMagnitude { clamp.low = nil }
    if let high = clamp.high, high >= Float.greatestFiniteMagnitude { clamp.high = nil }
    let image = try activation(step)
    if let type = image.byteType { clamp = try realLimits(clamp, of: image, type) }
    try self.clamp(step, clamp)
  }

  private func limit(_ step: Step, _ index: Int) throws(Unsupported) -> Float? {
    guard let constant = try optionalConstant(step, index) else { return nil }
    guard let limit = constant.scalar else {
      throw Unsupported(why: "limit of extents \(constant.dims), expected one number")
    }
    return limit
  }

  /// The limits `clamp` on every element.
  mutating func clamp(_ step: Step, _ clamp: Clamp) throws(Unsupported) {
    let image = try activation(step)
    if clamp.isNone { return alias(step, to: image) }
    try emit(step, .clamp, inputs: [image], clamp: clamp, dims: image.dims, layout: image.layout)
  }

  /// `Min` and `Max` of the image's data and one number.
  mutating func extremum(_ step: Step) throws(Unsupported) {
    guard step.inputs.count == 2 else { throw Unsupported(why: "\(step.inputs.count) inputs") }
    let place = isConstant(step, 0) ? 0 : 1
    let image = try activation(step, 1 - place)
    guard isConstant(step, place), let limit = try limit(step, place) else {
      throw Unsupported(why: "two results; one number is read as a limit")
    }
    let clamp = step.type == "Max" ? Clamp(low: limit) : Clamp(high: limit)
    try emit(step, .clamp, inputs: [image], clamp: clamp, dims: image.dims, layout: image.layout)
  }

  /// Whether the input at `index` is a constant.
  func isConstant(_ step: Step, _ index: Int) -> Bool {
    guard step.has(index), case .constant = known[step.inputs[index]] else { return false }
    return true
  }

  /// `Add` and `Sum` of two: of two results, or of a result and a constant.
  mutating func sum(_ step: Step) throws(Unsupported) {
    guard step.inputs.count == 2 else { throw Unsupported(why: "\(step.inputs.count) inputs") }
    if isConstant(step, 0) || isConstant(step, 1) {
      if try !addBias(step) { try affine(step) }
      return
    }
    let (first, second) = (try activation(step, 0), try activation(step, 1))
    guard first.dims == second.dims, first.layout == second.layout else {
      throw Unsupported(why: "\(first.dims) + \(second.dims); both must have the same extents")
    }
    try emit(step, .add, inputs: [first, second], dims: first.dims, layout: first.layout)
  }

  /// Makes a constant the bias of the fully connected layer before it; false if there is none.
  private mutating func addBias(_ step: Step) throws(Unsupported) -> Bool {
    let place = isConstant(step, 0) ? 0 : 1
    let vector = try activation(step, 1 - place)
    let bias = try constant(step, place)
    guard vector.layout == .vector, bias.count == vector.count,
      bias.dims.count <= vector.dims.count,
      bias.dims.elementsEqual(vector.dims.suffix(bias.dims.count)),
      isOnlyReader(step, of: 1 - place, named: vector.name), forms[vector.name] == nil,
      let index = nodes.lastIndex(where: { $0.output == vector.name }),
      nodes[index].operation == .fullyConnected, nodes[index].parameters.count == 1
    else { return false }
    let name = "\(nodes[index].name).bias"
    constants[name] = FloatTensor(shape: [bias.count], elements: bias.floats)
    nodes[index].parameters.append(name)
    nodes[index].output = step.output
    layers[nodes[index].name]?.bias = bias
    alias(step, to: Activation(name: step.output, dims: vector.dims, layout: .vector))
    return true
  }

  /// `Add`, `Sub`, `Mul`, `Div` with a constant per channel: a batch norm with mean 0, variance 1.
  mutating func affine(_ step: Step) throws(Unsupported) {
    guard step.inputs.count == 2 else { throw Unsupported(why: "\(step.inputs.count) inputs") }
    let place = isConstant(step, 0) ? 0 : 1
    guard isConstant(step, place) else {
      throw Unsupported(why: "two results; only a constant is read")
    }
    let image = try activation(step, 1 - place)
    try budget.charge(4 * image.channels)
    let values = try perChannel(try constant(step, place), of: image)
    let ones = [Float](repeating: 1, count: image.channels)
    let zeros = [Float](repeating: 0, count: image.channels)
    var (gamma, beta) = (ones, zeros)
    switch step.type {
    case "Mul": gamma = values
    case "Div" where place == 1: gamma = values.map { 1 / $0 }
    case "Sub" where place == 1: beta = values.map { -$0 }
    case "Sub": (gamma, beta) = (ones.map { -$0 }, values)
    case "Add", "Sum": beta = values
    default: throw Unsupported(why: "a constant divided by a result")
    }
    let parameters = [("gamma", gamma), ("beta", beta), ("mean", zeros), ("variance", ones)]
    try emit(
      step, .batchNormalisation(epsilon: 0), inputs: [image],
      parameters: parameters.map { ($0.0, FloatTensor(shape: [$0.1.count], elements: $0.1)) },
      dims: image.dims, layout: image.layout)
  }

  /// One number for each channel of `image`, as broadcasting gives them.
  private func perChannel(
    _ constant: Constant, of image: Activation
  ) throws(Unsupported) -> [Float] {
    if let scalar = constant.scalar, constant.dims.count <= image.dims.count {
      return [Float](repeating: scalar, count: image.channels)
    }
    let missing = image.dims.count - constant.dims.count
    let axis = image.channelAxis - missing
    guard missing >= 0, image.isMap || image.layout == .vector,
      constant.dims.indices.contains(axis),
      constant.dims[axis] == image.channels, constant.count == image.channels
    else {
      throw Unsupported(
        why: "a constant \(constant.dims) with \(image.dims); one number per channel is read")
    }
    return constant.floats
  }
}
