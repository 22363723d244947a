import Graph
import Kernels
import Tensors

/// Where the rows of an activation lie in an arena: one after the other, or round and round in a
/// ring that holds some of them.
struct Rows {
  /// Where the first place begins.
  private(set) var start: Int
  /// Elements of a row.
  let count: Int
  /// Places for rows.
  let capacity: Int
  /// The place of row 0.
  let phase: Int
  /// From one member's ring to the next one's; 0 for what all share.
  private let memberStep: Int

  /// An activation of `shape` that exists in full from `start` on.
  init(_ start: Int, _ shape: Shape) {
    self.start = start
    count = shape.count / shape.height
    capacity = shape.height
    phase = 0
    memberStep = 0
  }

  /// The same for an activation of `extent`.
  init(_ start: Int, _ extent: Geometry.Extent) {
    self.start = start
    count = extent.width * extent.channels
    capacity = extent.height
    phase = 0
    memberStep = 0
  }

  /// A ring of `chain`, whose memory begins at `start`.
  init(_ ring: Chain.Ring, of chain: Chain, at start: Int) {
    self.start = start + ring.offset
    memberStep = chain.memberStep
    count = ring.rowByteCount
    capacity = ring.rows
    phase = ring.phase
  }

  /// The same rows as `member` sees them: in its own ring if there are several.
  func seen(by member: Int) -> Rows {
    var rows = self
    rows.start += member * memberStep
    return rows
  }

  /// Where `row` begins.
  func offset(_ row: Int) -> Int { start + (row + phase) % capacity * count }

  /// The end of the rows from `row` on, at most `end`, that lie one after the other.
  func end(from row: Int, atMost end: Int) -> Int {
    min(end, row + capacity - (row + phase) % capacity)
  }
}

/// A node of a body that can make a few rows of its result at a time.
class RowStep {
  /// Rows of the result.
  let height: Int
  /// Into how many parts threads had better cut it.
  let partCount: Int
  /// Bytes of packed weights and of memory the step keeps for itself.
  let packedByteCount: Int

  init(height: Int, partCount: Int, packedByteCount: Int) {
    self.height = height
    self.partCount = partCount
    self.packedByteCount = packedByteCount
  }

  /// Makes `part` of `rows` of the result from rows of its inputs that are there, with the memory of the thread that
  /// does.
  func run(
    _ arena: WorkMemory<Int8>, rows: Range<Int>, _ part: Share, _ scratch: MemberScratch
  ) {
    preconditionFailure("\(Self.self) makes no rows")
  }
}

extension Range<Int> {
  /// Where these things of `count` elements lie when the first of all begins at `start`.
  func places(from start: Int, of count: Int) -> Range<Int> {
    (start + lowerBound * count)..<(start + upperBound * count)
  }
}
