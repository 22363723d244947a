import Graph
import Tensors

extension Translation {
  /// A function of each element.
  mutating func function(_ step: Step, _ function: ActivationFunction) throws(Unsupported) {
    let image = try activation(step)
    try emit(step, .activation(function), inputs: [image], dims: image.dims, layout: image.layout)
  }

  /// `LeakyRelu`.
  mutating func leakyReLU(_ step: Step) throws(Unsupported) {
    try function(step, .leakyReLU(slope: try step.float("alpha") ?? 0.01))
  }

  /// `PRelu` with one slope.
  mutating func parametricReLU(_ step: Step) throws(Unsupported) {
    guard let slope = try constant(step, 1).uniform else {
      throw Unsupported(why: "a slope for each channel; one for all is read")
    }
    try function(step, .leakyReLU(slope: slope))
  }

  /// `HardSigmoid`.
  mutating func hardSigmoid(_ step: Step) throws(Unsupported) {
    try function(
      step,
      .hardSigmoid(slope: try step.float("alpha") ?? 0.2, offset: try step.float("beta") ?? 0.5))
  }

  /// `LRN` across channels.
  mutating func localResponse(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    guard image.layout == .channelsFirst else { throw Unsupported(why: layoutMessage(image)) }
    guard step.has(attribute: "size") else { throw Unsupported(why: "attribute 'size' is missing") }
    let response = LocalResponse(
      size: try step.int("size", default: 1), alpha: try step.float("alpha") ?? 1e-4,
      beta: try step.float("beta") ?? 0.75, bias: try step.float("bias") ?? 1)
    try emit(
      step, .localResponseNormalisation(response), inputs: [image], dims: image.dims,
      layout: image.layout)
  }

  /// `Mul`: of two results, the second maybe a factor for each channel, or of a result and a
  /// constant.
  mutating func multiply(_ step: Step) throws(Unsupported) {
    guard step.inputs.count == 2, !isConstant(step, 0), !isConstant(step, 1) else {
      return try affine(step)
    }
    let (first, second) = (try activation(step, 0), try activation(step, 1))
    let isSame = first.dims == second.dims && first.layout == second.layout
    guard isSame || isFactor(second, of: first) || isFactor(first, of: second) else {
      throw Unsupported(
        why: "\(first.dims) × \(second.dims); one extent or a factor for each channel is read")
    }
    let inputs = isSame || isFactor(second, of: first) ? [first, second] : [second, first]
    try emit(
      step, .multiply, inputs: inputs, dims: inputs[0].dims, layout: inputs[0].layout)
  }

  /// Whether `factor` has one number for each channel of the map `image`.
  private func isFactor(_ factor: Activation, of image: Activation) -> Bool {
    guard image.isMap, factor.dims.count == 4, factor.layout == .vector || factor.isMap else {
      return false
    }
    var pixel = [1, 1, 1, 1]
    pixel[image.channelAxis] = image.channels
    return factor.dims == pixel
  }
}

extension Constant {
  /// The number that every element is, `nil` if they differ or there is none.
  var uniform: Float? {
    let values = floats
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}
