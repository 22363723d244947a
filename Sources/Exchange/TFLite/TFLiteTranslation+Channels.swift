import Graph
import Tensors

extension TFLiteTranslation {
  /// `MAX_POOL_2D`; padding is never the greatest.
  mutating func maxPool(_ step: TFLiteOperator) throws(Unsupported) {
    let (image, window) = try pooling(step)
    let (height, width) = Self.extents(of: window, over: image.shape)
    try emit(
      step, .maxPool(window), inputs: [image], clamp: try fusedClamp(step, 5),
      shape: [height, width, image.shape.channels], dims: [1, height, width, image.shape.channels],
      keepsForm: true)
  }

  /// `AVERAGE_POOL_2D`; padding is not counted.
  mutating func averagePool(_ step: TFLiteOperator) throws(Unsupported) {
    let (image, window) = try pooling(step)
    let clamp = try fusedClamp(step, 5)
    let channels = image.shape.channels
    let isWhole = window.height == image.shape.height && window.width == image.shape.width
    if window.padding == .none, isWhole {
      return try emit(
        step, .globalAveragePool, inputs: [image], clamp: clamp, shape: [channels],
        dims: [1, 1, 1, channels])
    }
    let (height, width) = Self.extents(of: window, over: image.shape)
    try emit(
      step, .averagePool(window, counted: .none), inputs: [image], clamp: clamp,
      shape: [height, width, channels], dims: [1, height, width, channels])
  }

  /// The map and the window of a pooling step.
  private func pooling(
    _ step: TFLiteOperator
  ) throws(Unsupported) -> (image: TFLiteActivation, window: Window) {
    let image = try activation(step)
    guard !image.isVector else { throw Unsupported(why: "of a vector \(image.dims)") }
    let width = Int(try option(step, 3, default: Int32(0)))
    let height = Int(try option(step, 4, default: Int32(0)))
    let window = try window(
      step, height: height, width: width, strides: (1, 2), dilations: nil, over: image)
    return (image, window)
  }

  /// `CONCATENATION` along the channels.
  mutating func concatenation(_ step: TFLiteOperator) throws(Unsupported) {
    var images: [TFLiteActivation] = []
    for index in step.inputs.indices { images.append(try activation(step, index)) }
    guard let first = images.first, images.count <= 64 else {
      throw Unsupported(why: "of \(images.count) inputs")
    }
    let axis = Int(try option(step, 0, default: Int32(0)))
    guard axis == -1 || axis == first.dims.count - 1 else {
      throw Unsupported(why: "along axis \(axis) of \(first.dims)")
    }
    guard
      images.allSatisfy({
        $0.dims.dropLast() == first.dims.dropLast() && $0.isVector == first.isVector
      })
    else {
      throw Unsupported(why: "of \(images.map(\.dims))")
    }
    let channels = images.reduce(0) { $0 + $1.shape.channels }
    let clamp = try fusedClamp(step, 1)
    if images.count == 1 { return alias(step, to: first, dims: first.dims) }
    try emit(
      step, .concatenate, inputs: images, clamp: clamp,
      shape: first.shape.dimensions.dropLast() + [channels],
      dims: first.dims.dropLast() + [channels])
  }

  /// `SPLIT` of the channels into equal parts.
  mutating func split(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step, 1)
    let axes = try constant(step, 0).integers()
    let channels = image.shape.channels
    let parts = step.outputs.count
    guard let axis = axes.first, axes.count == 1, axis == -1 || axis == image.dims.count - 1 else {
      throw Unsupported(why: "along axes \(axes) of \(image.dims)")
    }
    guard parts >= 1, channels.isMultiple(of: parts) else {
      throw Unsupported(why: "of \(channels) channels into \(parts) parts")
    }
    for part in 0..<parts {
      try emitSlice(
        step, image, channels: (part * channels / parts)..<((part + 1) * channels / parts), at: part
      )
    }
  }

  /// `STRIDED_SLICE` of neighbouring channels.
  mutating func stridedSlice(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    let (begins, ends) = (try constant(step, 1).integers(), try constant(step, 2).integers())
    let strides = try constant(step, 3).integers()
    let (beginMask, endMask) = (
      try option(step, 0, default: Int32(0)), try option(step, 1, default: Int32(0))
    )
    var others: Int32 = 0
    for field in 2...4 { others |= try option(step, field, default: Int32(0)) }
    guard try option(step, 5, default: UInt8(0)) == 0 else {
      throw Unsupported(why: "ends that are distances from the begins; convert it without offset")
    }
    let rank = image.dims.count
    guard begins.count == rank, ends.count == rank, strides == Array(repeating: 1, count: rank),
      others == 0
    else {
      throw Unsupported(why: "from \(begins) to \(ends) by \(strides)")
    }
    var ranges: [Range<Int>] = []
    for axis in 0..<rank {
      let extent = image.dims[axis]
      func place(_ value: Int) -> Int { max(0, min(extent, value < 0 ? value + extent : value)) }
      let low = beginMask >> axis & 1 == 1 ? 0 : place(begins[axis])
      let high = endMask >> axis & 1 == 1 ? extent : place(ends[axis])
      guard low < high, axis == rank - 1 || high - low == extent else {
        throw Unsupported(why: "from \(begins) to \(ends) of \(image.dims)")
      }
      ranges.append(low..<high)
    }
    guard let channels = ranges.last else { throw Unsupported(why: "of \(image.dims)") }
    try emitSlice(step, image, channels: channels, at: 0)
  }

  private mutating func emitSlice(
    _ step: TFLiteOperator, _ image: TFLiteActivation, channels: Range<Int>, at place: Int
  ) throws(Unsupported) {
    try emit(
      step, .slice(start: channels.lowerBound, count: channels.count), inputs: [image],
      shape: image.shape.dimensions.dropLast() + [channels.count],
      dims: image.dims.dropLast() + [channels.count], keepsForm: true, at: place)
  }
}
