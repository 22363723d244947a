import Graph
import Tensors

extension Translation {
  /// `Conv`; a 1 × 1 one on a vector becomes a fully connected layer.
  mutating func convolution(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    let weights = try constant(step, 1)
    let bias = try optionalConstant(step, 2)
    guard weights.dims.count == 4, weights.count > 0 else {
      throw Unsupported(why: "weights \(weights.dims); only 2-D convolutions are read")
    }
    let (outputs, kernel) = (weights.dims[0], [weights.dims[2], weights.dims[3]])
    guard bias.map({ $0.dims == [outputs] }) != false else {
      throw Unsupported(why: "bias \(bias?.dims ?? []) for \(outputs) outputs")
    }
    guard try step.ints("kernel_shape").map({ $0 == kernel }) != false else {
      throw Unsupported(why: "kernel_shape is not that of the weights \(weights.dims)")
    }
    let groups = try step.int("group", default: 1)
    var parameters: [(name: String, tensor: FloatTensor)] = []
    if let bias { parameters = [("bias", FloatTensor(shape: [outputs], elements: bias.floats))] }
    if image.layout == .vector, image.dims.count == 4, image.channelAxis == 1 {
      try requirePlain(step, kernel: kernel, groups: groups)
      guard weights.dims[1] == image.count else {
        throw Unsupported(why: "weights \(weights.dims) for \(image.count) channels")
      }
      let matrix = FloatTensor(shape: [outputs, image.count], elements: weights.floats)
      try emit(
        step, .fullyConnected, inputs: [image], parameters: [("weight", matrix)] + parameters,
        dims: [1, outputs, 1, 1], layout: .vector)
      var flat = weights
      flat.dims = [outputs, image.count]
      keepLayer(flat, bias: bias)
      return
    }
    guard image.layout == .channelsFirst else { throw Unsupported(why: layoutMessage(image)) }
    let window = try window(step, kernel: kernel, height: image.height, width: image.width)
    let dims = try Self.resultDims(window, image: image, outputs: outputs)
    let turned = weights.transposed([0, 2, 3, 1])
    let stored = FloatTensor(shape: turned.dims, elements: turned.floats)
    try emit(
      step, .convolution(window, groups: groups), inputs: [image],
      parameters: [("weight", stored)] + parameters, dims: dims, layout: .channelsFirst)
    keepLayer(turned, bias: bias)
  }

  /// Says which layout was expected.
  func layoutMessage(_ found: Activation) -> String {
    "its input is \(found.dims); expected batch, channels, height, width"
  }

  /// A convolution on one pixel must have a 1 × 1 kernel and no padding.
  private func requirePlain(_ step: Step, kernel: [Int], groups: Int) throws(Unsupported) {
    let pads = try step.ints("pads") ?? []
    guard kernel == [1, 1], groups == 1, pads.allSatisfy({ $0 == 0 }) else {
      throw Unsupported(why: "a \(kernel[0])×\(kernel[1]) kernel on a single pixel")
    }
  }

  /// The window that the attributes of a convolution or a pooling state.
  func window(
    _ step: Step, kernel: [Int], height: Int, width: Int
  ) throws(Unsupported) -> Window {
    let strides = try step.ints("strides") ?? [1, 1]
    let dilations = try step.ints("dilations") ?? [1, 1]
    let numbers = kernel + strides + dilations
    guard kernel.count == 2, strides.count == 2, dilations.count == 2,
      numbers.allSatisfy({ (1...1 << 14).contains($0) })
    else {
      throw Unsupported(why: "kernel \(kernel), strides \(strides), dilations \(dilations)")
    }
    var window = Window(
      height: kernel[0], width: kernel[1], strideY: strides[0], strideX: strides[1],
      dilationY: dilations[0], dilationX: dilations[1])
    window.padding = try padding(step, of: window, height: height, width: width)
    return window
  }

  private func padding(
    _ step: Step, of window: Window, height: Int, width: Int
  ) throws(Unsupported) -> Padding {
    let pads = try step.ints("pads") ?? [0, 0, 0, 0]
    switch try step.text("auto_pad", default: "NOTSET") {
    case "NOTSET", "":
      guard pads.count == 4, pads.allSatisfy({ (0...1 << 14).contains($0) }) else {
        throw Unsupported(why: "pads \(pads)")
      }
      return Padding(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
    case "VALID":
      return .none
    case "SAME_UPPER":
      return window.samePadding(height: height, width: width)
    case "SAME_LOWER":
      return window.samePadding(height: height, width: width, startsOdd: true)
    case let mode:
      throw Unsupported(why: "auto_pad \(mode)")
    }
  }

  /// Extents of what `window` makes of `image`.
  static func resultDims(
    _ window: Window, image: Activation, outputs: Int
  ) throws(Unsupported) -> [Int] {
    let reachY = (window.height - 1) * window.dilationY + 1
    let reachX = (window.width - 1) * window.dilationX + 1
    let height = image.height + window.padding.top + window.padding.bottom
    let width = image.width + window.padding.left + window.padding.right
    guard height >= reachY, width >= reachX else {
      throw Unsupported(why: "a window of \(reachY)×\(reachX) on \(height)×\(width)")
    }
    return [
      1, outputs, (height - reachY) / window.strideY + 1, (width - reachX) / window.strideX + 1,
    ]
  }
}
