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
  /// Bytes of each activation that exists in full, by name; names that share bytes may overlap.
  package let slots: [String: Range<Int>]
  /// Where the rings of each stage begin, in the order of `stages`; 0 for one without.
  package let ringOffsets: [Int]
  /// Every stretch of the arena that is taken, in the order in which it is first taken.
  package let blocks: [Block]
  /// What is done in each step, by the names of nodes.
  package let stepNames: [String]
  /// Bytes that are alive in each step.
  package let load: [Int]
  /// Bytes of the arena, rings included.
  package let byteCount: Int
  /// Bytes below which no arrangement can go: the most that is alive during any one step.
  package let lowerBound: Int
  /// The step at which `lowerBound` is reached, a node's name.
  package let peakNode: String

  /// The plan of the network's body for `threads` that share the work, each with its own rings.
  package init(_ network: Network, strips: StripUse = .whereUseful, threads: Int = 1) {
    self.init(
      input: network.input, nodes: network.body, shapes: network.shapes,
      feature: network.featureIsMean ? network.cut : nil, strips: strips, threads: threads)
  }

  /// The plan of a whole graph, in units of elements rather than bytes, without strips.
  package init(_ graph: Graph, shapes: [String: Shape]) {
    self.init(
      input: graph.input, nodes: graph.nodes[...], shapes: shapes, feature: nil,
      result: graph.output)
  }

  /// The plan of `nodes`, whose activations take one byte an element; `feature` needs none, and
  /// `result` is kept to the end.
  /// - Complexity: O(nodes²).
  init(
    input: String, nodes: ArraySlice<Node>, shapes: [String: Shape], feature: String?,
    result: String? = nil, strips: StripUse = .never, threads: Int = 1
  ) {
    let nodes = Array(nodes)
    let whole = nodes.indices.map { Stage(nodes: $0..<($0 + 1), chain: nil) }
    var plan = Self(
      input: input, nodes: nodes, stages: whole, shapes: shapes, feature: feature, result: result)
    if strips != .never {
      let kept = [feature, result].compactMap(\.self)
      let candidates = ChainCandidates(
        input: input, nodes: nodes, shapes: shapes, kept: kept, members: threads)
      for overwritesLarger in [false, true] {
        let other = Self(
          input: input, nodes: nodes,
          stages: strips == .wherePossible
            ? candidates.longest : candidates.best(overwritesLarger: overwritesLarger),
          shapes: shapes, feature: feature, result: result, overwritesLarger: overwritesLarger)
        if other.byteCount < plan.byteCount || strips == .wherePossible { plan = other }
      }
    }
    self = plan
  }

  /// The plan of `nodes` in `stages`.
  private init(
    input: String, nodes: [Node], stages: [Stage], shapes: [String: Shape], feature: String?,
    result: String?, overwritesLarger: Bool = false
  ) {
    let uses = stages.map {
      StageUse($0, nodes: nodes, shapes: shapes, overwritesLarger: overwritesLarger)
    }
    let liveness = Liveness(
      input: input, uses: uses, shapes: shapes, feature: feature, result: result)
    let placement = Placement(liveness.blocks, goal: liveness.peak.byteCount)
    var slots: [String: Range<Int>] = [:]
    var ringOffsets = Array(repeating: 0, count: stages.count)
    for (block, offset) in zip(liveness.blocks, placement.offsets) {
      for name in block.names { slots[name.name] = offset..<(offset + name.byteCount) }
      if block.names.isEmpty { ringOffsets[block.lifetime.lowerBound - 1] = offset }
    }
    blocks = zip(liveness.blocks, placement.offsets).map { block, offset in
      Block(
        names: block.names.map(\.name), bytes: offset..<(offset + block.byteCount),
        steps: block.lifetime)
    }
    self.stages = stages
    self.slots = slots
    self.ringOffsets = ringOffsets
    stepNames = liveness.stepNames
    load = liveness.load
    byteCount = placement.byteCount
    let peak = liveness.peak
    lowerBound = peak.byteCount
    peakNode = peak.node
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
