import Graph

extension Translation {
  /// `MaxPool`.
  mutating func maxPool(_ step: Step) throws(Unsupported) {
    guard let (image, given) = try pooling(step) else { return }
    guard step.outputs.dropFirst().allSatisfy(\.isEmpty) else {
      throw Unsupported(why: "indices of the greatest elements")
    }
    let window = try widened(step, given, on: image)
    try emit(
      step, .maxPool(window), inputs: [image],
      dims: try Self.resultDims(window, image: image, outputs: image.channels),
      layout: image.layout)
  }

  /// `AveragePool`; of the whole map it is a global one.
  mutating func averagePool(_ step: Step) throws(Unsupported) {
    guard let (image, given) = try pooling(step) else { return }
    if given
      == Window(
        height: image.height, width: image.width, strideY: given.strideY,
        strideX: given.strideX)
    {
      return try emit(
        step, .globalAveragePool, inputs: [image], dims: [1, image.channels, 1, 1],
        layout: .vector)
    }
    let countsPadding = try step.int("count_include_pad", default: 0) != 0
    let window = try widened(step, given, on: image)
    try emit(
      step, .averagePool(window, counted: countsPadding ? given.padding : .none), inputs: [image],
      dims: try Self.resultDims(window, image: image, outputs: image.channels),
      layout: image.layout)
  }

  /// `GlobalMaxPool`: one window over the whole map.
  mutating func globalMaximum(_ step: Step) throws(Unsupported) {
    let image = try activation(step)
    if isPixel(image) { return alias(step, to: image) }
    guard image.layout == .channelsFirst else { throw Unsupported(why: layoutMessage(image)) }
    try emit(
      step, .maxPool(Window(height: image.height, width: image.width)), inputs: [image],
      dims: [1, image.channels, 1, 1], layout: image.layout)
  }

  /// Whether `image` is one pixel kept as a vector.
  func isPixel(_ image: Activation) -> Bool {
    image.layout == .vector && image.dims.count == 4 && image.count == image.dims[1]
  }

  /// What a pooling reads and its window as the attributes state it; `nil` if its result is its
  /// input, which is then known.
  private mutating func pooling(
    _ step: Step
  ) throws(Unsupported) -> (image: Activation, window: Window)? {
    let image = try activation(step)
    guard image.layout == .channelsFirst || isPixel(image) else {
      throw Unsupported(why: layoutMessage(image))
    }
    guard let kernel = try step.ints("kernel_shape"), kernel.count == 2 else {
      throw Unsupported(why: "attribute 'kernel_shape'; only 2-D pooling is read")
    }
    guard try step.int("storage_order", default: 0) == 0 else {
      throw Unsupported(why: "attribute 'storage_order'")
    }
    let (height, width) = (image.dims[2], image.dims[3])
    let window = try window(step, kernel: kernel, height: height, width: width)
    if window == Window(height: 1, width: 1) {
      alias(step, to: image)
      return nil
    }
    guard image.isMap else {
      throw Unsupported(why: "a \(kernel[0])×\(kernel[1]) window on a single pixel")
    }
    return (image, window)
  }

  /// `window` with more padding after the map where `ceil_mode` lets a last window begin on the map
  /// or on the padding before it that reaches beyond.
  private func widened(
    _ step: Step, _ window: Window, on image: Activation
  ) throws(Unsupported) -> Window {
    guard try step.int("ceil_mode", default: 0) != 0 else { return window }
    var result = window
    let (top, left) = (window.padding.top, window.padding.left)
    result.padding.bottom = Self.endPadding(
      extent: image.height, reach: (window.height - 1) * window.dilationY + 1,
      stride: window.strideY, before: top, after: window.padding.bottom)
    result.padding.right = Self.endPadding(
      extent: image.width, reach: (window.width - 1) * window.dilationX + 1,
      stride: window.strideX, before: left, after: window.padding.right)
    return result
  }

  private static func endPadding(
    extent: Int, reach: Int, stride: Int, before: Int, after: Int
  ) -> Int {
    let free = max(0, extent + before + after - reach)
    var last = (free + stride - 1) / stride
    if last * stride >= extent + before { last -= 1 }
    return max(after, last * stride + reach - extent - before)
  }
}
