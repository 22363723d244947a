import Graph
import Tensors

extension TFLiteTranslation {
  /// `CONV_2D`, whose weights `[output, height, width, input / groups]` are as Loam has them; on a vector
  /// it becomes a fully connected layer.
  mutating func convolution(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    let kernel = try constant(step, 1)
    guard kernel.dims.count == 4 else {
      throw Unsupported(why: "weights \(kernel.dims), expected four extents")
    }
    let outputs = kernel.dims[0]
    let clamp = try fusedClamp(step, 3)
    let channels = image.shape.channels
    guard channels.isMultiple(of: kernel.dims[3]) else {
      throw Unsupported(why: "weights \(kernel.dims) for \(channels) channels")
    }
    let window = try window(
      step, height: kernel.dims[1], width: kernel.dims[2], strides: (1, 2), dilations: (4, 5),
      over: image)
    if image.isVector {
      guard kernel.dims[1...] == [1, 1, channels] else {
        throw Unsupported(why: "weights \(kernel.dims) on a single pixel of \(channels) channels")
      }
      let parameters = try parameters(
        step, kernel, shape: [outputs, channels], input: image, axis: 0
      ) { $0 }
      try emit(
        step, .fullyConnected, inputs: [image], parameters: parameters, clamp: clamp,
        shape: [outputs], dims: [1, 1, 1, outputs])
      return
    }
    let parameters = try parameters(step, kernel, shape: kernel.dims, input: image, axis: 0) { $0 }
    let (height, width) = Self.extents(of: window, over: image.shape)
    try emit(
      step, .convolution(window, groups: channels / kernel.dims[3]), inputs: [image],
      parameters: parameters, clamp: clamp, shape: [height, width, outputs],
      dims: [1, height, width, outputs])
  }

  /// `DEPTHWISE_CONV_2D`, whose weights are `[1, height, width, outputs]`: several outputs of one channel
  /// stand side by side.
  mutating func depthwise(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    let kernel = try constant(step, 1)
    let channels = image.shape.channels
    guard kernel.dims.count == 4, kernel.dims[0] == 1, kernel.dims[3].isMultiple(of: channels),
      !image.isVector
    else {
      throw Unsupported(why: "weights \(kernel.dims) for \(image.shape)")
    }
    let (rows, columns, outputs) = (kernel.dims[1], kernel.dims[2], kernel.dims[3])
    let window = try window(
      step, height: rows, width: columns, strides: (1, 2), dilations: (5, 6), over: image)
    let taps = rows * columns
    let parameters = try parameters(
      step, kernel, shape: [outputs, rows, columns, 1], input: image, axis: 3
    ) { index in index % taps * outputs + index / taps }
    let (height, width) = Self.extents(of: window, over: image.shape)
    try emit(
      step, .convolution(window, groups: channels), inputs: [image], parameters: parameters,
      clamp: try fusedClamp(step, 4), shape: [height, width, outputs],
      dims: [1, height, width, outputs])
  }

  /// `FULLY_CONNECTED`; a map is flattened before it, height, width, channels.
  mutating func fullyConnected(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try flattened(step, try activation(step))
    let matrix = try constant(step, 1)
    guard matrix.dims.count == 2, matrix.dims[1] == image.shape.count else {
      throw Unsupported(why: "weights \(matrix.dims) for \(image.shape.count) inputs")
    }
    guard try option(step, 1, default: Int8(0)) == 0 else {
      throw Unsupported(why: "weights in a shuffled order")
    }
    let outputs = matrix.dims[0]
    let keepsExtents = try option(step, 2, default: UInt8(0)) != 0
    let parameters = try parameters(
      step, matrix, shape: matrix.dims, input: image, axis: 0
    ) { $0 }
    try emit(
      step, .fullyConnected, inputs: [image], parameters: parameters,
      clamp: try fusedClamp(step, 0), shape: [outputs],
      dims: keepsExtents ? image.dims.dropLast() + [outputs] : [1, outputs])
  }

  /// `image` as a vector: a node is added where it is a map.
  private mutating func flattened(
    _ step: TFLiteOperator, _ image: TFLiteActivation
  ) throws(Unsupported) -> TFLiteActivation {
    guard !image.isVector else { return image }
    return try insertFlatten(step, image)
  }

  /// The window of `step` over `image`; "same" padding puts the odd pixel below and to the right.
  ///
  /// - Parameters:
  ///   - strides: Fields of the strides along the width and the height.
  ///   - dilations: The same of the dilations, if the operator has them.
  func window(
    _ step: TFLiteOperator, height: Int, width: Int, strides: (x: Int, y: Int),
    dilations: (x: Int, y: Int)?, over image: TFLiteActivation
  ) throws(Unsupported) -> Window {
    let strideX = Int(try option(step, strides.x, default: Int32(0)))
    let strideY = Int(try option(step, strides.y, default: Int32(0)))
    var (dilationX, dilationY) = (1, 1)
    if let dilations {
      dilationX = Int(try option(step, dilations.x, default: Int32(1)))
      dilationY = Int(try option(step, dilations.y, default: Int32(1)))
    }
    guard [strideX, strideY, dilationX, dilationY, height, width].allSatisfy({ 1...4096 ~= $0 })
    else {
      throw Unsupported(
        why: "a \(height)×\(width) window with strides \(strideY)×\(strideX) and dilations "
          + "\(dilationY)×\(dilationX)")
    }
    var window = Window(
      height: height, width: width, strideY: strideY, strideX: strideX, dilationY: dilationY,
      dilationX: dilationX)
    switch try option(step, 0, default: Int8(0)) {
    case 0:
      let map = image.isVector ? Shape(1, 1, image.shape.count) : image.shape
      window.padding = window.samePadding(height: map.height, width: map.width)
    case 1: break
    case let other: throw Unsupported(why: "padding \(other)")
    }
    return window
  }

  /// Height and width of what `window` makes of a map; below 1 where it does not fit.
  static func extents(of window: Window, over map: Shape) -> (height: Int, width: Int) {
    let padding = window.padding
    let freeY = map.height + padding.top + padding.bottom - (window.height - 1) * window.dilationY
    let freeX = map.width + padding.left + padding.right - (window.width - 1) * window.dilationX
    guard freeY >= 1, freeX >= 1 else { return (0, 0) }
    return ((freeY - 1) / window.strideY + 1, (freeX - 1) / window.strideX + 1)
  }

  /// Weights and bias of `step` in Loam's `shape`.
  ///
  /// - Parameters:
  ///   - axis: Where the file has the outputs.
  ///   - source: Where the file has the element at a place of Loam's.
  private func parameters(
    _ step: TFLiteOperator, _ kernel: TFLiteConstant, shape: [Int], input: TFLiteActivation,
    axis: Int, source: (Int) -> Int
  ) throws(Unsupported) -> LayerParameters {
    let outputs = shape[0]
    let bias = try optionalConstant(step, 2)
    if let bias, bias.dims.reduce(1, *) != outputs {
      throw Unsupported(why: "bias \(bias.dims) for \(outputs) outputs")
    }
    guard isQuantised else {
      let floats = try kernel.floats()
      let turned = FloatTensor(shape: shape, elements: floats.indices.map { floats[source($0)] })
      guard let bias else { return .real([turned]) }
      return .real([turned, FloatTensor(shape: [outputs], elements: try bias.floats())])
    }
    guard let inputScale = quantisation[input.name]?.scale else {
      throw Unsupported(why: "its input is not quantised")
    }
    let bytes = try kernel.bytes()
    let (scales, zeroPoints) = try kernel.byteForm(slices: outputs, axis: axis)
    if let stated = bias?.tensor.quantisation?.scales, stated.count == 1 || stated.count == outputs
    {
      for output in 0..<outputs {
        let expected = Double(inputScale) * Double(scales[output])
        let found = Double(stated[stated.count == 1 ? 0 : output])
        // Old converters round a bias' scale by itself; LiteRT allows it the same.
        guard abs(found - expected) <= 0.02 * expected else {
          throw Unsupported(why: "a bias with a scale that is not input scale × weight scale")
        }
      }
    }
    return .bytes(
      ByteWeights(
        shape: shape, bytes: bytes.indices.map { bytes[source($0)] }, scales: scales,
        zeroPoints: zeroPoints,
        bias: try bias?.int32() ?? Array(repeating: 0, count: outputs), inputScale: inputScale))
  }
}
