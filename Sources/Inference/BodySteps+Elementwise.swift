import Graph
import Kernels
import Tensors

/// The sum of two activations, over one of them where the plan says so.
final class AddStep: RowStep {
  private let first: (rows: Rows, form: AddendS8)
  private let second: (rows: Rows, form: AddendS8)
  private let target: Rows
  private let output: OutputS8
  /// How it rounds, with the addends in either order; `nil` for fp32.
  private let rules: (given: FixedSumS8, turned: FixedSumS8)?
  private let kernels: KernelSet

  init(
    _ site: NodeSite, of network: Network, height: Int, from inputs: (Rows, Rows), to target: Rows,
    scratch: SharedScratch
  ) throws(InferenceError) {
    let node = site.node
    guard let a = network.quantisation(of: site.inputs[0]),
      let b = network.quantisation(of: site.inputs[1]),
      let out = network.quantisation(of: site.output)
    else { throw .arithmetic(node: node.name, what: "an activation has no quantisation") }
    let (aScale, bScale) = (a.scale / out.scale, b.scale / out.scale)
    // Each addend must be finite: the sum of two infinities need be no number.
    guard aScale.isNormal, bScale.isNormal, (255 * aScale).isFinite, (255 * bScale).isFinite else {
      throw .arithmetic(node: node.name, what: "the scales are \(aScale) and \(bScale)")
    }
    first = (inputs.0, AddendS8(zeroPoint: a.zeroPoint, scale: aScale))
    second = (inputs.1, AddendS8(zeroPoint: b.zeroPoint, scale: bScale))
    self.target = target
    output = OutputS8(out, node.clamp)
    rules = try Self.rules(site, of: network, zeros: (a.zeroPoint, b.zeroPoint))
    kernels = scratch.kernels
    // Some ten multiply-adds an element.
    let cost = 10 * height * target.count
    super.init(
      height: height, partCount: PartCount(cost: cost, threads: scratch.threads).value,
      packedByteCount: 0)
  }

  private static func rules(
    _ site: NodeSite, of network: Network, zeros: (Int, Int)
  ) throws(InferenceError) -> (given: FixedSumS8, turned: FixedSumS8)? {
    guard let tensor = network.constants(of: site.index).parameters.first else { return nil }
    guard let sum = FixedSum(tensor),
      let given = FixedSumS8(first: sum.first, second: sum.second, shift: sum.shift, zeros: zeros),
      let turned = FixedSumS8(
        first: sum.second, second: sum.first, shift: sum.shift, zeros: (zeros.1, zeros.0))
    else { throw .arithmetic(node: site.node.name, what: "its parameter states no sum") }
    return (given, turned)
  }

  override func run(
    _ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share, _ scratch: MemberScratch
  ) {
    let (first, second) = (
      (rows: first.rows.seen(by: part.member), form: first.form),
      (rows: second.rows.seen(by: part.member), form: second.form)
    )
    let target = target.seen(by: part.member)
    var start = rows.lowerBound
    while start < rows.upperBound {
      var end = target.end(from: start, atMost: rows.upperBound)
      end = first.rows.end(from: start, atMost: end)
      end = second.rows.end(from: start, atMost: end)
      let mine = part.of((end - start) * target.count, grain: 64)
      if !mine.isEmpty {
        add(
          arena, mine.places(from: first.rows.offset(start), of: 1),
          mine.places(from: second.rows.offset(start), of: 1),
          into: mine.places(from: target.offset(start), of: 1))
      }
      start = end
    }
  }

  private func add(
    _ arena: WorkMemory<Int8>, _ firstRange: Range<Int>, _ secondRange: Range<Int>,
    into range: Range<Int>
  ) {
    var out = arena.write(range)
    // Which addend is overwritten does not change the bytes: a sum of two floats commutes.
    if let rules {
      return add(arena, firstRange, secondRange, by: rules, into: &out, range)
    }
    if range == firstRange {
      addInPlaceS8(
        &out, first.form, arena.read(secondRange), second.form, output: output, kernels: kernels)
    } else if range == secondRange {
      addInPlaceS8(
        &out, second.form, arena.read(firstRange), first.form, output: output, kernels: kernels)
    } else {
      addS8(
        arena.read(firstRange), first.form, arena.read(secondRange), second.form, into: &out,
        output: output, kernels: kernels)
    }
  }

  @_lifetime(out: copy out)
  private func add(
    _ arena: WorkMemory<Int8>, _ firstRange: Range<Int>, _ secondRange: Range<Int>,
    by rules: (given: FixedSumS8, turned: FixedSumS8), into out: inout MutableSpan<Int8>,
    _ range: Range<Int>
  ) {
    if range == firstRange {
      fixedAddInPlaceS8(
        &out, arena.read(secondRange), by: rules.given, output: output, kernels: kernels)
    } else if range == secondRange {
      fixedAddInPlaceS8(
        &out, arena.read(firstRange), by: rules.turned, output: output, kernels: kernels)
    } else {
      fixedAddS8(
        arena.read(firstRange), arena.read(secondRange), by: rules.given, into: &out,
        output: output, kernels: kernels)
    }
  }
}

/// A clamp that could not be folded, or a function: each byte by a table.
final class TableStep: WholeStep {
  private let place: BytePlace
  private let table: ByteTable

  init(_ place: BytePlace, _ function: ActivationFunction? = nil) {
    self.place = place
    table = place.table(function)
  }

  var packedByteCount: Int { table.byteCount }

  func run(_ arena: WorkMemory<Int8>) {
    let (source, target) = (place.source, place.target)
    if source != target {
      arena.copy(
        from: source.lowerBound, of: arena, to: target.lowerBound, count: target.count)
    }
    table.apply(to: arena, target)
  }
}

/// Padding that could not be folded into a window.
final class PadStep: WholeStep {
  private let padding: Padding
  private let input: Geometry.Extent
  private let output: Geometry.Extent
  private let zero: Int8
  private let limits: (low: Int8, high: Int8)
  private let source: Range<Int>
  private let target: Range<Int>

  init(
    _ padding: Padding, input: Shape, output: Shape, quantisation: Quantisation, clamp: Clamp,
    from source: Range<Int>, to target: Range<Int>
  ) {
    self.padding = padding
    self.input = Geometry.Extent(input)
    self.output = Geometry.Extent(output)
    zero = quantisation.zero
    limits = quantisation.limits(clamp)
    self.source = source
    self.target = target
  }

  var packedByteCount: Int { 0 }

  func run(_ arena: WorkMemory<Int8>) {
    var out = arena.write(target)
    out.update(repeating: zero)
    let rowBytes = input.width * input.channels
    for row in 0..<input.height {
      let left = ((row + padding.top) * output.width + padding.left) * output.channels
      arena.copy(
        from: source.lowerBound + row * rowBytes, of: arena, to: target.lowerBound + left,
        count: rowBytes)
    }
    guard limits.low > .min || limits.high < .max else { return }
    for index in 0..<target.count { out[index] = max(limits.low, min(limits.high, out[index])) }
  }
}

/// A mean over height and width in the middle of a body.
final class MeanStep: WholeStep {
  private let input: Geometry.Extent
  private let inputForm: Quantisation
  private let outputForm: Quantisation
  private let clamp: Clamp
  private let means: WorkMemory<Float>
  private let source: Range<Int>
  private let target: Range<Int>
  private let kernels: KernelSet

  init(
    _ node: Node, input: Shape, inputForm: Quantisation, outputForm: Quantisation,
    from source: Range<Int>, to target: Range<Int>, scratch: SharedScratch
  ) {
    self.input = Geometry.Extent(input)
    self.inputForm = inputForm
    self.outputForm = outputForm
    clamp = node.clamp
    means = WorkMemory(count: input.channels, filledWith: 0)
    self.source = source
    self.target = target
    kernels = scratch.kernels
  }

  var packedByteCount: Int { means.byteCount }

  func run(_ arena: WorkMemory<Int8>) {
    let pixels = input.height * input.width
    let means = means
    var sums = means.write(0..<input.channels)
    meanS8(
      arena.read(source), pixels: pixels, channels: input.channels, zeroPoint: inputForm.zeroPoint,
      scale: inputForm.scale / Float(pixels), into: &sums, kernels: kernels)
    var out = arena.write(target)
    for channel in 0..<input.channels { out[channel] = outputForm.byte(clamp(sums[channel])) }
  }
}
