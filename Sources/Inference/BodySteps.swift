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
final class PointwiseStep: BodyStep {
  private let gemm: GemmS8
  private let rows: Int
  private let source: Range<Int>
  private let target: Range<Int>
  private let output: OutputS8

  init(
    _ constants: LayerConstants, rows: Int, from source: Range<Int>, to target: Range<Int>,
    scratch: SharedScratch
  ) {
    let outputs = constants.bias.count
    gemm = GemmS8(
      weights: constants.weights.int8, outputs: outputs, depth: constants.weights.count / outputs,
      bias: constants.bias.span, scale: constants.scale.span, kernels: scratch.kernels)
    self.rows = rows
    self.source = source
    self.target = target
    output = OutputS8(
      zeroPoint: constants.output.zeroPoint, low: constants.low, high: constants.high)
  }

  var packedByteCount: Int { gemm.packedByteCount }

  func run(_ arena: WorkMemory<Int8>) {
    var out = arena.write(target)
    gemm(
      arena.read(source), rows: rows, rowStride: gemm.depth, into: &out, outStride: gemm.outputs,
      zeroPoint: Int(output.zeroPoint), low: output.low, high: output.high)
  }
}

/// Any other convolution: rows gathered a strip at a time, then multiplied, group by group.
final class GatherStep: BodyStep {
  private let gemms: [GemmS8]
  private let gatherer: Gatherer<Int8>
  private let stripPixels: Int
  private let source: Range<Int>
  private let target: Range<Int>
  private let output: OutputS8
  private let scratch: SharedScratch

  init(
    _ constants: LayerConstants, geometry: Geometry, from source: Range<Int>,
    to target: Range<Int>, scratch: SharedScratch
  ) {
    let (outputs, depth) = (geometry.groupOutputs, geometry.depth)
    gemms = (0..<geometry.groups).map { group in
      let range = (group * outputs)..<((group + 1) * outputs)
      let weights = constants.weights.int8.extracting(
        (range.lowerBound * depth)..<(range.upperBound * depth))
      return GemmS8(
        weights: weights, outputs: outputs, depth: depth,
        bias: constants.bias.span.extracting(range), scale: constants.scale.span.extracting(range),
        kernels: scratch.kernels)
    }
    gatherer = Gatherer(geometry: geometry, zero: constants.input.zero)
    stripPixels = min(geometry.pixels, max(1, SharedScratch.stripByteCount / depth))
    scratch.reserve(strip: stripPixels * depth)
    self.source = source
    self.target = target
    self.scratch = scratch
    output = OutputS8(
      zeroPoint: constants.output.zeroPoint, low: constants.low, high: constants.high)
  }

  var packedByteCount: Int { gemms.reduce(0) { $0 + $1.packedByteCount } }

  func run(_ arena: WorkMemory<Int8>) {
    let geometry = gatherer.geometry
    let (channels, depth) = (geometry.output.channels, geometry.depth)
    let strip = scratch.strip
    var first = 0
    while first < geometry.pixels {
      let pixels = first..<min(geometry.pixels, first + stripPixels)
      for (group, gemm) in gemms.enumerated() {
        gatherer.gather(
          pixels: pixels, group: group, from: arena, at: source.lowerBound, to: strip)
        let start = target.lowerBound + first * channels + group * geometry.groupOutputs
        var out = arena.write(
          start..<(start + (pixels.count - 1) * channels + geometry.groupOutputs))
        gemm(
          strip.read(0..<(pixels.count * depth)), rows: pixels.count, rowStride: depth,
          into: &out, outStride: channels, zeroPoint: Int(output.zeroPoint), low: output.low,
          high: output.high)
      }
      first = pixels.upperBound
    }
  }
}

/// A depthwise convolution: one row of pointers at a time, then the kernel.
final class DepthwiseStep: BodyStep {
  private let kernel: DepthwiseS8
  private let geometry: Geometry
  private let zeros: WorkMemory<Int8>
  private let source: Range<Int>
  private let target: Range<Int>
  private let output: OutputS8
  private let scratch: SharedScratch

  init(
    _ constants: LayerConstants, geometry: Geometry, from source: Range<Int>,
    to target: Range<Int>, scratch: SharedScratch
  ) {
    let channels = geometry.input.channels
    kernel = DepthwiseS8(
      weights: geometry.tapMajor(constants.weights.int8).span, taps: geometry.taps,
      channels: channels, bias: constants.bias.span, scale: constants.scale.span,
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

  func run(_ arena: WorkMemory<Int8>) {
    let rowElements = geometry.output.width * geometry.output.channels
    for row in 0..<geometry.output.height {
      scratch.pointers.point(
        to: arena, at: source.lowerBound, padding: zeros, geometry: geometry, row: row)
      let start = target.lowerBound + row * rowElements
      var out = arena.write(start..<(start + rowElements))
      unsafe kernel(
        rows: scratch.pointers.base, pixels: geometry.output.width, rowStep: geometry.rowStep,
        into: &out, outStride: geometry.output.channels, zeroPoint: Int(output.zeroPoint),
        low: output.low, high: output.high)
    }
  }
}

/// Pointers to the taps of one row of output pixels.
@safe
final class PointerRow<Element: BitwiseCopyable> {
  /// The pointers; valid after `point` as long as what they point into.
  @unsafe var base: UnsafePointer<UnsafePointer<Element>> { unsafe UnsafePointer(storage) }
  private let storage: UnsafeMutablePointer<UnsafePointer<Element>>
  private let nothing: UnsafeMutablePointer<Element>
  let count: Int
  /// Bytes of all pointers; one is a word.
  var byteCount: Int { count * MemoryLayout<Int>.stride }

  /// Room for `count` pointers.
  init(count: Int) {
    self.count = count
    unsafe nothing = .allocate(capacity: 1)
    unsafe storage = .allocate(capacity: max(1, count))
    unsafe storage.initialize(repeating: UnsafePointer(nothing), count: max(1, count))
  }

  deinit {
    unsafe storage.deallocate()
    unsafe nothing.deallocate()
  }

  /// Points at the taps of output row `row` in `memory` from element `start` on.
  func point(
    to memory: WorkMemory<Element>, at start: Int, padding: WorkMemory<Element>,
    geometry: Geometry, row: Int
  ) {
    precondition(geometry.pointerCount <= count, "\(geometry.pointerCount) pointers in \(count)")
    let source = unsafe UnsafePointer(memory.address(start))
    let zeros = unsafe UnsafePointer(padding.address(0))
    geometry.forEachPointer(row: row) { place, element in
      unsafe storage[place] = element.map { unsafe source + $0 } ?? zeros
    }
  }
}
