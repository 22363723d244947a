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
