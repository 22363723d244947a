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

  private let work: ChainWork
  private var wiring: Wiring { work.wiring }
  /// The node that reads each activation last; that which makes it if none does.
  private let lastReaders: [Int]
  /// Bytes of what was made before each node and is read by it or later.
  private let before: [Int]
  /// By the first node and the length − 2.
  private var candidates: [[ChainWork.Candidate]] = []
  /// Chains that were made of candidates.
  private var made: [Stage] = []

  /// The chains of the nodes of `wiring`, of whose activations `kept` must exist in full.
  init(_ wiring: Wiring, kept: [Int], members: Int) {
    let nodes = wiring.nodes.indices
    let lives = Lives(wiring)
    (lastReaders, before) = (lives.lastReaders, lives.before)
    let reaches = nodes.map { RowReach($0, of: wiring) }
    work = ChainWork(wiring: wiring, members: members, reaches: reaches)
    // Whether the result of a node is read by the next node only, both a few rows at a time.
    let isInner = nodes.map { node in
      node + 1 < nodes.count && lives.onlyReaders[node + 1] == node + 1 && !kept.contains(node + 1)
        && reaches[node] != nil && reaches[node + 1] != nil
    }
    var rows = 0
    // By the last node, and by how many times the height doubles.
    var endings = [[ChainWork.Ending]](repeating: [], count: nodes.count)
    candidates.reserveCapacity(nodes.count)
    for first in nodes {
      var found: [ChainWork.Candidate] = []
      var last = first
      while isInner[last], last - first + 1 < Self.greatestLength {
        last += 1
        guard let candidate = work.candidate(first...last, &endings[last], rows: &rows) else {
          break
        }
        found.append(candidate)
      }
      candidates.append(found)
    }
  }

  /// The stages whose fullest moment needs least, and of those the ones that take least time.
  /// - Complexity: O(nodes × greatest length × what is alive).
  mutating func best(overwritesLarger: Bool) -> [Stage] {
    let ends = bestEnds(overwritesLarger: overwritesLarger)
    var result: [Stage] = []
    var first = 0
    while first < ends.count, ends[first] > first {
      result.append(stage(first..<ends[first]))
      first = ends[first]
    }
    return result
  }

  /// By the first node of a stage, where it had best end.
  private func bestEnds(overwritesLarger: Bool) -> [Int] {
    let count = wiring.nodes.count
    let options = (0..<count).map { first in
      (1...(candidates[first].count + 1)).map { length in
        let nodes = first..<(first + length)
        return (end: nodes.upperBound, bytes: load(nodes, overwritesLarger), cost: cost(nodes))
      }
    }
    var least = Array(repeating: Int.max, count: count) + [0]
    for first in (0..<count).reversed() {
      for option in options[first] {
        least[first] = min(least[first], max(option.bytes, least[option.end]))
      }
    }
    let limit = least[0]
    var costs = Array(repeating: Double.infinity, count: count) + [0]
    var choice = Array(repeating: 0, count: count)
    for first in (0..<count).reversed() {
      for option in options[first] where option.bytes <= limit {
        let cost = option.cost + costs[option.end]
        if cost < costs[first] { (costs[first], choice[first]) = (cost, option.end) }
      }
    }
    return choice
  }

  /// The longest chain from the first node on, and so forth.
  var longest: [Stage] {
    mutating get {
      var result: [Stage] = []
      var first = 0
      while first < wiring.nodes.count {
        result.append(stage(first..<(first + candidates[first].count + 1)))
        first += candidates[first].count + 1
      }
      return result
    }
  }

  private func candidate(_ nodes: Range<Int>) -> ChainWork.Candidate? {
    nodes.count == 1 ? nil : candidates[nodes.lowerBound][nodes.count - 2]
  }

  private mutating func stage(_ nodes: Range<Int>) -> Stage {
    guard let candidate = candidate(nodes) else { return Stage(nodes: nodes, chain: nil) }
    for stage in made where stage.nodes == nodes { return stage }
    let chain = Chain(
      nodes, of: wiring, reaches: work.reaches[nodes].compactMap(\.self),
      stripRows: candidate.stripRows, members: work.members)
    made.append(Stage(nodes: nodes, chain: chain))
    return Stage(nodes: nodes, chain: chain)
  }

  /// Bytes that are alive while `nodes` run as a stage.
  private func load(_ nodes: Range<Int>, _ overwritesLarger: Bool) -> Int {
    let (first, last) = (nodes.lowerBound, nodes.upperBound - 1)
    let count = wiring.extents[last + 1].count
    let bytes = before[first] + count.aligned
    guard let candidate = candidate(nodes) else {
      let isOverwriting =
        wiring.nodes[first].operation.canRunInPlace
        && wiring.inputs[first].contains {
          wiring.extents[$0].count == count && lastReaders[$0] <= last
        }
      return isOverwriting ? bytes - count.aligned : bytes
    }
    let isOverwriting = candidate.overwritable.contains {
      (overwritesLarger || wiring.extents[$0].count == count) && lastReaders[$0] <= last
    }
    return bytes + candidate.byteCount - (isOverwriting ? count.aligned : 0)
  }

  /// How much longer than its products alone a stage of `nodes` takes, in bytes moved: what does not stay in
  /// a cache goes out and comes back, and each strip begins every node anew.
  private func cost(_ nodes: Range<Int>) -> Double {
    let output = wiring.extents[nodes.upperBound].count.aligned
    var cost = output > Self.cacheByteCount ? Double(2 * output) : 0
    if let candidate = candidate(nodes) {
      cost += Double(candidate.stripCount * nodes.count) * Self.costOfStart
    }
    return cost
  }

  private static let cacheByteCount = 192 << 10
  private static let costOfStart = 256.0
}

/// What chains are found from.
private struct ChainWork {
  /// A chain that might be.
  struct Candidate {
    let stripRows: Int
    let stripCount: Int
    /// Bytes of its rings.
    let byteCount: Int
    let overwritable: [Int]
  }

  /// What all chains that end with the same node, in strips of the same height, have in common.
  final class Ending {
    /// The first node of the longest of them.
    let first: Int
    let rows: StripRows
    let stripCount: Int
    let memberCount: Int
    /// Of each node but the last, rounded up.
    let ringByteCounts: [Int]

    init(_ first: Int, _ rows: StripRows, _ schedule: StripSchedule, members: Int) {
      self.first = first
      self.rows = rows
      stripCount = schedule.stripCount
      memberCount = schedule.bandCount == 1 ? 1 : members
      ringByteCounts = (0..<(schedule.nodeCount - 1)).map {
        rows.ring($0, offset: 0).byteCount.aligned
      }
    }
  }

  let wiring: Wiring
  /// How many share the work.
  let members: Int
  /// Of each node, `nil` where it cannot be run a few rows at a time.
  let reaches: [RowReach?]

  /// The chain of `nodes` in strips as high as suits the caches; `nil` if following it would bring `rows`
  /// beyond `mostRows`. `endings` are those that are known of its last node.
  func candidate(
    _ nodes: ClosedRange<Int>, _ endings: inout [Ending], rows: inout Int
  ) -> Candidate? {
    var best: (ending: Ending, stripRows: Int, byteCount: Int)?
    let (first, result) = (nodes.lowerBound, wiring.extents[nodes.upperBound + 1])
    for (index, stripRows) in [1, 2, 4, 8].enumerated() {
      let strips = (result.height + stripRows - 1) / stripRows
      // Asked before the chain is followed, which takes as many numbers.
      guard strips * nodes.count <= ChainCandidates.mostRows - rows else { break }
      rows += strips * nodes.count
      if index == endings.count { endings.append(ending(nodes, stripRows: stripRows)) }
      let ending = endings[index]
      let byteCount =
        ending.memberCount * ending.ringByteCounts[(first - ending.first)...].reduce(0, +)
      if let best, byteCount > max(members * ChainCandidates.ringGoal, best.byteCount) { break }
      best = (ending, stripRows, byteCount)
      if stripRows * result.width >= ChainCandidates.efficientPixels || stripRows >= result.height {
        break
      }
    }
    return best.map { best in
      Candidate(
        stripRows: best.stripRows, stripCount: best.ending.stripCount, byteCount: best.byteCount,
        overwritable: best.ending.rows.overwritable(from: first - best.ending.first))
    }
  }

  private func ending(_ nodes: ClosedRange<Int>, stripRows: Int) -> Ending {
    let range = nodes.lowerBound..<(nodes.upperBound + 1)
    let reaches = self.reaches[range].compactMap(\.self)
    let schedule = StripSchedule(
      reaches, height: wiring.extents[range.upperBound].height, stripRows: stripRows,
      members: members)
    let rows = StripRows(range, of: wiring, reaches, schedule, stripRows: stripRows)
    return Ending(range.lowerBound, rows, schedule, members: members)
  }
}

/// From when to when each activation is needed, in steps of one node.
private struct Lives {
  /// By activation; see `ChainCandidates`.
  let lastReaders: [Int]
  /// The node that reads each activation, if it does so once and no other node does; −1 if not.
  let onlyReaders: [Int]
  /// By node; see `ChainCandidates`.
  let before: [Int]

  init(_ wiring: Wiring) {
    let nodes = wiring.nodes.indices
    var last = Array(repeating: 0, count: wiring.shapes.count)
    var only = Array(repeating: -1, count: wiring.shapes.count)
    var reads = Array(repeating: 0, count: wiring.shapes.count)
    for node in nodes {
      last[node + 1] = node
      for input in wiring.inputs[node] {
        reads[input] += 1
        (last[input], only[input]) = (node, reads[input] == 1 ? node : -1)
      }
    }
    var changes = Array(repeating: 0, count: nodes.count + 2)
    for (activation, shape) in wiring.shapes.enumerated() {
      changes[activation] += shape.count.aligned
      changes[last[activation] + 1] -= shape.count.aligned
    }
    var alive = 0
    before = nodes.map { node in
      alive += changes[node]
      return alive
    }
    (lastReaders, onlyReaders) = (last, only)
  }
}
