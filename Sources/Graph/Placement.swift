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
    let indices = Array(blocks.indices)
    func length(_ index: Int) -> Int { blocks[index].lifetime.count }
    let orders: [[Int]] = [
      indices.sorted { (blocks[$1].byteCount, $0) < (blocks[$0].byteCount, $1) },
      indices.sorted {
        (blocks[$1].byteCount * length($1), $0) < (blocks[$0].byteCount * length($0), $1)
      },
      indices.sorted {
        (length($1), blocks[$1].byteCount, $0) < (length($0), blocks[$0].byteCount, $1)
      },
      Self.byPressure(blocks),
    ]
    var best: (offsets: [Int], byteCount: Int)?
    for order in orders {
      var order = order
      for _ in 0..<Self.attempts(blocks.count) {
        let candidate = Self.place(blocks, in: order)
        if candidate.byteCount < best?.byteCount ?? .max { best = candidate }
        let place = order.firstIndex {
          candidate.offsets[$0] + blocks[$0].byteCount > goal
        }
        guard let place, place > 0 else { break }
        order.insert(order.remove(at: place), at: place / 2)
      }
      if best?.byteCount == goal { break }
    }
    (offsets, byteCount) = best ?? ([], 0)
  }

  /// Blocks of the fullest step first, largest first, then those of the next fullest.
  private static func byPressure(_ blocks: [Liveness.Block]) -> [Int] {
    let steps = 0...(blocks.map(\.lifetime.upperBound).max() ?? 0)
    let load = steps.map { step in
      blocks.reduce(0) { $0 + ($1.lifetime.contains(step) ? $1.byteCount : 0) }
    }
    var order: [Int] = []
    var placed: Set<Int> = []
    for step in steps.sorted(by: { (load[$1], $0) < (load[$0], $1) }) {
      let alive = blocks.indices.filter { blocks[$0].lifetime.contains(step) }
      let bySize = alive.sorted { (blocks[$1].byteCount, $0) < (blocks[$0].byteCount, $1) }
      for index in bySize where placed.insert(index).inserted { order.append(index) }
    }
    return order
  }

  private static func place(
    _ blocks: [Liveness.Block], in order: [Int]
  ) -> (offsets: [Int], byteCount: Int) {
    var offsets = Array(repeating: 0, count: blocks.count)
    var placed: [Int] = []
    var byteCount = 0
    for index in order {
      let block = blocks[index]
      let taken =
        placed
        .filter { blocks[$0].lifetime.overlaps(block.lifetime) }
        .map { offsets[$0]..<(offsets[$0] + blocks[$0].byteCount) }
        .sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
      offsets[index] = smallestGap(block.byteCount, between: taken)
      byteCount = max(byteCount, offsets[index] + block.byteCount)
      placed.append(index)
    }
    return (offsets, byteCount)
  }

  /// The start of the smallest gap of at least `byteCount`; after everything if there is none.
  private static func smallestGap(_ byteCount: Int, between taken: [Range<Int>]) -> Int {
    var (end, best, bestGap) = (0, -1, Int.max)
    for range in taken {
      let gap = range.lowerBound - end
      if gap >= byteCount, gap < bestGap { (best, bestGap) = (end, gap) }
      end = max(end, range.upperBound)
    }
    return best >= 0 ? best : end
  }
}
