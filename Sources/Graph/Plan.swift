package import Tensors

/// Where every activation of a body lies in its arena.
///
/// Made once from the network: lifetimes first, then offsets by best fit, largest slot first. An
/// element-wise operation (`add`, `multiply`, `clamp`, `activation`) writes over an input that
/// nothing reads afterwards; a `flatten` renames its input's bytes. The feature is not in the arena:
/// it leaves through the caller's buffer, unless later steps would need it as bytes.
package struct Plan: Hashable, Sendable {
  /// Slots begin at multiples of this.
  package static let alignment = 64

  /// Bytes of each activation, by name; names that share bytes have one range.
  package let slots: [String: Range<Int>]
  /// Bytes of the arena.
  package let byteCount: Int
  /// Bytes below which no arrangement can go: the most that is alive during any one step.
  package let lowerBound: Int
  /// The step at which `lowerBound` is reached, a node's name.
  package let peakNode: String

  /// The plan of the network's body.
  package init(_ network: Network) {
    self.init(
      input: network.input, nodes: network.body, shapes: network.shapes,
      feature: network.featureIsMean ? network.cut : nil)
  }

  /// The plan of a whole graph, in units of elements rather than bytes.
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
    result: String? = nil
  ) {
    let liveness = Liveness(
      input: input, nodes: nodes, shapes: shapes, feature: feature, result: result)
    let placement = Placement(liveness.blocks, goal: liveness.peak.byteCount)
    var slots: [String: Range<Int>] = [:]
    for (block, offset) in zip(liveness.blocks, placement.offsets) {
      for name in block.names { slots[name.name] = offset..<(offset + name.byteCount) }
    }
    self.slots = slots
    byteCount = placement.byteCount
    let peak = liveness.peak
    lowerBound = peak.byteCount
    peakNode = peak.node
  }
}

/// When each activation is alive; step 0 is the input's arrival, step n the n-th node's run.
struct Liveness {
  /// One stretch of memory and the activations that use it one after the other.
  struct Block {
    /// An activation and its bytes.
    struct Name {
      var name: String
      var byteCount: Int
    }

    var names: [Name]
    var byteCount: Int
    /// First and last step, both included, in which it must not be overwritten.
    var lifetime: ClosedRange<Int>
  }

  private(set) var blocks: [Block] = []
  private let nodeNames: [String]

  init(
    input: String, nodes: ArraySlice<Node>, shapes: [String: Shape], feature: String?,
    result: String?
  ) {
    nodeNames = ["(input)"] + nodes.map(\.name)
    var lastUse = [input: 0]
    for (step, node) in zip(1..., nodes) {
      for name in node.inputs { lastUse[name] = step }
      lastUse[node.output] = max(lastUse[node.output] ?? 0, step)
    }
    if let result { lastUse[result] = nodes.count }
    var blockOf: [String: Int] = [:]
    func add(_ name: String, at step: Int, to blocks: inout [Block]) {
      let count = shapes[name]?.count ?? 0
      blockOf[name] = blocks.count
      blocks.append(
        Block(
          names: [Block.Name(name: name, byteCount: count)],
          byteCount: (count + Plan.alignment - 1) / Plan.alignment * Plan.alignment,
          lifetime: step...(lastUse[name] ?? step)))
    }
    add(input, at: 0, to: &blocks)
    for (step, node) in zip(1..., nodes) where node.output != feature {
      let reusable = node.inputs.first { name in
        node.operation.canRunInPlace && lastUse[name] == step
          && blockOf[name].map { blocks[$0].lifetime.upperBound == step } == true
          && shapes[name]?.count == shapes[node.output]?.count
      }
      if let reusable, let index = blockOf[reusable], let count = shapes[node.output]?.count {
        blockOf[node.output] = index
        blocks[index].names.append(Block.Name(name: node.output, byteCount: count))
        let last = max(step, lastUse[node.output] ?? step)
        blocks[index].lifetime = blocks[index].lifetime.lowerBound...last
      } else {
        add(node.output, at: step, to: &blocks)
      }
    }
  }

  /// The step at which most bytes are alive.
  var peak: (byteCount: Int, node: String) {
    var best = (byteCount: 0, node: nodeNames[0])
    for (step, name) in nodeNames.enumerated() {
      let alive = blocks.reduce(0) { $0 + ($1.lifetime.contains(step) ? $1.byteCount : 0) }
      if alive > best.byteCount { best = (alive, name) }
    }
    return best
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
