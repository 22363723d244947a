import Graph
import Kernels
import Tensors

/// One node of a body, ready to run again and again without allocating.
protocol BodyStep: AnyObject {
  /// Bytes of packed weights and of memory the step keeps for itself.
  var packedByteCount: Int { get }
  /// Reads its inputs from `arena` and writes its result there.
  func run(_ arena: WorkMemory<Int8>)
}

/// What steps share: kernels and scratch memory, as large as the neediest step wants.
final class SharedScratch {
  /// Bytes of gathered rows that a strip aims at.
  static let stripByteCount = 16 << 10

  let kernels: KernelSet
  private(set) var strip = WorkMemory<Int8>(count: 0, filledWith: 0)
  private(set) var pointers = PointerRow<Int8>(count: 0)

  init(kernels: KernelSet) {
    self.kernels = kernels
  }

  /// Makes the scratch large enough for a strip and a row of pointers; call before the first run.
  func reserve(strip byteCount: Int = 0, pointers count: Int = 0) {
    if byteCount > strip.count { strip = WorkMemory(count: byteCount, filledWith: 0) }
    if count > pointers.count { pointers = PointerRow(count: count) }
  }

  /// Bytes of all scratch.
  var byteCount: Int {
    strip.byteCount + pointers.byteCount
  }
}

/// A 1 × 1 convolution or a fully connected layer: the product of the activations as they lie.
final class PointwiseStep: RowStep {
  let height: Int
  private let gemm: GemmS8
  private let width: Int
  private let source: Rows
  private let target: Rows
  private let output: OutputS8

  init(
    _ constants: LayerConstants, height: Int, width: Int, from source: Rows, to target: Rows,
    scratch: SharedScratch
  ) {
    let outputs = constants.bias.count
    gemm = GemmS8(
      weights: constants.weights.int8, outputs: outputs, depth: constants.weights.count / outputs,
      bias: constants.bias.span, scale: constants.scale.span, kernels: scratch.kernels)
    self.height = height
    self.width = width
    self.source = source
    self.target = target
    output = OutputS8(
      zeroPoint: constants.output.zeroPoint, low: constants.low, high: constants.high)
  }

  var packedByteCount: Int { gemm.packedByteCount }

  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>) {
    var first = rows.lowerBound
    while first < rows.upperBound {
      let end = source.end(from: first, atMost: target.end(from: first, atMost: rows.upperBound))
      var out = arena.write(target.range(first..<end))
      gemm(
        arena.read(source.range(first..<end)), rows: (end - first) * width, rowStride: gemm.depth,
        into: &out, outStride: gemm.outputs, zeroPoint: Int(output.zeroPoint), low: output.low,
        high: output.high)
      first = end
    }
  }
}

/// Any other convolution: rows gathered a strip at a time, then multiplied, group by group.
final class GatherStep: RowStep {
  private let gemms: [GemmS8]
  private let gatherer: Gatherer<Int8>
  private let stripPixels: Int
  private let source: Rows
  private let target: Rows
  private let output: OutputS8
  private let scratch: SharedScratch

  init(
    _ constants: LayerConstants, geometry: Geometry, from source: Rows, to target: Rows,
    scratch: SharedScratch
  ) {
    let (outputs, depth) = (geometry.groupOutputs, geometry.depth)
    let repeated = constants.repeatedColumns(depth: depth)
    gemms = (0..<geometry.groups).map { group in
      let range = (group * outputs)..<((group + 1) * outputs)
      let weights = constants.rows(range, depth: depth, repeating: repeated)
      return GemmS8(
        weights: weights.span, outputs: outputs, depth: depth + repeated.count,
        bias: constants.bias.span.extracting(range), scale: constants.scale.span.extracting(range),
        kernels: scratch.kernels)
    }
    gatherer = Gatherer(geometry: geometry, zero: constants.input.zero, repeated: repeated)
    stripPixels = min(
      geometry.pixels, max(1, SharedScratch.stripByteCount / gatherer.rowCount))
    scratch.reserve(strip: stripPixels * gatherer.rowCount)
    self.source = source
    self.target = target
    self.scratch = scratch
    output = OutputS8(
      zeroPoint: constants.output.zeroPoint, low: constants.low, high: constants.high)
  }

  var packedByteCount: Int { gemms.reduce(0) { $0 + $1.packedByteCount } }

  var height: Int { gatherer.geometry.output.height }

  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>) {
    let geometry = gatherer.geometry
    let (width, channels) = (geometry.output.width, geometry.output.channels)
    let (depth, groupOutputs) = (gatherer.rowCount, geometry.groupOutputs)
    let strip = scratch.strip
    var first = rows.lowerBound * width
    while first < rows.upperBound * width {
      let row = first / width
      let end = target.end(from: row, atMost: rows.upperBound) * width
      let pixels = first..<min(end, first + stripPixels)
      let place = target.offset(row) + first % width * channels
      for group in 0..<gemms.count {
        gatherer.gather(pixels: pixels, group: group, from: arena, source, to: strip)
        let start = place + group * groupOutputs
        var out = arena.write(start..<(start + (pixels.count - 1) * channels + groupOutputs))
        gemms[group](
          strip.read(0..<(pixels.count * depth)), rows: pixels.count, rowStride: depth,
          into: &out, outStride: channels, zeroPoint: Int(output.zeroPoint), low: output.low,
          high: output.high)
      }
      first = pixels.upperBound
    }
  }
}

/// A depthwise convolution: one row of pointers at a time, then the kernel.
final class DepthwiseStep: RowStep {
  private let kernel: DepthwiseS8
  private let geometry: Geometry
  private let zeros: WorkMemory<Int8>
  private let source: Rows
  private let target: Rows
  private let output: OutputS8
  private let scratch: SharedScratch

  init(
    _ constants: LayerConstants, geometry: Geometry, from source: Rows, to target: Rows,
    scratch: SharedScratch
  ) {
    var geometry = geometry
    if !constants.rest.isEmpty { geometry.copies = 2 }
    let channels = geometry.input.channels
    kernel = DepthwiseS8(
      weights: geometry.tapMajor(constants.weights.int8, second: constants.rest).span,
      taps: geometry.taps * geometry.copies, channels: channels, bias: constants.bias.span,
      scale: constants.scale.span,
      kernels: scratch.kernels)
    zeros = WorkMemory(
      count: geometry.touchesPadding ? channels : 0, filledWith: constants.input.zero)
    scratch.reserve(pointers: geometry.pointerCount)
    self.geometry = geometry
    self.source = source
    self.target = target
    self.scratch = scratch
    output = OutputS8(
      zeroPoint: constants.output.zeroPoint, low: constants.low, high: constants.high)
  }

  var packedByteCount: Int { kernel.packedByteCount + zeros.byteCount }

  var height: Int { geometry.output.height }

  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>) {
    let (width, channels) = (geometry.output.width, geometry.output.channels)
    let rowStep = geometry.rowStep
    let pointers = scratch.pointers
    for row in rows {
      pointers.point(to: arena, source, padding: zeros, geometry: geometry, row: row)
      var out = arena.write(target.range(row..<(row + 1)))
      unsafe kernel(
        rows: pointers.base, pixels: width, rowStep: rowStep, into: &out, outStride: channels,
        zeroPoint: Int(output.zeroPoint), low: output.low, high: output.high)
    }
  }
}
