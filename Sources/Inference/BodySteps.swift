import Graph
import Kernels
import Tensors

/// One node of a body, ready to run again and again without allocating.
enum BodyStep {
  /// On whole activations.
  case whole(any WholeStep)
  /// A few rows at a time.
  case rows(RowStep)

  /// Bytes of packed weights and of memory the step keeps for itself.
  var packedByteCount: Int {
    switch self {
    case .whole(let step): step.packedByteCount
    case .rows(let step): step.packedByteCount
    }
  }
}

/// A node that runs on whole activations only.
protocol WholeStep: AnyObject {
  /// Bytes of memory the step keeps for itself.
  var packedByteCount: Int { get }
  /// Reads its inputs from `arena` and writes its result there.
  func run(_ arena: WorkMemory<Int8>)
}

/// What steps ask for while a body is built: kernels, memory for weights, and scratch memory for each thread, as large
/// as the neediest step wants.
final class SharedScratch {
  /// Bytes of gathered rows that a strip aims at.
  static let stripByteCount = 16 << 10

  let kernels: KernelSet
  let threads: Int
  /// Where packed weights go; `nil` if each layer has memory of its own.
  let memory: MemoryBlock?
  private var stripByteCount = 0
  private var pointerCount = 0

  init(kernels: KernelSet, threads: Int, memory: MemoryBlock? = nil) {
    self.kernels = kernels
    self.threads = threads
    self.memory = memory
  }

  /// Asks for a strip and a row of pointers; call before `members`.
  func reserve(strip byteCount: Int = 0, pointers count: Int = 0) {
    stripByteCount = max(stripByteCount, byteCount)
    pointerCount = max(pointerCount, count)
  }

  /// The memory of each thread.
  func members() -> [MemberScratch] {
    (0..<threads).map { _ in
      MemberScratch(stripByteCount: stripByteCount, pointerCount: pointerCount)
    }
  }

  /// Bytes of all scratch.
  var byteCount: Int { threads * (stripByteCount + pointerCount * MemoryLayout<Int>.stride) }
}

/// Memory that one thread uses while it runs a step.
final class MemberScratch {
  /// Gathered rows.
  let strip: WorkMemory<Int8>
  let pointers: PointerRow<Int8>

  fileprivate init(stripByteCount: Int, pointerCount: Int) {
    strip = WorkMemory(count: stripByteCount, filledWith: 0)
    pointers = PointerRow(count: pointerCount)
  }
}

/// A 1 × 1 convolution or a fully connected layer: the product of the activations as they lie.
///
/// Parts of a high result are cut by pixels. Those of a low one, whose weights take longer to read than its pixels,
/// are cut by outputs, so that each weight is read once.
final class PointwiseStep: RowStep {
  /// Outputs of a part are a multiple of this, as many as the widest kernel makes at a time.
  private static let grain = 32
  /// Parts of fewer pixels, less than two tiles of the widest kernel, are cut by outputs.
  private static let leastPixels = 24

  /// Its weights, packed.
  struct Weights {
    let height: Int
    let width: Int
    let outputs: Int
    let depth: Int
    let partCount: Int
    /// Weights of some outputs each; one for all unless parts are cut by outputs.
    let gemms: [GemmS8]
    /// The first output of each.
    let starts: [Int]
    let output: OutputS8
    let forms: ByteForms

    init(_ constants: LayerConstants, height: Int, width: Int, scratch: SharedScratch) {
      let outputs = constants.bias.count
      let depth = constants.weights.count / outputs
      let (cost, pixels) = (height * width * outputs * depth, height * width)
      let isLow = pixels < PointwiseStep.leastPixels * scratch.threads
      partCount =
        PartCount(
          cost: cost, threads: scratch.threads, things: isLow ? outputs : pixels,
          least: isLow ? PointwiseStep.grain : PointwiseStep.leastPixels
        ).value
      let cuts = isLow ? partCount : 1
      let ranges = (0..<cuts).map {
        Share(index: $0, count: cuts).of(outputs, grain: PointwiseStep.grain)
      }.filter { !$0.isEmpty }
      gemms = ranges.map {
        constants.product(of: $0, kernels: scratch.kernels, memory: scratch.memory)
      }
      starts = ranges.map(\.lowerBound)
      (self.height, self.width, self.outputs, self.depth) = (height, width, outputs, depth)
      (output, forms) = (constants.output, constants.forms)
    }
  }

  private let width: Int
  private let outputs: Int
  private let depth: Int
  private let products: [Uncounted<GemmS8>]
  private let starts: [Int]
  private let owned: [GemmS8]
  private let source: Rows
  private let target: Rows
  private let output: OutputS8
  private let forms: ByteForms

  init(_ weights: Weights, from source: Rows, to target: Rows) {
    products = weights.gemms.map(Uncounted.init)
    owned = weights.gemms
    starts = weights.starts
    (width, outputs, depth) = (weights.width, weights.outputs, weights.depth)
    (self.source, self.target) = (source, target)
    (output, forms) = (weights.output, weights.forms)
    super.init(
      height: weights.height, partCount: weights.partCount,
      packedByteCount: weights.gemms.reduce(0) { $0 + $1.packedByteCount })
  }

  override func run(
    _ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share, _ scratch: MemberScratch
  ) {
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
        let place = to + pixels.lowerBound * outputs + starts[index]
        let input = pixels.places(from: from, of: depth)
        products[index].use { multiply($0, arena, input, rows: pixels.count, to: place) }
      }
    }
  }

  private func multiply(
    _ gemm: GemmS8, _ arena: WorkMemory<Int8>, _ input: Range<Int>, rows: Int, to place: Int
  ) {
    var out = arena.write(place..<(place + (rows - 1) * outputs + gemm.outputs))
    gemm(
      arena.read(input), rows: rows, rowStride: depth, into: &out, outStride: outputs,
      output: output, forms: forms)
  }
}

/// Any other convolution: rows gathered a strip at a time, then multiplied, group by group.
final class GatherStep: RowStep {
  /// Gathered rows of flipped bytes are multiples of this long, so that they are read where they lie.
  private static let grain = 4

  /// Its weights, packed.
  struct Weights {
    /// By group.
    let gemms: [GemmS8]
    let gatherer: Gatherer<Int8>
    let stripPixels: Int
    let partCount: Int
    let output: OutputS8
    let forms: ByteForms

    init(_ constants: LayerConstants, geometry: Geometry, scratch: SharedScratch) {
      let (outputs, depth) = (geometry.groupOutputs, geometry.depth)
      let repeated = constants.repeatedColumns
      let gatherer = Gatherer(
        geometry: geometry, zero: constants.padding, repeated: repeated,
        grain: constants.forms.input == .flipped ? GatherStep.grain : 1)
      let step = gatherer.rowStep
      gemms = (0..<geometry.groups).map { group in
        let range = (group * outputs)..<((group + 1) * outputs)
        if step == depth {
          return constants.product(of: range, kernels: scratch.kernels, memory: scratch.memory)
        }
        let weights = constants.rows(range, depth: depth, step: step)
        return GemmS8(
          weights: weights.span, outputs: outputs, depth: step,
          bias: constants.bias.span.extracting(range),
          scale: constants.scale.span.extracting(range), kernels: scratch.kernels,
          memory: scratch.memory)
      }
      stripPixels = min(geometry.pixels, max(1, SharedScratch.stripByteCount / step))
      scratch.reserve(strip: stripPixels * step)
      partCount =
        PartCount(
          cost: step * geometry.pixels * geometry.output.channels, threads: scratch.threads
        ).value
      self.gatherer = gatherer
      (output, forms) = (constants.output, constants.forms)
    }
  }

  private let gemms: [Uncounted<GemmS8>]
  private let owned: [GemmS8]
  private let gatherer: Gatherer<Int8>
  private let forms: ByteForms
  private let stripPixels: Int
  private let source: Rows
  private let target: Rows
  private let output: OutputS8

  init(_ weights: Weights, from source: Rows, to target: Rows) {
    owned = weights.gemms
    gemms = weights.gemms.map(Uncounted.init)
    (gatherer, stripPixels) = (weights.gatherer, weights.stripPixels)
    (self.source, self.target) = (source, target)
    (output, forms) = (weights.output, weights.forms)
    super.init(
      height: weights.gatherer.geometry.output.height, partCount: weights.partCount,
      packedByteCount: weights.gemms.reduce(0) { $0 + $1.packedByteCount })
  }

  override func run(
    _ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share, _ scratch: MemberScratch
  ) {
    let (source, target) = (source.seen(by: part.member), target.seen(by: part.member))
    let geometry = gatherer.geometry
    let (width, channels) = (geometry.output.width, geometry.output.channels)
    let groupOutputs = geometry.groupOutputs
    let strip = scratch.strip
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
        gemms[group].use { multiply($0, strip, rows: pixels.count, into: arena, at: start) }
      }
      first = pixels.upperBound
    }
  }

  private func multiply(
    _ gemm: GemmS8, _ strip: WorkMemory<Int8>, rows: Int, into arena: WorkMemory<Int8>,
    at start: Int
  ) {
    let channels = gatherer.geometry.output.channels
    var out = arena.write(start..<(start + (rows - 1) * channels + gemm.outputs))
    gemm(
      strip.read(0..<(rows * gatherer.rowStep)), rows: rows, rowStride: gatherer.rowStep,
      into: &out,
      outStride: channels, output: output, forms: forms)
  }
}

/// A depthwise convolution: one row of pointers at a time, then the kernel.
final class DepthwiseStep: RowStep {
  /// Its weights, packed.
  struct Weights {
    let kernel: DepthwiseS8
    let geometry: Geometry
    /// A pixel of padding; none if it is not read.
    let zeros: WorkMemory<Int8>
    let partCount: Int
    let output: OutputS8
    let forms: ByteForms

    init(_ constants: LayerConstants, geometry: Geometry, scratch: SharedScratch) {
      var geometry = geometry
      if !constants.rest.isEmpty { geometry.copies = 2 }
      let channels = geometry.input.channels
      kernel = DepthwiseS8(
        weights: geometry.tapMajor(constants.weights.int8, second: constants.rest).span,
        taps: geometry.taps * geometry.copies, channels: channels, bias: constants.bias.span,
        scale: constants.scale.span,
        kernels: scratch.kernels, memory: scratch.memory)
      zeros = WorkMemory(
        count: geometry.touchesPadding ? channels : 0, filledWith: constants.padding)
      scratch.reserve(pointers: geometry.pointerCount)
      // One multiplication each, where a matrix product does some three at a time.
      partCount =
        PartCount(
          cost: 3 * geometry.taps * geometry.pixels * geometry.output.channels,
          threads: scratch.threads
        ).value
      self.geometry = geometry
      (output, forms) = (constants.output, constants.forms)
    }
  }

  private let kernel: DepthwiseS8
  private let geometry: Geometry
  private let zeros: WorkMemory<Int8>
  private let source: Rows
  private let target: Rows
  private let output: OutputS8
  private let forms: ByteForms

  init(_ weights: Weights, from source: Rows, to target: Rows) {
    (kernel, geometry, zeros) = (weights.kernel, weights.geometry, weights.zeros)
    (self.source, self.target) = (source, target)
    (output, forms) = (weights.output, weights.forms)
    super.init(
      height: geometry.output.height, partCount: weights.partCount,
      packedByteCount: kernel.packedByteCount + zeros.byteCount)
  }

  override func run(
    _ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share, _ scratch: MemberScratch
  ) {
    let (source, target) = (source.seen(by: part.member), target.seen(by: part.member))
    let (width, channels) = (geometry.output.width, geometry.output.channels)
    let rowStep = geometry.rowStep
    let pointers = scratch.pointers
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
        into: &out, outStride: channels, output: output, forms: forms)
    }
  }
}
