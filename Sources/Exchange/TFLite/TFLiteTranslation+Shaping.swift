import Graph
import Tensors

extension TFLiteTranslation {
  /// `MEAN` over height and width.
  mutating func mean(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    let keepsExtents = try option(step, 0, default: UInt8(0)) != 0
    let axes = Set(try constant(step, 1).integers().map { $0 < 0 ? $0 + image.dims.count : $0 })
    guard !image.isVector, axes == [1, 2] else {
      throw Unsupported(why: "over axes \(axes.sorted()) of \(image.dims)")
    }
    let channels = image.shape.channels
    try emit(
      step, .globalAveragePool, inputs: [image], shape: [channels],
      dims: keepsExtents ? [1, 1, 1, channels] : [1, channels])
  }

  /// `PAD` with zeros around a map.
  mutating func pad(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    let sides = try constant(step, 1)
    let counts = try sides.integers()
    guard !image.isVector, sides.dims == [4, 2], counts.allSatisfy({ 0...4096 ~= $0 }),
      counts[0] + counts[1] + counts[6] + counts[7] == 0
    else {
      throw Unsupported(why: "by \(counts) around \(image.dims)")
    }
    let padding = Padding(top: counts[2], left: counts[4], bottom: counts[3], right: counts[5])
    let height = image.shape.height + counts[2] + counts[3]
    let width = image.shape.width + counts[4] + counts[5]
    try emit(
      step, .pad(padding), inputs: [image], shape: [height, width, image.shape.channels],
      dims: [1, height, width, image.shape.channels], keepsForm: true)
  }

  /// `RESHAPE` and `SQUEEZE`: a map to a vector, or extents of 1 that come and go.
  mutating func reshape(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    guard let output = step.outputs.first else { throw Unsupported(why: "no result") }
    var dims = model.tensors[output].dims
    if let open = dims.firstIndex(where: { $0 < 1 }) {
      var rest = 1
      for (axis, extent) in dims.enumerated() where axis != open {
        let (product, overflow) = rest.multipliedReportingOverflow(by: max(1, extent))
        guard !overflow else { throw Unsupported(why: "\(image.dims) to \(dims)") }
        rest = product
      }
      dims[open] = open == 0 && rest == image.shape.count ? 1 : image.shape.count / max(1, rest)
    }
    let extents = dims.filter { $0 != 1 }
    let count = image.shape.count
    guard dims.count >= 1, Shape(validating: dims)?.count == count else {
      throw Unsupported(why: "\(image.dims) to \(dims)")
    }
    try requireSameForm(step, image)
    if image.isVector, extents.count <= 1 {
      return alias(step, to: image, dims: dims)
    }
    if dims.count == 4, dims[0] == 1, Array(dims[1...]) == image.shape.dimensions {
      return alias(step, to: image, dims: dims)
    }
    guard extents.count <= 1, dims.last == count else {
      throw Unsupported(why: "\(image.dims) to \(dims)")
    }
    try emit(
      step, .flatten, inputs: [image], shape: [image.shape.count], dims: dims, keepsForm: true)
  }

  /// Refuses a step that changes the scale where it may only change the extents.
  private func requireSameForm(
    _ step: TFLiteOperator, _ image: TFLiteActivation
  ) throws(Unsupported) {
    guard isQuantised, let output = step.outputs.first else { return }
    guard try form(ofTensor: output) == quantisation[image.name] else {
      throw Unsupported(why: "its result has another scale or zero point than its input")
    }
  }

  /// `SOFTMAX` of a vector.
  mutating func softmax(_ step: TFLiteOperator) throws(Unsupported) {
    let image = try activation(step)
    let beta = Float(bitPattern: try option(step, 0, default: UInt32(0)))
    guard beta == 1 else { throw Unsupported(why: "beta \(beta)") }
    guard image.isVector else { throw Unsupported(why: "over the channels of \(image.dims)") }
    try emit(
      step, .softmax, inputs: [image], shape: image.shape.dimensions, dims: image.dims)
  }

  /// `QUANTIZE` and `DEQUANTIZE`: nothing at the ends, another scale within.
  mutating func convert(_ step: TFLiteOperator) throws(Unsupported) {
    guard let input = step.inputs.first, input >= 0, let output = step.outputs.first else {
      throw Unsupported(why: "no input or result")
    }
    guard case .activation(let image) = values[input] else {
      // Weights kept as halves or bytes; whoever reads them turns them back.
      return alias(step, to: try constant(step, 0))
    }
    guard isQuantised else {
      throw Unsupported(why: "in an fp32 network")
    }
    let target = try form(ofTensor: output)
    guard let target, let source = quantisation[image.name] else {
      // From numbers to bytes at the entrance, from bytes to numbers at the end.
      if let target { setForm(of: image.name, to: target) }
      return alias(step, to: image, dims: image.dims)
    }
    if source == target { return alias(step, to: image, dims: image.dims) }
    try emit(
      step, .clamp, inputs: [image], shape: image.shape.dimensions, dims: image.dims)
  }
}
