import Graph
import Kernels
import Tensors

/// A convolution by matrix products over gathered rows, or over the activations as they lie.
final class FloatConvolution: FloatStep {
  private let place: FloatPlace
  private let gatherer: Gatherer<Float>
  private let weights: FloatWeights
  private let bias: [Float]
  private let stripPixels: Int
  private let strip: WorkMemory<Float>

  init(_ place: FloatPlace, _ geometry: Geometry, weights: FloatWeights, bias: [Float]) {
    self.place = place
    self.weights = weights
    self.bias = bias
    gatherer = Gatherer(geometry: geometry, zero: 0)
    stripPixels = min(geometry.pixels, max(1, (16 << 10) / geometry.depth))
    let isPointwise = geometry.isPointwise
    strip = WorkMemory(count: isPointwise ? 0 : stripPixels * geometry.depth, filledWith: 0)
  }

  func run(_ arena: WorkMemory<Float>) {
    let geometry = gatherer.geometry
    let (outputs, bias) = (geometry.output.channels, bias)
    if geometry.isPointwise {
      weights.multiply(
        arena.read(place.source), rows: geometry.pixels, outputs: 0..<outputs, bias: bias.span,
        into: arena, at: place.target.lowerBound, outStride: outputs, kernels: place.kernels)
    } else {
      runStrips(arena)
    }
    var out = arena.write(place.target)
    place.finish(&out)
  }

  private func runStrips(_ arena: WorkMemory<Float>) {
    let geometry = gatherer.geometry
    var first = 0
    while first < geometry.pixels {
      let pixels = first..<min(geometry.pixels, first + stripPixels)
      for group in 0..<geometry.groups { runStrip(arena, pixels, group: group) }
      first = pixels.upperBound
    }
  }

  private func runStrip(_ arena: WorkMemory<Float>, _ pixels: Range<Int>, group: Int) {
    let geometry = gatherer.geometry
    let (outputs, depth, channels) = (
      geometry.groupOutputs, geometry.depth, geometry.output.channels
    )
    let (strip, bias) = (strip, bias)
    gatherer.gather(
      pixels: pixels, group: group, from: arena, Rows(place.source.lowerBound, geometry.input),
      to: strip)
    let rows = strip.read(0..<(pixels.count * depth))
    let range = (group * outputs)..<((group + 1) * outputs)
    let start = place.target.lowerBound + pixels.lowerBound * channels
    weights.multiply(
      rows, rows: pixels.count, outputs: range, bias: bias.span.extracting(range), into: arena,
      at: start + group * outputs, outStride: channels, kernels: place.kernels)
  }
}

/// A depthwise convolution, a row of output pixels at a time.
final class FloatDepthwise: FloatStep {
  private let place: FloatPlace
  private let geometry: Geometry
  private let weights: [Float]
  private let bias: [Float]
  private let zeros: WorkMemory<Float>
  private let pointers: PointerRow<Float>

  init(_ place: FloatPlace, _ geometry: Geometry, weights: [Float], bias: [Float]) {
    self.place = place
    self.geometry = geometry
    self.weights = geometry.tapMajor(weights.span)
    self.bias = bias
    zeros = WorkMemory(count: geometry.input.channels, filledWith: 0)
    pointers = PointerRow(count: geometry.pointerCount)
  }

  func run(_ arena: WorkMemory<Float>) {
    let rowElements = geometry.output.width * geometry.output.channels
    let (weights, bias) = (weights, bias)
    let source = Rows(place.source.lowerBound, geometry.input)
    for row in 0..<geometry.output.height {
      pointers.point(to: arena, source, padding: zeros, geometry: geometry, row: row)
      let start = place.target.lowerBound + row * rowElements
      var out = arena.write(start..<(start + rowElements))
      unsafe depthwiseF32(
        rows: pointers.base, pixels: geometry.output.width, rowStep: geometry.rowStep,
        taps: geometry.taps, channels: geometry.input.channels, weights: weights.span,
        bias: bias.span, into: &out, low: place.clamp.low ?? -.infinity,
        high: place.clamp.high ?? .infinity, kernels: place.kernels)
    }
  }
}

/// A fully connected layer.
final class FloatDense: FloatStep {
  private let place: FloatPlace
  private let outputs: Int
  private let weights: FloatWeights
  private let bias: [Float]

  init(_ place: FloatPlace, outputs: Int, weights: FloatWeights, bias: [Float]) {
    self.place = place
    self.outputs = outputs
    self.weights = weights
    self.bias = bias
  }

  func run(_ arena: WorkMemory<Float>) {
    let bias = bias
    weights.multiply(
      arena.read(place.source), rows: 1, outputs: 0..<outputs, bias: bias.span, into: arena,
      at: place.target.lowerBound, outStride: outputs, kernels: place.kernels)
    var out = arena.write(place.target)
    place.finish(&out)
  }
}

/// A batch normalisation that was not folded.
final class FloatAffine: FloatStep {
  private let place: FloatPlace
  private var scale: [Float] = []
  private var shift: [Float] = []

  init(_ place: FloatPlace, _ constants: [[Float]], epsilon: Float) {
    self.place = place
    for channel in constants[0].indices {
      let factor =
        Double(constants[0][channel])
        / (Double(constants[3][channel]) + Double(epsilon)).squareRoot()
      scale.append(Float(factor))
      shift.append(Float(Double(constants[1][channel]) - Double(constants[2][channel]) * factor))
    }
  }

  func run(_ arena: WorkMemory<Float>) {
    let input = arena.read(place.source)
    var out = arena.write(place.target)
    for index in input.indices {
      let channel = index % scale.count
      out[index] = input[index] * scale[channel] + shift[channel]
    }
    place.finish(&out)
  }
}

/// An element-wise sum or product, the second input once a channel where it is shorter.
final class FloatPair: FloatStep {
  private let place: FloatPlace
  private let other: Range<Int>
  private let isProduct: Bool

  init(_ place: FloatPlace, other: Range<Int>, isProduct: Bool) {
    self.place = place
    self.other = other
    self.isProduct = isProduct
  }

  func run(_ arena: WorkMemory<Float>) {
    let (first, second) = (arena.read(place.source), arena.read(other))
    var out = arena.write(place.target)
    for start in stride(from: 0, to: first.count, by: second.count) {
      for index in second.indices {
        let (a, b) = (first[start + index], second[index])
        out[start + index] = isProduct ? a * b : a + b
      }
    }
    place.finish(&out)
  }
}

/// The input as it is, limited, for a clamp or a flattening, or a function of each element.
final class FloatMap: FloatStep {
  private let place: FloatPlace
  private let function: ActivationFunction?

  init(_ place: FloatPlace, _ function: ActivationFunction? = nil) {
    self.place = place
    self.function = function
  }

  func run(_ arena: WorkMemory<Float>) {
    let input = arena.read(place.source)
    var out = arena.write(place.target)
    if let function {
      for index in input.indices { out[index] = function(input[index]) }
    } else if place.source != place.target {
      for index in input.indices { out[index] = input[index] }
    }
    place.finish(&out)
  }
}

/// Zeros around a feature map.
final class FloatPad: FloatStep {
  private let place: FloatPlace
  private let padding: Padding
  private let input: Shape
  private let output: Shape

  init(_ place: FloatPlace, _ padding: Padding, input: Shape, output: Shape) {
    self.place = place
    self.padding = padding
    self.input = input
    self.output = output
  }

  func run(_ arena: WorkMemory<Float>) {
    var out = arena.write(place.target)
    out.update(repeating: 0)
    let rowElements = input.width * input.channels
    for row in 0..<input.height {
      let left = ((row + padding.top) * output.width + padding.left) * output.channels
      arena.copy(
        from: place.source.lowerBound + row * rowElements, of: arena,
        to: place.target.lowerBound + left, count: rowElements)
    }
    place.finish(&out)
  }
}

/// The mean over height and width: sums in pixel order, then one product.
final class FloatMean: FloatStep {
  private let place: FloatPlace
  private let input: Shape

  init(_ place: FloatPlace, input: Shape) {
    self.place = place
    self.input = input
  }

  func run(_ arena: WorkMemory<Float>) {
    let map = arena.read(place.source)
    var out = arena.write(place.target)
    out.update(repeating: 0)
    let (pixels, channels) = (input.height * input.width, input.channels)
    for pixel in 0..<pixels {
      for channel in 0..<channels { out[channel] += map[pixel * channels + channel] }
    }
    let factor = 1 / Float(pixels)
    for channel in 0..<channels { out[channel] *= factor }
    place.finish(&out)
  }
}

/// Probabilities over the innermost dimension.
final class FloatSoftmax: FloatStep {
  private let place: FloatPlace
  private let columns: Int

  init(_ place: FloatPlace, columns: Int) {
    self.place = place
    self.columns = columns
  }

  func run(_ arena: WorkMemory<Float>) {
    let input = arena.read(place.source)
    var out = arena.write(place.target)
    for index in input.indices { out[index] = input[index] }
    softmaxF32(rows: input.count / columns, columns: columns, &out, kernels: place.kernels)
    place.finish(&out)
  }
}
