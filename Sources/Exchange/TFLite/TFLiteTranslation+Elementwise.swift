import Graph
import Tensors

extension TFLiteTranslation {
  /// `ADD` of two results of one shape, or of a constant for each channel.
  mutating func sum(_ step: TFLiteOperator) throws(Unsupported) {
    let clamp = try fusedClamp(step, 0)
    if let place = constantPlace(step) {
      return try affine(step, constantAt: place, clamp: clamp) { constants in
        (constants.map { _ in 1 }, constants)
      }
    }
    let (first, second) = (try activation(step, 0), try activation(step, 1))
    guard first.shape == second.shape else {
      throw Unsupported(why: "of \(first.shape) and \(second.shape)")
    }
    try emit(
      step, .add, inputs: [first, second], clamp: clamp, shape: first.shape.dimensions,
      dims: first.dims)
  }

  /// `MUL` of two results of one shape, of a map and a factor for each channel, or by a constant.
  mutating func product(_ step: TFLiteOperator) throws(Unsupported) {
    let clamp = try fusedClamp(step, 0)
    if let place = constantPlace(step) {
      return try affine(step, constantAt: place, clamp: clamp) { constants in
        (constants, constants.map { _ in 0 })
      }
    }
    var (first, second) = (try activation(step, 0), try activation(step, 1))
    if first.shape.count < second.shape.count { swap(&first, &second) }
    guard
      first.shape == second.shape
        || !first.isVector && second.shape.count == first.shape.channels
          && second.dims.last == first.shape.channels
    else {
      throw Unsupported(why: "of \(first.shape) and \(second.shape)")
    }
    try emit(
      step, .multiply, inputs: [first, second], clamp: clamp, shape: first.shape.dimensions,
      dims: first.dims)
  }

  /// Which of two inputs is constant, `nil` if both are the image's data.
  private func constantPlace(_ step: TFLiteOperator) -> Int? {
    step.inputs.count == 2 ? (0..<2).first { (try? activation(step, $0)) == nil } : nil
  }

  /// A factor and a shift for each channel, from a constant of one element or one a channel.
  private mutating func affine(
    _ step: TFLiteOperator, constantAt place: Int, clamp: Clamp,
    _ make: ([Float]) -> (factors: [Float], shifts: [Float])
  ) throws(Unsupported) {
    let image = try activation(step, 1 - place)
    let constant = try constant(step, place)
    let channels = image.shape.channels
    var values = try constant.floats()
    guard values.count == 1 || values.count == channels && constant.dims.last == channels else {
      throw Unsupported(why: "of \(image.dims) and a constant \(constant.dims)")
    }
    guard !isQuantised else { throw Unsupported(why: "with a constant, in a quantised network") }
    try charge(4 * channels)
    if values.count == 1 { values = Array(repeating: values[0], count: channels) }
    let (factors, shifts) = make(values)
    let shape = [channels]
    try emit(
      step, .batchNormalisation(epsilon: 0), inputs: [image],
      parameters: .real([
        FloatTensor(shape: shape, elements: factors), FloatTensor(shape: shape, elements: shifts),
        FloatTensor(shape: shape, elements: Array(repeating: 0, count: channels)),
        FloatTensor(shape: shape, elements: Array(repeating: 1, count: channels)),
      ]), clamp: clamp, shape: image.shape.dimensions, dims: image.dims)
  }

  /// A limit by itself.
  mutating func clamp(_ step: TFLiteOperator, _ clamp: Clamp) throws(Unsupported) {
    let image = try activation(step)
    try emit(
      step, .clamp, inputs: [image], clamp: clamp, shape: image.shape.dimensions, dims: image.dims)
  }

  /// A function of each element.
  mutating func function(
    _ step: TFLiteOperator, _ function: ActivationFunction
  ) throws(Unsupported) {
    let image = try activation(step)
    try emit(
      step, .activation(function), inputs: [image], shape: image.shape.dimensions, dims: image.dims)
  }

  /// `LOCAL_RESPONSE_NORMALIZATION`, whose alpha is not yet divided by the number of channels.
  mutating func localResponse(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    let radius = Int(try option(step, 0, default: Int32(0)))
    guard (0...4096).contains(radius) else { throw Unsupported(why: "radius \(radius)") }
    let size = 2 * radius + 1
    let response = LocalResponse(
      size: size, alpha: try number(step, 2) * Float(size), beta: try number(step, 3),
      bias: try number(step, 1))
    try emit(
      step, .localResponseNormalisation(response), inputs: [image],
      shape: image.shape.dimensions, dims: image.dims)
  }

  /// The fp32 number in option `field`, 0 if absent.
  func number(_ step: TFLiteOperator, _ field: Int) throws(Unsupported) -> Float {
    let number = Float(bitPattern: try option(step, field, default: UInt32(0)))
    guard number.isFinite else { throw Unsupported(why: "option \(field) is \(number)") }
    return number
  }
}
