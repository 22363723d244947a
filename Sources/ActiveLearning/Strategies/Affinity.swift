import Kernels

/// How alike the candidates of a pool are: inner products of their standardised features.
///
/// Everything that looks at features (distances, cosines, clusters, gradients of a linear head) can be
/// said in inner products, so that a feature of 1,280 numbers is read once and not in every round.
/// Each feature is standardised over the candidates first: no single one outweighs the others.
package struct Affinity: Hashable, Sendable {
  /// Candidates, numbered from 0.
  package let count: Int
  /// `[count, count]`, symmetric.
  package let products: [Float]
  /// 1 / length of each standardised feature; 0 for one of length 0.
  let inverseLengths: [Float]

  /// The products between the rows of `table`, each column of which is standardised first.
  ///
  /// - Complexity: O(n² × dimension) time, 4 n (n + dimension) bytes.
  package init(_ table: FeatureTable) {
    self.init(standardised: FeatureTable(dimension: table.dimension, values: standardised(table)))
  }

  /// The products between the rows of `table`, which stand on one scale already.
  ///
  /// - Complexity: O(n² × dimension) time, 4 n² bytes.
  package init(standardised table: FeatureTable) {
    count = table.count
    let products = Self.products(of: table)
    inverseLengths = (0..<table.count).map { row in
      let square = products[row * (table.count + 1)]
      return square > 0 ? 1 / square.squareRoot() : 0
    }
    self.products = products
  }

  /// Bytes that the affinity of `count` candidates with `dimension` features takes while it is made,
  /// their table included.
  package static func byteCount(_ count: Int, dimension: Int) -> Int {
    4 * count * (count + 2 * dimension)
  }

  /// The products between all rows, `[count, count]`.
  private static func products(of table: FeatureTable) -> [Float] {
    let bias: [Float] = []
    var products = [Float](repeating: 0, count: table.count * table.count)
    guard table.count > 0 else { return products }
    var span = products.mutableSpan
    gemmF32(
      table.values.span, rows: table.count, weights: table.values.span, outputs: table.count,
      depth: table.dimension, bias: bias.span, into: &span)
    return products
  }

  /// The inner product of candidates `first` and `second`.
  package func product(_ first: Int, _ second: Int) -> Float { products[first * count + second] }

  /// The cosine between candidates `first` and `second`, −1 … 1; 0 where one has no direction.
  package func cosine(_ first: Int, _ second: Int) -> Float {
    products[first * count + second] * inverseLengths[first] * inverseLengths[second]
  }
}

/// The rows of a table after each column was given mean 0 and deviation 1; a column that never changes
/// becomes 0.
private func standardised(_ table: FeatureTable) -> [Float] {
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
  let mean = sum.map { Float($0 / total) }
  let inverse: [Float] = zip(sum, squares).map { sum, square in
    let variance = square / total - (sum / total) * (sum / total)
    return variance > 1e-12 ? Float(1 / variance.squareRoot()) : 0
  }
  var values = table.values
  for row in 0..<count {
    for column in 0..<dimension {
      let index = row * dimension + column
      values[index] = (values[index] - mean[column]) * inverse[column]
    }
  }
  return values
}
