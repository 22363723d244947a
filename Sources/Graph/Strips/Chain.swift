import Tensors

/// Nodes that run together, a strip of rows at a time, so that what only the next of them reads
/// never exists in full: of each such result a ring of rows is kept, as many as its reader needs, by each of those
/// who share the work.
package struct Chain: Hashable, Sendable {
  /// A stretch of memory that the rows of one result use round and round.
  package struct Ring: Hashable, Sendable {
    /// The result, by activation.
    package let activation: Int
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
  let overwritable: [Int]

  /// Bytes of all rings.
  package var byteCount: Int { memberCount * memberByteCount }
  /// From the rings of one of those who share the work to the next one's; 0 if there is but one band.
  package var memberStep: Int { memberCount == 1 ? 0 : memberByteCount }

  /// The chain of `nodes`, each read by the next only, making `stripRows` rows of the last result at
  /// a time; `reaches` has one for each of them, and up to `members` share the work.
  /// - Complexity: O(nodes × rows of the result / `stripRows`).
  init(
    _ nodes: Range<Int>, of wiring: Wiring, reaches: [RowReach], stripRows: Int, members: Int = 1
  ) {
    let height = wiring.extents[nodes.upperBound].height
    let schedule = StripSchedule(reaches, height: height, stripRows: stripRows, members: members)
    let rows = StripRows(nodes, of: wiring, reaches, schedule, stripRows: stripRows)
    var rings: [Ring] = []
    var byteCount = 0
    for index in 0..<(nodes.count - 1) {
      let ring = rows.ring(index, offset: byteCount)
      rings.append(ring)
      byteCount += ring.byteCount.aligned
    }
    self.rings = rings
    memberByteCount = byteCount
    memberCount = schedule.bandCount == 1 ? 1 : members
    overwritable = rows.overwritable(from: 0)
    self.schedule = schedule
  }
}

/// What follows from the rows that the nodes of a chain make in each strip, or those of a chain that begins at a
/// later one of them: all are made backwards from what the last node makes.
struct StripRows {
  private let nodes: Range<Int>
  private let wiring: Wiring
  /// Of each node.
  private let reaches: [RowReach]
  private let schedule: StripSchedule
  private let stripRows: Int

  /// `nodes` in strips of `stripRows` rows by `schedule`.
  init(
    _ nodes: Range<Int>, of wiring: Wiring, _ reaches: [RowReach], _ schedule: StripSchedule,
    stripRows: Int
  ) {
    self.nodes = nodes
    self.wiring = wiring
    self.reaches = reaches
    self.schedule = schedule
    self.stripRows = stripRows
  }

  /// The ring of node `index` of the chain, which is not the last.
  func ring(_ index: Int, offset: Int) -> Chain.Ring {
    let shape = wiring.extents[nodes.lowerBound + index + 1]
    let height = shape.height
    // A step of more rows than there are is as good as one of all rows; strides may be absurd.
    var step = stripRows
    for reader in (index + 1)..<nodes.count {
      step = min(step * reaches[reader].stride, max(step, height))
    }
    var rows = 1
    for band in 0..<schedule.bandCount {
      for strip in schedule.strips(band: band) {
        let reader = schedule.rows(band: band, strip: strip, node: index + 1)
        let first = reaches[index + 1].first(of: reader.lowerBound)
        rows = max(rows, schedule.end(strip, index) - first)
      }
    }
    // Whole steps, begun so that a step's rows lie side by side.
    let whole = (rows + step - 1) / step * step
    let fits = whole < height
    return Chain.Ring(
      activation: nodes.lowerBound + index + 1, rows: fits ? whole : height,
      rowByteCount: shape.rowCount,
      phase: fits ? (step - schedule.end(0, index) % step) % step : 0, offset: offset)
  }

  /// Inputs of the chain of the nodes from `first` on over which the result may be written, by name.
  func overwritable(from first: Int) -> [Int] {
    // What one band has read another may still need.
    if schedule.bandCount > 1 { return [] }
    let chain = (nodes.lowerBound + first)..<nodes.upperBound
    let found = wiring.inputs(of: chain).filter { mayOverwrite($0, from: first) }
    return found.count < 2 ? found : found.sorted { wiring.name($0) < wiring.name($1) }
  }

  private func mayOverwrite(_ input: Int, from first: Int) -> Bool {
    let (last, strips) = (nodes.count - 1, schedule.stripCount)
    let (shape, result) = (wiring.extents[input], wiring.extents[nodes.upperBound])
    // The last node reads row by row what it writes row by row, at the same place.
    if shape != result, wiring.inputs[nodes.upperBound - 1].contains(input) { return false }
    let (rowBytes, inputBytes) = (result.rowCount, shape.rowCount)
    guard schedule.end(strips - 1, last) * rowBytes <= shape.count else { return false }
    for node in first...last where wiring.inputs[nodes.lowerBound + node].contains(input) {
      for strip in 0..<(strips - 1) {
        let read = reaches[node].first(of: schedule.end(strip, node))
        if schedule.end(strip, last) * rowBytes > read * inputBytes { return false }
      }
    }
    return true
  }
}

extension Int {
  /// The least multiple of `Plan.alignment` that is not less.
  var aligned: Int { (self + Plan.alignment - 1) / Plan.alignment * Plan.alignment }
}
