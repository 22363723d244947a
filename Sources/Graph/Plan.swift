package import Tensors

/// Where every activation of a body lies in its arena.
///
/// Made once from the network: first which nodes run in strips of rows (`Chain`), then lifetimes,
/// then offsets by best fit, largest slot first. An element-wise operation (`add`, `multiply`,
/// `clamp`, `activation`) writes over an input that
/// nothing reads afterwards; a `flatten` renames its input's bytes. The feature is not in the arena:
/// it leaves through the caller's buffer, unless later steps would need it as bytes.
package struct Plan: Hashable, Sendable {
  /// Slots begin at multiples of this.
  package static let alignment = 64

  /// A stretch of the arena that is taken for a while.
  package struct Block: Hashable, Sendable {
    /// What lies there, one after the other; empty for the rings of a chain.
    package let names: [String]
    /// Where it lies.
    package let bytes: Range<Int>
    /// The first and the last step in which it is taken; step 0 is the input's arrival, step n the
    /// n-th stage.
    package let steps: ClosedRange<Int>
  }

  /// What the body does, in running order.
  package let stages: [Stage]
  /// Where the rings of each stage begin, in the order of `stages`; 0 for one without.
  package let ringOffsets: [Int]
  /// Bytes that are alive in each step.
  package let load: [Int]
  /// Bytes of the arena, rings included.
  package let byteCount: Int
  /// Bytes below which no arrangement can go: the most that is alive during any one step.
  package let lowerBound: Int

  /// Names of the activations, the input first.
  private let activations: [String]
  /// Names of the nodes.
  private let nodes: [String]
  /// Bytes of each activation that exists in full.
  private let places: [Range<Int>?]
  private let placed: [Placed]

  /// A block and the activations that lie there.
  private struct Placed: Hashable {
    let activations: [Int]
    let bytes: Range<Int>
    let steps: ClosedRange<Int>
  }

  /// Bytes of each activation that exists in full, by name; names that share bytes may overlap.
  package var slots: [String: Range<Int>] {
    var slots: [String: Range<Int>] = [:]
    for (name, place) in zip(activations, places) { slots[name] = place }
    return slots
  }

  /// Bytes of `activation` if it exists in full; 0 is the input, i + 1 the result of node i.
  package func slot(of activation: Int) -> Range<Int>? { places[activation] }

  /// Every stretch of the arena that is taken, in the order in which it is first taken.
  package var blocks: [Block] {
    placed.map { block in
      Block(
        names: block.activations.map { activations[$0] }, bytes: block.bytes, steps: block.steps)
    }
  }

  /// What is done in each step, by the names of nodes.
  package var stepNames: [String] {
    ["(input)"]
      + stages.map { stage in
        let (first, last) = (nodes[stage.nodes.lowerBound], nodes[stage.nodes.upperBound - 1])
        return stage.chain == nil ? first : "\(first) … \(last)"
      }
  }

  /// The step at which `lowerBound` is reached, a node's name.
  package var peakNode: String { stepNames[load.firstIndex(of: lowerBound) ?? 0] }

  /// The plan of the network's body for `threads` that share the work, each with its own rings.
  package init(_ network: Network, strips: StripUse = .whereUseful, threads: Int = 1) {
    self.init(
      network.wiring.prefix(network.bodyNodeCount),
      feature: network.featureIsMean ? network.bodyNodeCount : nil, strips: strips, threads: threads
    )
  }

  /// The plan of a whole graph, in units of elements rather than bytes, without strips.
  package init(_ graph: Graph, shapes: [String: Shape]) {
    let result = graph.nodes.lastIndex { $0.output == graph.output }.map { $0 + 1 }
    self.init(
      Wiring(input: graph.input, nodes: graph.nodes, shapes: shapes), feature: nil,
      result: result ?? 0)
  }

  /// The plan of `wiring`, whose activations take one byte an element; `feature` needs none, and
  /// `result` is kept to the end.
  /// - Complexity: O(nodes²).
  init(
    _ wiring: Wiring, feature: Int?, result: Int? = nil, strips: StripUse = .never,
    threads: Int = 1
  ) {
    let whole = Draft(
      wiring, wiring.nodes.indices.map { Stage(nodes: $0..<($0 + 1), chain: nil) },
      feature: feature, result: result)
    var best: Plan?
    if strips != .never {
      var candidates = ChainCandidates(
        wiring, kept: [feature, result].compactMap(\.self), members: threads)
      for overwritesLarger in [false, true] {
        let stages =
          strips == .wherePossible
          ? candidates.longest : candidates.best(overwritesLarger: overwritesLarger)
        let draft = Draft(
          wiring, stages, feature: feature, result: result, overwritesLarger: overwritesLarger)
        // No arrangement takes less than its fullest moment.
        if strips != .wherePossible, let best, draft.peak >= best.byteCount { continue }
        let other = Plan(draft, wiring)
        if strips == .wherePossible || other.byteCount < best?.byteCount ?? .max { best = other }
      }
    }
    if let best, strips == .wherePossible || best.byteCount < whole.peak {
      self = best
      return
    }
    let plain = Plan(whole, wiring)
    self = best.map { $0.byteCount < plain.byteCount ? $0 : plain } ?? plain
  }

  /// The plan of `draft`, whose blocks get their places.
  private init(_ draft: Draft, _ wiring: Wiring) {
    let blocks = draft.liveness.blocks
    let placement = Placement(blocks, goal: draft.peak)
    var places = [Range<Int>?](repeating: nil, count: wiring.shapes.count)
    var ringOffsets = Array(repeating: 0, count: draft.stages.count)
    for (block, offset) in zip(blocks, placement.offsets) {
      for activation in block.activations {
        places[activation] = offset..<(offset + wiring.extents[activation].count)
      }
      if block.activations.isEmpty { ringOffsets[block.lifetime.lowerBound - 1] = offset }
    }
    placed = zip(blocks, placement.offsets).map { block, offset in
      Placed(
        activations: block.activations, bytes: offset..<(offset + block.byteCount),
        steps: block.lifetime)
    }
    stages = draft.stages
    activations = wiring.shapes.indices.map { wiring.name($0) }
    nodes = wiring.nodes.map(\.name)
    self.places = places
    self.ringOffsets = ringOffsets
    load = draft.load
    byteCount = placement.byteCount
    lowerBound = draft.peak
  }
}

/// Stages with the lives of what they make, which have no places yet.
private struct Draft {
  let stages: [Stage]
  let liveness: Liveness
  /// Bytes that are alive in each step.
  let load: [Int]
  /// The most of them.
  let peak: Int

  init(
    _ wiring: Wiring, _ stages: [Stage], feature: Int?, result: Int?,
    overwritesLarger: Bool = false
  ) {
    self.stages = stages
    liveness = Liveness(
      wiring, stages.map { StageUse($0, wiring, overwritesLarger: overwritesLarger) },
      feature: feature, result: result)
    load = liveness.load
    peak = load.max() ?? 0
  }
}

extension Operation {
  /// Whether each byte of the result depends on the byte at the same place of the inputs alone.
  var canRunInPlace: Bool {
    switch self {
    case .add, .clamp, .flatten, .multiply, .activation: true
    default: false
    }
  }
}
