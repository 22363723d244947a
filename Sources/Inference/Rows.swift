import Graph
import Kernels
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
}

/// A node of a body that can make a few rows of its result at a time.
protocol RowStep: BodyStep {
  /// Rows of the result.
  var height: Int { get }
  /// Makes `part` of `rows` of the result from rows of its inputs that are there.
  func run(_ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share)
}

extension RowStep {
  var rowStep: (any RowStep)? { self }
  func run(_ arena: WorkMemory<Int8>) { run(arena, rows: 0..<height, .whole) }
}

extension Range<Int> {
  /// Where these things of `count` elements lie when the first of all begins at `start`.
  func places(from start: Int, of count: Int) -> Range<Int> {
    (start + lowerBound * count)..<(start + upperBound * count)
  }
}
