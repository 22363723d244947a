/// Offsets for blocks of memory so that no two that live together overlap.
///
/// Tries several orders, places each block in the smallest gap that takes it, and keeps the order
/// that needs least. While that is more than the goal, blocks that stick out are placed earlier.
/// Deterministic: ties go by index.
struct Placement {
  let offsets: [Int]
  let byteCount: Int

  /// How often an order is improved; less often for graphs so large that a try takes long.
  private static func attempts(_ count: Int) -> Int { max(1, min(64, 16_384 / max(1, count))) }

  init(_ blocks: [Liveness.Block], goal: Int) {
    let sizes = blocks.map { Size(byteCount: $0.byteCount, lifetime: $0.lifetime) }
    var best: (offsets: [Int], byteCount: Int)?
    for rule in Rule.allCases {
      var order = Self.order(sizes, by: rule)
      for _ in 0..<Self.attempts(sizes.count) {
        let candidate = Self.place(sizes, in: order)
        if candidate.byteCount < best?.byteCount ?? .max { best = candidate }
        let place = order.firstIndex { candidate.offsets[$0] + sizes[$0].byteCount > goal }
        guard let place, place > 0 else { break }
        order.insert(order.remove(at: place), at: place / 2)
      }
      if best?.byteCount == goal { break }
    }
    (offsets, byteCount) = best ?? ([], 0)
  }

  /// What a block needs.
  private struct Size {
    let byteCount: Int
    let lifetime: ClosedRange<Int>
  }

  /// What comes first.
  private enum Rule: CaseIterable {
    case largest, largestForLong, longest, byPressure
  }

  private static func order(_ blocks: [Size], by rule: Rule) -> [Int] {
    /// Falling by `first`, then by `second`.
    func sorted(_ first: (Size) -> Int, _ second: (Size) -> Int = { _ in 0 }) -> [Int] {
      let keys = blocks.map { (first($0), second($0)) }
      return inOrder(of: keys.count) { keys[$1] < keys[$0] }
    }
    switch rule {
    case .largest: return sorted { $0.byteCount }
    case .largestForLong: return sorted { $0.byteCount * $0.lifetime.count }
    case .longest: return sorted({ $0.lifetime.count }, { $0.byteCount })
    case .byPressure: return byPressure(blocks)
    }
  }

  /// Blocks of the fullest step first, largest first, then those of the next fullest.
  private static func byPressure(_ blocks: [Size]) -> [Int] {
    let steps = 0...(blocks.map(\.lifetime.upperBound).max() ?? 0)
    let load = steps.map { step in
      blocks.reduce(0) { $0 + ($1.lifetime.contains(step) ? $1.byteCount : 0) }
    }
    var order: [Int] = []
    var isPlaced = Array(repeating: false, count: blocks.count)
    for step in inOrder(of: load.count, by: { load[$1] < load[$0] }) {
      let alive = blocks.indices.filter { !isPlaced[$0] && blocks[$0].lifetime.contains(step) }
      let bySize = inOrder(of: alive.count) {
        blocks[alive[$1]].byteCount < blocks[alive[$0]].byteCount
      }
      for place in bySize {
        isPlaced[alive[place]] = true
        order.append(alive[place])
      }
    }
    return order
  }

  private static func place(
    _ blocks: [Size], in order: [Int]
  ) -> (offsets: [Int], byteCount: Int) {
    var offsets = Array(repeating: 0, count: blocks.count)
    // Those that have a place, by their start, then by their end.
    var placed: [(bytes: Range<Int>, lifetime: ClosedRange<Int>)] = []
    placed.reserveCapacity(blocks.count)
    var byteCount = 0
    for index in order {
      let block = blocks[index]
      // The smallest gap that takes it between what is alive with it; after everything if there is none.
      var (end, start, gap) = (0, -1, Int.max)
      for other in placed where other.lifetime.overlaps(block.lifetime) {
        let free = other.bytes.lowerBound - end
        if free >= block.byteCount, free < gap { (start, gap) = (end, free) }
        end = max(end, other.bytes.upperBound)
      }
      if start < 0 { start = end }
      offsets[index] = start
      let bytes = start..<(start + block.byteCount)
      byteCount = max(byteCount, bytes.upperBound)
      let next = placed.firstIndex {
        ($0.bytes.lowerBound, $0.bytes.upperBound) > (bytes.lowerBound, bytes.upperBound)
      }
      placed.insert((bytes, block.lifetime), at: next ?? placed.count)
    }
    return (offsets, byteCount)
  }
}
