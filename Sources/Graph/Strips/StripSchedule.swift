import Tensors

/// Which rows each node of a chain makes in each strip.
///
/// Where several share the work the strips are cut into bands. Each is made by one of them alone, without waiting for
/// the others; rows that two bands read at their border are made twice. With one band nothing is.
package struct StripSchedule: Hashable, Sendable {
  /// Strips of one run.
  package let stripCount: Int
  /// Bands into which the strips are cut.
  package let bandCount: Int
  /// Nodes of the chain.
  package let nodeCount: Int
  /// By strip and node, the end of the rows made by then.
  private let ends: [Int]
  /// By band and node, the first row that the band needs.
  private let starts: [Int]

  /// The schedule that makes `stripRows` rows of `height` at a time, for up to `members`; `reaches` has one for
  /// each node.
  /// - Complexity: O(nodes × height / `stripRows`).
  init(_ reaches: [RowReach], height: Int, stripRows: Int, members: Int) {
    let (strips, count) = ((height + stripRows - 1) / stripRows, reaches.count)
    let bands = Self.bandCount(strips: strips, members: members)
    var needed = Array(repeating: 0, count: count)
    var ends: [Int] = []
    ends.reserveCapacity(count * strips)
    for strip in 1...strips {
      needed[count - 1] = min(height, strip * stripRows)
      for node in (1..<count).reversed() {
        needed[node - 1] = reaches[node].end(of: needed[node])
      }
      ends += needed
    }
    var starts = Array(repeating: 0, count: count)
    for band in 1..<bands {
      needed[count - 1] = strips * band / bands * stripRows
      for node in (1..<count).reversed() {
        needed[node - 1] = reaches[node].first(of: needed[node])
      }
      starts += needed
    }
    (stripCount, bandCount, nodeCount) = (strips, bands, count)
    (self.ends, self.starts) = (ends, starts)
  }

  /// A band for each member or, if they are high enough, two: one on a slower processor then makes fewer.
  private static func bandCount(strips: Int, members: Int) -> Int {
    // Lower bands would make too much of their neighbours' work once more.
    let isHigh = strips >= 2 * members * 4
    return min(strips, members == 1 ? 1 : isHigh ? min(2 * members, 32) : members)
  }

  /// The strips of band `band`.
  package func strips(band: Int) -> Range<Int> {
    (stripCount * band / bandCount)..<(stripCount * (band + 1) / bandCount)
  }

  /// The rows that node `node` of the chain makes in strip `strip` of band `band`.
  package func rows(band: Int, strip: Int, node: Int) -> Range<Int> {
    let isFirst = strip == strips(band: band).lowerBound
    // A reader that skips rows may need none of a strip's: never fewer than before.
    let start = max(starts[band * nodeCount + node], isFirst ? 0 : end(strip - 1, node))
    return start..<max(start, end(strip, node))
  }

  /// The end of the rows of node `node` that are needed by the end of strip `strip`.
  func end(_ strip: Int, _ node: Int) -> Int { ends[strip * nodeCount + node] }
}
