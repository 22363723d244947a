import Tensors

/// Which nodes of a body may run together in strips, and which had better.
struct ChainCandidates {
  /// Nodes of a chain, at most.
  static let greatestLength = 12
  /// Bytes of rings that a strip's height is chosen for.
  static let ringGoal = 64 << 10
  /// Pixels of a strip at which a matrix product is efficient.
  static let efficientPixels = 48
  /// Rows that may be followed while chains are chosen, those of all strip heights and all nodes together;
  /// bounds the time and the memory that a hostile graph takes.
  static let mostRows = 1 << 20

  private let nodes: [Node]
  /// How many share the work.
  private let members: Int
  private let shapes: [String: Shape]
  /// For every activation the step of its making and of its last reading, by node; −1 is before all.
  private let lives: [String: ClosedRange<Int>]
  /// Bytes of what was made before each node and is read by it or later.
  private let before: [Int]
  /// By the first node and the length − 2.
  private var chains: [[Chain]] = []

  init(
    input: String, nodes: [Node], shapes: [String: Shape], kept: [String], members: Int
  ) {
    self.nodes = nodes
    self.members = members
    self.shapes = shapes
    var lives = [input: -1...0]
    var readers: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.inputs {
        readers[name, default: []].append(index)
        lives[name] = (lives[name]?.lowerBound ?? index)...index
      }
      lives[node.output] = index...index
    }
    self.lives = lives
    var changes = Array(repeating: 0, count: nodes.count + 2)
    for (name, life) in lives {
      let byteCount = (shapes[name]?.count ?? 0).aligned
      changes[life.lowerBound + 1] += byteCount
      changes[life.upperBound + 1] -= byteCount
    }
    var alive = 0
    before = nodes.indices.map { index in
      alive += changes[index]
      return alive
    }
    let reaches = nodes.map { RowReach($0, shapes: shapes) }
    let kept = Set(kept)
    // Whether the result of node `index` is read by the next node only, both a few rows at a time.
    let isInner = nodes.indices.map { index in
      let output = nodes[index].output
      return index + 1 < nodes.count && readers[output] == [index + 1] && !kept.contains(output)
        && reaches[index] != nil && reaches[index + 1] != nil
    }
    var rows = 0
    for first in nodes.indices {
      var found: [Chain] = []
      var known: [RowReach] = reaches[first].map { [$0] } ?? []
      var last = first
      while isInner[last], last - first + 1 < Self.greatestLength {
        last += 1
        guard let reach = reaches[last] else { break }
        known.append(reach)
        guard
          let chain = Self.chain(
            nodes[first...last], known, shapes: shapes, members: members, rows: &rows)
        else { break }
        found.append(chain)
      }
      chains.append(found)
    }
  }

  /// The chain of `nodes` in strips as high as suits the caches; `nil` if following it would bring `rows`
  /// beyond `mostRows`.
  private static func chain(
    _ nodes: ArraySlice<Node>, _ reaches: [RowReach], shapes: [String: Shape], members: Int,
    rows: inout Int
  ) -> Chain? {
    var best: Chain?
    let result = shapes[nodes.last?.output ?? ""] ?? Shape(1)
    for stripRows in [1, 2, 4, 8] {
      let strips = (result.height + stripRows - 1) / stripRows
      // Asked before the chain is made: it keeps as many numbers.
      guard strips * nodes.count <= mostRows - rows else { break }
      rows += strips * nodes.count
      let chain = Chain(
        nodes, reaches: reaches[...], shapes: shapes, stripRows: stripRows, members: members)
      if let best, chain.byteCount > max(members * ringGoal, best.byteCount) { return best }
      best = chain
      if stripRows * result.width >= efficientPixels || stripRows >= result.height { break }
    }
    return best
  }

  /// The stages whose fullest moment needs least, and of those the ones that take least time.
  /// - Complexity: O(nodes × greatest length × what is alive).
  func best(overwritesLarger: Bool) -> [Stage] {
    let options = nodes.indices.map { first in
      stages(from: first).map { stage in
        (stage: stage, bytes: load(of: stage, overwritesLarger), cost: cost(of: stage))
      }
    }
    var least = Array(repeating: Int.max, count: nodes.count) + [0]
    for first in nodes.indices.reversed() {
      for option in options[first] {
        least[first] = min(least[first], max(option.bytes, least[option.stage.nodes.upperBound]))
      }
    }
    let limit = least[0]
    var costs = Array(repeating: Double.infinity, count: nodes.count) + [0]
    var choice: [Stage?] = Array(repeating: nil, count: nodes.count)
    for first in nodes.indices.reversed() {
      for option in options[first] where option.bytes <= limit {
        let cost = option.cost + costs[option.stage.nodes.upperBound]
        if cost < costs[first] { (costs[first], choice[first]) = (cost, option.stage) }
      }
    }
    var result: [Stage] = []
    while let stage = choice.dropFirst(result.last?.nodes.upperBound ?? 0).first ?? nil {
      result.append(stage)
    }
    return result
  }

  /// The longest chain from the first node on, and so forth.
  var longest: [Stage] {
    var result: [Stage] = []
    while case let first = result.last?.nodes.upperBound ?? 0, first < nodes.count {
      result += stages(from: first).suffix(1)
    }
    return result
  }

  private func stages(from first: Int) -> [Stage] {
    [Stage(nodes: first..<(first + 1), chain: nil)]
      + chains[first].enumerated().map { length, chain in
        Stage(nodes: first..<(first + length + 2), chain: chain)
      }
  }

  /// Bytes that are alive while `stage` runs.
  private func load(of stage: Stage, _ overwritesLarger: Bool) -> Int {
    let use = StageUse(stage, nodes: nodes, shapes: shapes, overwritesLarger: overwritesLarger)
    let (first, last) = (stage.nodes.lowerBound, stage.nodes.upperBound - 1)
    let bytes = before[first] + use.ringByteCount + byteCount(use.output)
    let isOverwriting = use.overwritable.contains { lives[$0]?.upperBound ?? 0 <= last }
    return isOverwriting ? bytes - byteCount(use.output) : bytes
  }

  private func byteCount(_ name: String) -> Int { (shapes[name]?.count ?? 0).aligned }

  /// How much longer than its products alone `stage` takes, in bytes moved: what does not stay in
  /// a cache goes out and comes back, and each strip begins every node anew.
  private func cost(of stage: Stage) -> Double {
    let output = byteCount(nodes[stage.nodes.upperBound - 1].output)
    var cost = output > Self.cacheByteCount ? Double(2 * output) : 0
    if let chain = stage.chain {
      cost += Double(chain.schedule.stripCount * chain.schedule.nodeCount) * Self.costOfStart
    }
    return cost
  }

  private static let cacheByteCount = 192 << 10
  private static let costOfStart = 256.0
}
