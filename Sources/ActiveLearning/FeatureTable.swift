/// Features of several candidates, one row each: what selection by features looks at.
package struct FeatureTable: Hashable, Sendable {
  /// Numbers in a row.
  package let dimension: Int
  /// `[count, dimension]`, row-major.
  package let values: [Float]

  /// A table of `values`; traps if they do not fill whole rows of `dimension` numbers.
  package init(dimension: Int, values: [Float]) {
    precondition(
      dimension >= 1 && values.count.isMultiple(of: dimension),
      "\(values.count) numbers do not fill rows of \(dimension)")
    self.dimension = dimension
    self.values = values
  }

  /// Rows in the table.
  package var count: Int { values.count / dimension }
}

/// The rows of a table as directions: standardised over the table, then scaled to length 1.
///
/// Distances between photos mean something only once no single feature outweighs the others. The
/// table is not copied: a row is standardised where it is read.
struct Directions {
  private let table: FeatureTable
  private let mean: [Float]
  private let inverse: [Float]
  private let length: [Float]

  init(_ table: FeatureTable) {
    self.table = table
    let (count, dimension) = (table.count, table.dimension)
    var sum = [Double](repeating: 0, count: dimension)
    var squares = sum
    for row in 0..<count {
      for column in 0..<dimension {
        let value = Double(table.values[row * dimension + column])
        sum[column] += value
        squares[column] += value * value
      }
    }
    let total = Double(max(count, 1))
    mean = sum.map { Float($0 / total) }
    inverse = zip(sum, squares).map { sum, square in
      let variance = square / total - (sum / total) * (sum / total)
      return variance > 1e-12 ? Float(1 / variance.squareRoot()) : 0
    }
    var lengths = [Float](repeating: 0, count: count)
    for row in 0..<count {
      var square: Float = 0
      for column in 0..<dimension {
        let value = (table.values[row * dimension + column] - mean[column]) * inverse[column]
        square += value * value
      }
      lengths[row] = square.squareRoot()
    }
    length = lengths
  }

  var count: Int { table.count }
  var dimension: Int { table.dimension }

  /// Adds the direction of `row` to `sum`.
  func add(_ row: Int, to sum: inout [Float]) {
    let scale = length[row] > 0 ? 1 / length[row] : 0
    for column in 0..<dimension {
      let value = table.values[row * dimension + column]
      sum[column] += (value - mean[column]) * inverse[column] * scale
    }
  }

  /// The direction of `row`.
  func direction(_ row: Int) -> [Float] {
    var result = [Float](repeating: 0, count: dimension)
    add(row, to: &result)
    return result
  }

  /// The cosine between `row` and `direction`, which has length 1 (or the dot product if it has not).
  func cosine(_ row: Int, _ direction: [Float]) -> Float {
    guard length[row] > 0 else { return 0 }
    var dot: Float = 0
    for column in 0..<dimension {
      let value = table.values[row * dimension + column]
      dot += (value - mean[column]) * inverse[column] * direction[column]
    }
    return dot / length[row]
  }
}
