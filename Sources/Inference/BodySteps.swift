import Graph
import Kernels
import Tensors

/// One node of a body, ready to run again and again without allocating.
protocol BodyStep: AnyObject {
  /// Bytes of packed weights and of memory the step keeps for itself.
  var packedByteCount: Int { get }
  /// Itself, if it can make a few rows at a time. Asked rather than cast to: a cast looks through every
  /// conformance of the program, which takes milliseconds the first time.
  var rowStep: (any RowStep)? { get }
  /// Reads its inputs from `arena` and writes its result there.
  func run(_ arena: WorkMemory<Int8>)
}

extension BodyStep {
  var rowStep: (any RowStep)? { nil }
}

/// What steps share: kernels, memory for weights, and scratch memory for each thread, as large as the neediest step
/// wants.
final class SharedScratch {
  /// Bytes of gathered rows that a strip aims at.
  static let stripByteCount = 16 << 10

  let kernels: KernelSet
  /// Where packed weights go; `nil` if each layer has memory of its own.
  let memory: MemoryBlock?
  /// Gathered rows, one block a thread.
  private(set) var strips: [WorkMemory<Int8>]
  /// A row of pointers for each thread.
  private(set) var pointers: [PointerRow<Int8>]

  init(kernels: KernelSet, threads: Int, memory: MemoryBlock? = nil) {
    self.kernels = kernels
    self.memory = memory
    strips = (0..<threads).map { _ in WorkMemory(count: 0, filledWith: 0) }
    pointers = (0..<threads).map { _ in PointerRow(count: 0) }
  }

  /// Makes the scratch large enough for a strip and a row of pointers; call before the first run.
  func reserve(strip byteCount: Int = 0, pointers count: Int = 0) {
    if byteCount > strips[0].count {
      for index in strips.indices { strips[index] = WorkMemory(count: byteCount, filledWith: 0) }
    }
    if count > pointers[0].count {
      for index in pointers.indices { pointers[index] = PointerRow(count: count) }
    }
  }

  /// Bytes of all scratch.
  var byteCount: Int {
    strips.count * (strips[0].byteCount + pointers[0].byteCount)
  }
}

/// A 1 × 1 convolution or a fully connected layer: the product of the activations as they lie.
///
/// Parts of a high result are cut by pixels. Those of a low one, whose weights take longer to read than its pixels,
/// are cut by outputs, so that each weight is read once.
final class PointwiseStep: RowStep {
  /// Outputs of a part are a multiple of this, as many as the widest kernel makes at a time.
  private static let grain = 32
  /// A part of fewer pixels is cut by outputs.
  private static let leastPixels = 4

  let height: Int
  private let width: Int
  private let outputs: Int
  private let depth: Int
  /// Weights of the outputs from `start` on, packed; one for all unless parts are cut by outputs.
  private let products: [(start: Int, gemm: GemmS8)]
  private let source: Rows
  private let target: Rows
  private let output: OutputS8

  init(
    _ constants: LayerConstants, height: Int, width: Int, from source: Rows, to target: Rows,
    scratch: SharedScratch
  ) {
    outputs = constants.bias.count
    depth = constants.weights.count / outputs
    self.height = height
    self.width = width
    let parts = BodyWork.partCount(
      cost: height * width * outputs * depth, threads: scratch.strips.count)
    let cuts = height * width < Self.leastPixels * parts ? parts : 1
    products = (0..<cuts).compactMap { part in
      let range = Share(index: part, count: cuts).of(constants.bias.count, grain: Self.grain)
      if range.isEmpty { return nil }
      return (
        range.lowerBound,
        constants.product(of: range, kernels: scratch.kernels, memory: scratch.memory)
      )
    }
    self.source = source
    self.target = target
    output = constants.output
  }

  var packedByteCount: Int { products.reduce(0) { $0 + $1.gemm.packedByteCount } }
  var rowCost: Int { width * outputs * depth }

  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share) {
    let (source, target) = (source.seen(by: part.member), target.seen(by: part.member))
    let mine = products.count == 1 ? 0..<1 : part.of(products.count)
    var first = rows.lowerBound
    while first < rows.upperBound {
      let end = source.end(from: first, atMost: target.end(from: first, atMost: rows.upperBound))
      let all = (end - first) * width
      let pixels = products.count == 1 ? part.of(all) : 0..<all
      let (from, to) = (source.offset(first), target.offset(first))
      first = end
      if pixels.isEmpty { continue }
      for index in mine {
        let (start, gemm) = products[index]
        let place = to + pixels.lowerBound * outputs + start
        var out = arena.write(place..<(place + (pixels.count - 1) * outputs + gemm.outputs))
        gemm(
          arena.read(pixels.places(from: from, of: depth)), rows: pixels.count, rowStride: depth,
          into: &out, outStride: outputs, output: output)
      }
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
    let repeated = constants.repeatedColumns
    gemms = (0..<geometry.groups).map { group in
      let range = (group * outputs)..<((group + 1) * outputs)
      if repeated.isEmpty {
        return constants.product(of: range, kernels: scratch.kernels, memory: scratch.memory)
      }
      let weights = constants.rows(range, depth: depth)
      return GemmS8(
        weights: weights.span, outputs: outputs, depth: depth + repeated.count,
        bias: constants.bias.span.extracting(range), scale: constants.scale.span.extracting(range),
        kernels: scratch.kernels, memory: scratch.memory)
    }
    gatherer = Gatherer(geometry: geometry, zero: constants.input.zero, repeated: repeated)
    stripPixels = min(
      geometry.pixels, max(1, SharedScratch.stripByteCount / gatherer.rowCount))
    scratch.reserve(strip: stripPixels * gatherer.rowCount)
    self.source = source
    self.target = target
    self.scratch = scratch
    output = constants.output
  }

  var packedByteCount: Int { gemms.reduce(0) { $0 + $1.packedByteCount } }

  var height: Int { gatherer.geometry.output.height }
  var rowCost: Int {
    gatherer.rowCount * gatherer.geometry.output.width * gatherer.geometry.output.channels
  }

  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share) {
    let (source, target) = (source.seen(by: part.member), target.seen(by: part.member))
    let geometry = gatherer.geometry
    let (width, channels) = (geometry.output.width, geometry.output.channels)
    let (depth, groupOutputs) = (gatherer.rowCount, geometry.groupOutputs)
    let strip = scratch.strips[part.member]
    let mine = part.of(rows.count * width)
    let last = rows.lowerBound * width + mine.upperBound
    var first = rows.lowerBound * width + mine.lowerBound
    while first < last {
      let row = first / width
      let end = min(last, target.end(from: row, atMost: rows.upperBound) * width)
      let pixels = first..<min(end, first + stripPixels)
      let place = target.offset(row) + first % width * channels
      for group in 0..<gemms.count {
        gatherer.gather(pixels: pixels, group: group, from: arena, source, to: strip)
        let start = place + group * groupOutputs
        var out = arena.write(start..<(start + (pixels.count - 1) * channels + groupOutputs))
        gemms[group](
          strip.read(0..<(pixels.count * depth)), rows: pixels.count, rowStride: depth,
          into: &out, outStride: channels, output: output)
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
      kernels: scratch.kernels, memory: scratch.memory)
    zeros = WorkMemory(
      count: geometry.touchesPadding ? channels : 0, filledWith: constants.input.zero)
    scratch.reserve(pointers: geometry.pointerCount)
    self.geometry = geometry
    self.source = source
    self.target = target
    self.scratch = scratch
    output = constants.output
  }

  var packedByteCount: Int { kernel.packedByteCount + zeros.byteCount }

  var height: Int { geometry.output.height }
  /// One multiplication each, where a matrix product does some three at a time.
  var rowCost: Int { 3 * geometry.taps * geometry.output.width * geometry.output.channels }

  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share) {
    let (source, target) = (source.seen(by: part.member), target.seen(by: part.member))
    let (width, channels) = (geometry.output.width, geometry.output.channels)
    let rowStep = geometry.rowStep
    let pointers = scratch.pointers[part.member]
    let mine = part.of(rows.count * width)
    var first = mine.lowerBound
    while first < mine.upperBound {
      let (row, x) = (rows.lowerBound + first / width, first % width)
      let pixels = x..<min(width, x + mine.upperBound - first)
      first += pixels.count
      pointers.point(to: arena, source, padding: zeros, geometry: geometry, row: row)
      var out = arena.write(pixels.places(from: target.offset(row), of: channels))
      unsafe kernel(
        rows: pointers.base + pixels.lowerBound * rowStep, pixels: pixels.count, rowStep: rowStep,
        into: &out, outStride: channels, output: output)
    }
  }
}
