import Graph
import Tensors

/// Where the rows of an activation lie in an arena: one after the other, or round and round in a
/// ring that holds some of them.
struct Rows {
  /// Where the first place begins.
  let start: Int
  /// Elements of a row.
  let count: Int
  /// Places for rows.
  let capacity: Int
  /// The place of row 0.
  let phase: Int

  /// An activation of `shape` that exists in full from `start` on.
  init(_ start: Int, _ shape: Shape) {
    self.start = start
    count = shape.count / shape.height
    capacity = shape.height
    phase = 0
  }

  /// The same for an activation of `extent`.
  init(_ start: Int, _ extent: Geometry.Extent) {
    self.start = start
    count = extent.width * extent.channels
    capacity = extent.height
    phase = 0
  }

  /// A ring in memory that begins at `start`.
  init(_ ring: Chain.Ring, at start: Int) {
    self.start = start + ring.offset
    count = ring.rowByteCount
    capacity = ring.rows
    phase = ring.phase
  }

  /// Where `row` begins.
  func offset(_ row: Int) -> Int { start + (row + phase) % capacity * count }

  /// The end of the rows from `row` on, at most `end`, that lie one after the other.
  func end(from row: Int, atMost end: Int) -> Int {
    min(end, row + capacity - (row + phase) % capacity)
  }

  /// The elements of `rows`, which lie one after the other.
  func range(_ rows: Range<Int>) -> Range<Int> {
    let offset = offset(rows.lowerBound)
    return offset..<(offset + rows.count * count)
  }
}

/// A node of a body that can make a few rows of its result at a time.
protocol RowStep: BodyStep {
  /// Rows of the result.
  var height: Int { get }
  /// Makes `rows` of the result from rows of its inputs that are there.
  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>)
}

extension RowStep {
  func run(_ arena: WorkMemory<Int8>) { run(arena, rows: 0..<height) }
}

/// Nodes that run together, a strip of rows at a time.
final class ChainStep: BodyStep {
  private let chain: Chain
  private let steps: [any RowStep]

  /// `steps` are those of the chain's nodes, in running order.
  init(_ chain: Chain, steps: [any RowStep]) {
    precondition(steps.count == chain.nodeCount, "\(steps.count) steps for \(chain.nodeCount)")
    self.chain = chain
    self.steps = steps
  }

  var packedByteCount: Int { steps.reduce(0) { $0 + $1.packedByteCount } }

  func run(_ arena: WorkMemory<Int8>) {
    for strip in 0..<chain.stripCount {
      for node in 0..<steps.count {
        let rows = chain.rows(strip: strip, node: node)
        if !rows.isEmpty { steps[node].run(arena, rows: rows) }
      }
    }
  }
}
