package import Graph
package import Kernels
package import Tensors

/// Runs the int8 part of a network: an image's bytes in, its feature out.
///
/// Weights are packed for this processor and all memory is allocated once, in `init`; `run`
/// allocates nothing. The same bytes in give the same feature on every processor, with every kernel
/// variant and any number of threads. One thread at a time may use it.
package final class Body {
  /// An arena larger than this is refused whatever the caller allows.
  package static let greatestArena = 1 << 30

  /// Room for an arena beside packed weights, in the same block, if there is no plan yet; a larger one has memory
  /// of its own.
  private static let usualArena = 512 << 10

  /// What a body takes.
  package struct Memory: Hashable, Sendable {
    /// Bytes of the arena, rings included.
    package let arenaByteCount: Int
    /// Bytes of gathered rows and pointers beside the arena, those of all threads.
    package let scratchByteCount: Int
    /// Bytes of packed weights, biases and scales.
    package let packedByteCount: Int
  }

  /// `[height, width, channels]` of the input.
  package let inputShape: Shape
  /// Shape of the feature.
  package let featureShape: Shape
  /// Where the activations lie.
  package let plan: Plan
  /// What it takes.
  package let memory: Memory
  /// The kernel variants that run.
  package let kernels: KernelSet

  /// Threads that run it, the caller's included.
  package var threadCount: Int { team.count }

  /// The last node of each stage.
  private let nodes: [Node]
  private let work: BodyWork
  private let team: Team
  private let arena: WorkMemory<Int8>
  private let input: Range<Int>
  private let slots: [Range<Int>]
  private let flipped: FlippedBytes
  /// What the image's bytes are exclusive-ored with.
  private let inputMask: Int8
  private let feature: FeatureStep
  /// The feature and the logits, if it has a tail.
  private let results: (feature: WorkMemory<Float>, logits: WorkMemory<Float>)?

  /// Packs `network`'s body; `cpu` names a processor level to use instead of the best allowed.
  ///
  /// With `strips` being `.never` every activation exists in full, so that
  /// `run(_:features:observing:)` can show it; the bytes are the same. `threads` of them, the caller's
  /// included, share each step that has a form by rows; one alone runs the others. An arena of more than
  /// `arenaLimit` bytes is refused before it is allocated. With `tail`, the network's, they share that
  /// too (`run(_:logits:)`). `side`, if it is there, plans and gets memory from the system while weights are
  /// packed.
  package convenience init(
    _ network: Network, cpu: String? = nil, strips: StripUse = .whereUseful, threads: Int = 1,
    tail: Tail? = nil, arenaLimit: Int = greatestArena, side: SideThread? = nil
  ) throws(InferenceError) {
    try self.init(
      network, kernels: try KernelSet(allowedBy: cpu), strips: strips, threads: threads, tail: tail,
      arenaLimit: arenaLimit, side: side)
  }

  /// Packs `network`'s body for the given kernel variants.
  package init(
    _ network: Network, kernels: KernelSet, strips: StripUse = .whereUseful, threads: Int = 1,
    tail: Tail? = nil, arenaLimit: Int = greatestArena, side: SideThread? = nil
  ) throws(InferenceError) {
    let packedByteCount = LayerPacker.byteCount(network, kernels)
    let made = side == nil ? Plan(network, strips: strips, threads: threads) : nil
    if let made { try Self.check(made, arenaLimit: arenaLimit) }
    let memory = MemoryBlock(
      byteCount: packedByteCount + (made?.byteCount ?? Self.usualArena))
    side?.add { memory.fetchPages(packedByteCount + Self.usualArena) }
    let planned = Later(by: side) {
      made ?? Plan(network, strips: strips, threads: threads)
    }
    let scratch = SharedScratch(kernels: kernels, threads: threads, memory: memory)
    let packer = LayerPacker(network, scratch: scratch)
    let layers = try packer.layers()
    let plan = planned.value
    try Self.check(plan, arenaLimit: arenaLimit)
    let builder = BodyBuilder(packer, layers: layers, plan: plan)
    arena = WorkMemory(count: plan.byteCount, in: memory)
    work = BodyWork(arena, threads: threads)
    self.memory = try builder.add(to: work)
    work.equip(scratch.members())
    feature = try builder.feature()
    results = tail.map { tail in
      let numbers = WorkMemory<Float>(count: tail.featureCount, filledWith: 0)
      return (numbers, WorkMemory<Float>(count: tail.outputCount, filledWith: 0))
    }
    if let tail, let results {
      work.add(feature, into: results.feature, tail, into: results.logits)
    }
    team = Team(count: threads, work)
    guard let input = plan.slot(of: 0) else {
      throw .graph("its input '\(network.input)' has no place in the arena")
    }
    self.input = input
    self.plan = plan
    self.kernels = kernels
    flipped = builder.flipped
    inputMask = builder.flipped.form(0).mask
    nodes = plan.stages.map { network.nodes[$0.nodes.upperBound - 1] }
    slots = plan.stages.map { plan.slot(of: $0.nodes.upperBound) ?? 0..<0 }
    inputShape = network.inputShape
    featureShape = network.featureShape
  }

  /// What a body of `network` that `threads` share takes, found without its arena: weights are packed once,
  /// and given back.
  package static func memory(
    of network: Network, threads: Int = 1
  ) throws(InferenceError) -> Memory {
    let plan = Plan(network, threads: threads)
    try check(plan, arenaLimit: greatestArena)
    let scratch = SharedScratch(kernels: .chosen, threads: threads)
    let packer = LayerPacker(network, scratch: scratch)
    let builder = BodyBuilder(packer, layers: try packer.layers(), plan: plan)
    return try builder.add(to: BodyWork(WorkMemory(count: 0, filledWith: 0), threads: threads))
  }

  private static func check(_ plan: Plan, arenaLimit: Int) throws(InferenceError) {
    let limit = min(arenaLimit, greatestArena)
    guard plan.byteCount <= limit else {
      throw .arenaTooLarge(needed: plan.byteCount, limit: limit, peak: plan.peakNode)
    }
  }

  /// Computes the feature of one image.
  ///
  /// - Parameters:
  ///   - input: `[height, width, channels]` bytes, as `InputTable` makes them.
  ///   - features: Receives `featureShape.count` numbers.
  /// - Complexity: O(MACs), no allocation.
  @_lifetime(features: copy features)
  package func run(_ input: Span<Int8>, features: inout MutableSpan<Float>) {
    start(input)
    team.run()
    feature.run(arena, into: &features)
  }

  /// Computes the logits of one image by a body that has a tail.
  ///
  /// - Parameters:
  ///   - input: `[height, width, channels]` bytes, as `InputTable` makes them.
  ///   - logits: Receives as many numbers as the tail has outputs.
  /// - Complexity: O(MACs); allocates nothing if the tail is one linear layer.
  @_lifetime(logits: copy logits)
  package func run(_ input: Span<Int8>, logits: inout MutableSpan<Float>) {
    guard let results else { preconditionFailure("a body without a tail has no logits") }
    start(input)
    team.run()
    let made = results.logits.read(0..<results.logits.count)
    precondition(logits.count == made.count, "\(logits.count) places for \(made.count) logits")
    for index in made.indices { logits[index] = made[index] }
  }

  /// The feature of one image, telling when each of `plan.stages` ended; making the feature counts to the last.
  @_lifetime(features: copy features)
  package func run(
    _ input: Span<Int8>, features: inout MutableSpan<Float>,
    ends: inout [ContinuousClock.Instant]
  ) {
    start(input)
    work.ends = Array(repeating: .now, count: plan.stages.count)
    team.run()
    feature.run(arena, into: &features)
    ends = work.ends
    work.ends = []
    if !ends.isEmpty { ends[ends.count - 1] = .now }
  }

  /// The same by the caller alone, showing every result that exists in full as it is made; a mean at the
  /// cut is not.
  @_lifetime(features: copy features)
  package func run(
    _ input: Span<Int8>, features: inout MutableSpan<Float>,
    observing observe: (Node, Span<Int8>) -> Void
  ) {
    start(input)
    work.run { stage in
      if !slots[stage].isEmpty { show(stage, observe) }
    }
    feature.run(arena, into: &features)
  }

  /// The feature of one image as an array.
  package func features(_ input: Span<Int8>) -> [Float] {
    var result = [Float](repeating: 0, count: featureShape.count)
    var span = result.mutableSpan
    run(input, features: &span)
    return result
  }

  /// Shows the result of a stage in its plain form.
  private func show(_ stage: Int, _ observe: (Node, Span<Int8>) -> Void) {
    let arena = arena
    let bytes = arena.read(slots[stage])
    let mask = flipped.form(plan.stages[stage].nodes.upperBound).mask
    var plain: [Int8] = []
    plain.reserveCapacity(bytes.count)
    for index in bytes.indices { plain.append(bytes[index] ^ mask) }
    observe(nodes[stage], plain.span)
  }

  private func start(_ image: Span<Int8>) {
    precondition(image.count == input.count, "\(image.count) bytes for an input of \(inputShape)")
    let arena = arena
    var slot = arena.write(input)
    unsafe slot.withUnsafeMutableBufferPointer { slot in
      unsafe image.withUnsafeBufferPointer { image in
        for index in image.indices { unsafe slot[index] = image[index] ^ inputMask }
      }
    }
  }
}
