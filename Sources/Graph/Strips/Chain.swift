import Tensors

/// Nodes that run together, a strip of rows at a time, so that what only the next of them reads
/// never exists in full: of each such result a ring of rows is kept, as many as its reader needs.
/// Nothing is computed twice.
package struct Chain: Hashable, Sendable {
  /// A stretch of memory that the rows of one result use round and round.
  package struct Ring: Hashable, Sendable {
    /// Name of the result.
    package let name: String
    /// Rows that it holds.
    package let rows: Int
    /// Bytes of a row.
    package let rowByteCount: Int
    /// The place of row 0; row `y` is at `(y + phase) % rows`.
    package let phase: Int
    /// Where it begins in the chain's memory.
    package let offset: Int

    /// Bytes of the ring.
    package var byteCount: Int { rows * rowByteCount }
  }

  /// Results that exist only a few rows at a time, in running order: of all nodes but the last.
  package let rings: [Ring]
  /// Bytes of all rings.
  package let byteCount: Int
  /// Strips of one run.
  package let stripCount: Int
  /// Nodes of the chain.
  package let nodeCount: Int
  /// Inputs over which the result may be written: what is overwritten was read before.
  let overwritable: [String]
  private let ends: [Int]

  /// The rows that node `node` of the chain makes in strip `strip`.
  package func rows(strip: Int, node: Int) -> Range<Int> {
    let start = strip == 0 ? 0 : ends[(strip - 1) * nodeCount + node]
    return start..<ends[strip * nodeCount + node]
  }

  /// The chain of `nodes`, each read by the next only, making `stripRows` rows of the last result at
  /// a time; `reaches` has one for each of them.
  /// - Complexity: O(nodes × rows of the result / `stripRows`).
  init(
    _ nodes: ArraySlice<Node>, reaches: ArraySlice<RowReach>, shapes: [String: Shape],
    stripRows: Int
  ) {
    let (nodes, reaches) = (Array(nodes), Array(reaches))
    let outputs = nodes.map { shapes[$0.output] ?? Shape(1) }
    let height = outputs[nodes.count - 1].height
    let count = nodes.count
    let strips = (height + stripRows - 1) / stripRows
    stripCount = strips
    nodeCount = count
    var ends: [Int] = []
    ends.reserveCapacity(count * stripCount)
    var needed = Array(repeating: 0, count: count)
    for strip in 1...strips {
      needed[count - 1] = min(height, strip * stripRows)
      for node in (1..<count).reversed() {
        needed[node - 1] = reaches[node].end(of: needed[node])
      }
      ends += needed
    }
    // A reader that skips rows may need none of a strip's: never fewer than before.
    func end(_ strip: Int, _ node: Int) -> Int { strip < 0 ? 0 : ends[strip * count + node] }
    var rings: [Ring] = []
    var byteCount = 0
    for node in 0..<(count - 1) {
      // A step of more rows than there are is as good as one of all rows; strides may be absurd.
      let step = reaches[(node + 1)...].reduce(stripRows) {
        min($0 * $1.stride, max($0, outputs[node].height))
      }
      var rows = 1
      for strip in 0..<strips {
        rows = max(rows, end(strip, node) - reaches[node + 1].first(of: end(strip - 1, node + 1)))
      }
      // Whole steps, begun so that a step's rows lie side by side.
      let whole = (rows + step - 1) / step * step
      let fits = whole < outputs[node].height
      let ring = Ring(
        name: nodes[node].output, rows: fits ? whole : outputs[node].height,
        rowByteCount: outputs[node].width * outputs[node].channels,
        phase: fits ? (step - end(0, node) % step) % step : 0, offset: byteCount)
      rings.append(ring)
      byteCount += ring.byteCount.aligned
    }
    let names = Set(nodes.flatMap(\.inputs)).subtracting(nodes.map(\.output)).sorted()
    let rowBytes = outputs[count - 1].width * outputs[count - 1].channels
    overwritable = names.filter { name in
      let shape = shapes[name] ?? Shape(1)
      let inputBytes = shape.width * shape.channels
      // The last node reads row by row what it writes row by row, at the same place.
      if nodes[count - 1].inputs.contains(name), shape != outputs[count - 1] { return false }
      let readers = nodes.indices.filter { nodes[$0].inputs.contains(name) }
      return (0..<strips).allSatisfy { strip in
        let written = end(strip, count - 1) * rowBytes
        if strip == strips - 1 { return written <= shape.count }
        return readers.allSatisfy { node in
          written <= reaches[node].first(of: end(strip, node)) * inputBytes
        }
      }
    }
    self.ends = ends
    self.rings = rings
    self.byteCount = byteCount
  }
}

extension Int {
  /// The least multiple of `Plan.alignment` that is not less.
  var aligned: Int { (self + Plan.alignment - 1) / Plan.alignment * Plan.alignment }
}
