import Tensors

/// Nodes that run together, a strip of rows at a time, so that what only the next of them reads
/// never exists in full: of each such result a ring of rows is kept, as many as its reader needs, by each of those
/// who share the work.
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
  /// Bytes of the rings of one of those who share the work.
  private let memberByteCount: Int
  private let memberCount: Int
  /// Which rows are made when.
  package let schedule: StripSchedule
  /// Inputs over which the result may be written: what is overwritten was read before.
  let overwritable: [String]

  /// Bytes of all rings.
  package var byteCount: Int { memberCount * memberByteCount }
  /// From the rings of one of those who share the work to the next one's; 0 if there is but one band.
  package var memberStep: Int { memberCount == 1 ? 0 : memberByteCount }

  /// The chain of `nodes`, each read by the next only, making `stripRows` rows of the last result at
  /// a time; `reaches` has one for each of them, and up to `members` share the work.
  /// - Complexity: O(nodes × rows of the result / `stripRows`).
  init(
    _ nodes: ArraySlice<Node>, reaches: ArraySlice<RowReach>, shapes: [String: Shape],
    stripRows: Int, members: Int = 1
  ) {
    let (nodes, reaches) = (Array(nodes), Array(reaches))
    let outputs = nodes.map { shapes[$0.output] ?? Shape(1) }
    let count = nodes.count
    let schedule = StripSchedule(
      reaches, height: outputs[count - 1].height, stripRows: stripRows, members: members)
    let (strips, bands) = (schedule.stripCount, schedule.bandCount)
    var rings: [Ring] = []
    var byteCount = 0
    for node in 0..<(count - 1) {
      // A step of more rows than there are is as good as one of all rows; strides may be absurd.
      let step = reaches[(node + 1)...].reduce(stripRows) {
        min($0 * $1.stride, max($0, outputs[node].height))
      }
      var rows = 1
      for band in 0..<bands {
        for strip in schedule.strips(band: band) {
          let reader = schedule.rows(band: band, strip: strip, node: node + 1)
          rows = max(
            rows, schedule.end(strip, node) - reaches[node + 1].first(of: reader.lowerBound))
        }
      }
      // Whole steps, begun so that a step's rows lie side by side.
      let whole = (rows + step - 1) / step * step
      let fits = whole < outputs[node].height
      let ring = Ring(
        name: nodes[node].output, rows: fits ? whole : outputs[node].height,
        rowByteCount: outputs[node].width * outputs[node].channels,
        phase: fits ? (step - schedule.end(0, node) % step) % step : 0, offset: byteCount)
      rings.append(ring)
      byteCount += ring.byteCount.aligned
    }
    let names = Set(nodes.flatMap(\.inputs)).subtracting(nodes.map(\.output)).sorted()
    let rowBytes = outputs[count - 1].width * outputs[count - 1].channels
    // What one band has read another may still need.
    overwritable = names.filter { name in
      if bands > 1 { return false }
      let shape = shapes[name] ?? Shape(1)
      let inputBytes = shape.width * shape.channels
      // The last node reads row by row what it writes row by row, at the same place.
      if nodes[count - 1].inputs.contains(name), shape != outputs[count - 1] { return false }
      let readers = nodes.indices.filter { nodes[$0].inputs.contains(name) }
      return (0..<strips).allSatisfy { strip in
        let written = schedule.end(strip, count - 1) * rowBytes
        if strip == strips - 1 { return written <= shape.count }
        return readers.allSatisfy { node in
          written <= reaches[node].first(of: schedule.end(strip, node)) * inputBytes
        }
      }
    }
    self.rings = rings
    memberByteCount = byteCount
    memberCount = bands == 1 ? 1 : members
    self.schedule = schedule
  }
}

extension Int {
  /// The least multiple of `Plan.alignment` that is not less.
  var aligned: Int { (self + Plan.alignment - 1) / Plan.alignment * Plan.alignment }
}
