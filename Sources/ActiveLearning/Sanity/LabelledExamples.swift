import Kernels

/// What has a label, as directions of features: finds the examples nearest to a candidate, and tells
/// what is unlike all of them.
///
/// It holds one direction an example, whatever the number of its patches.
package struct LabelledExamples: Hashable, Sendable {
  /// An example near to something.
  package struct Neighbour: Hashable, Sendable {
    /// Identity of the example.
    package var candidate: Int64
    /// Index of its class.
    package var label: Int
    /// Cosine of the standardised features, −1 … 1.
    package var cosine: Double

    /// A neighbour labelled with class `label`.
    package init(candidate: Int64, label: Int, cosine: Double) {
      self.candidate = candidate
      self.label = label
      self.cosine = cosine
    }
  }

  /// The scale on which candidates are compared.
  package let moments: FeatureMoments
  /// Identities, oldest first.
  package private(set) var candidates: [Int64] = []
  /// The class of each.
  package private(set) var labels: [Int] = []
  /// The standardised feature of each, of length 1, `[count, dimension]`.
  package private(set) var directions: [Float] = []
  /// Cosine of each to the nearest of the others; −∞ while there is none.
  private var nearest: [Float] = []

  /// No example yet; features will be compared on the scale of `moments`. With a `capacity` that many
  /// examples take no more memory than they need.
  package init(moments: FeatureMoments, capacity: Int = 0) {
    self.moments = moments
    directions.reserveCapacity(capacity * moments.dimension)
  }

  /// Examples held.
  package var count: Int { candidates.count }
  /// Bytes of `count` examples of `dimension` features.
  package static func byteCount(_ count: Int, dimension: Int) -> Int {
    count * (4 * dimension + 24)
  }

  /// Adds an example with the mean `feature` of its patches, `[dimension]`.
  ///
  /// - Complexity: O(examples × dimension).
  package mutating func add(candidate: Int64, label: Int, feature: [Float]) {
    let direction = moments.direction(feature)
    let cosines = self.cosines(direction)
    var best = -Float.infinity
    for (row, cosine) in cosines.enumerated() {
      nearest[row] = max(nearest[row], cosine)
      best = max(best, cosine)
    }
    candidates.append(candidate)
    labels.append(label)
    nearest.append(best)
    directions += direction
  }

  /// Forgets the example `candidate`, if it is there, as when its label is taken back.
  ///
  /// - Complexity: O(examples × dimension) for it and for each example it was the nearest of.
  package mutating func remove(candidate: Int64) {
    guard let row = candidates.lastIndex(of: candidate) else { return }
    let width = moments.dimension
    let lost = cosines(Array(directions[row * width..<(row + 1) * width]))
    candidates.remove(at: row)
    labels.remove(at: row)
    nearest.remove(at: row)
    directions.removeSubrange(row * width..<(row + 1) * width)
    for other in candidates.indices where lost[other < row ? other : other + 1] >= nearest[other] {
      var cosines = self.cosines(Array(directions[other * width..<(other + 1) * width]))
      cosines[other] = -.infinity
      nearest[other] = cosines.max() ?? -.infinity
    }
  }

  /// The `limit` examples nearest to the mean `feature` of a candidate's patches, the nearest first;
  /// `candidate` itself is left out.
  ///
  /// - Complexity: O(examples × (dimension + log examples)).
  package func nearest(
    to feature: [Float], limit: Int, except candidate: Int64? = nil
  ) -> [Neighbour] {
    let cosines = self.cosines(moments.direction(feature))
    let order = cosines.indices.filter { candidates[$0] != candidate }
      .sorted { cosines[$0] == cosines[$1] ? $0 < $1 : cosines[$0] > cosines[$1] }
    return order.prefix(max(0, limit)).map {
      Neighbour(candidate: candidates[$0], label: labels[$0], cosine: Double(cosines[$0]))
    }
  }

  /// Of each of `features` (means over patches, `[dimension]`) the cosine to the nearest example;
  /// −∞ while there is none.
  ///
  /// - Complexity: O(features × examples × dimension).
  package func closest(to features: [[Float]]) -> [Float] {
    guard count > 0, !features.isEmpty else { return features.map { _ in -.infinity } }
    let rows = features.flatMap(moments.direction)
    var cosines = [Float](repeating: 0, count: features.count * count)
    let noBias: [Float] = []
    var span = cosines.mutableSpan
    gemmF32(
      rows.span, rows: features.count, weights: directions.span, outputs: count,
      depth: moments.dimension, bias: noBias.span, into: &span)
    return features.indices.map { row in
      cosines[row * count..<(row + 1) * count].reduce(-.infinity, max)
    }
  }

  /// Distance (1 − cosine) of each example to the nearest of the others, in the order of
  /// `candidates`; 2 while there is none.
  package var distances: [Double] { nearest.map { 1 - max(-1, Double($0)) } }

  /// Pairs of examples whose cosine is at least `cosine` and whose classes differ: `(earlier, later)`.
  ///
  /// - Complexity: O(examples² × dimension).
  package func contradictingPairs(cosine limit: Double) -> [(Neighbour, Neighbour)] {
    var pairs: [(Neighbour, Neighbour)] = []
    let width = moments.dimension
    for row in candidates.indices {
      let cosines = self.cosines(Array(directions[row * width..<(row + 1) * width]))
      for earlier in 0..<row where labels[earlier] != labels[row] {
        let cosine = Double(cosines[earlier])
        guard cosine >= limit else { continue }
        let of = { Neighbour(candidate: candidates[$0], label: labels[$0], cosine: cosine) }
        pairs.append((of(earlier), of(row)))
      }
    }
    return pairs
  }

  /// The cosine of `direction` to every example.
  private func cosines(_ direction: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    guard count > 0 else { return result }
    let noBias: [Float] = []
    var span = result.mutableSpan
    gemmF32(
      direction.span, rows: 1, weights: directions.span, outputs: count, depth: moments.dimension,
      bias: noBias.span, into: &span)
    return result
  }
}
