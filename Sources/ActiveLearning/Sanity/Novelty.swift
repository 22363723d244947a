/// When a candidate counts as unlike anything labelled.
///
/// Defaults were chosen on five packs of photos (dogs, waste, X-rays, objects, signs; EfficientNet-Lite0
/// features, examples drawn at random): with 20 examples 3.7 % of further photos of known classes and
/// 56 % of photos from another pack are called unlike anything labelled, with 50 examples 1.6 and 66 %,
/// with 150 0.7 and 71 %. A class that was left out of its own pack is noticed in 5 to 13 % of its
/// photos only: a dog of another breed is like the dogs. With 10 examples it was 5.8 and 30 %.
package struct NoveltyRule: Hashable, Sendable, Codable {
  /// Examples below which nothing is called so.
  package var leastExamples: Int
  /// Share of the examples that are nearer to another one than the limit, 0...1.
  package var quantile: Double
  /// What that distance is multiplied by; 1.1 called 0.2 % of known and 10 % of foreign photos so, with
  /// 20 examples.
  package var factor: Double

  /// A rule; the defaults are the device's.
  package init(leastExamples: Int = 20, quantile: Double = 0.99, factor: Double = 1) {
    self.leastExamples = leastExamples
    self.quantile = quantile
    self.factor = factor
  }

  /// The distance beyond which a candidate is unlike anything labelled, from the `distances` of each
  /// example to the nearest of the others; `nil` while there are too few.
  ///
  /// A candidate of the same kind as n examples is farther than the k-th smallest of their distances
  /// with probability 1 − k / (n + 1): k is the least that leaves 1 − `quantile`, n at most.
  package func limit(_ distances: [Double]) -> Double? {
    guard distances.count >= max(1, leastExamples) else { return nil }
    let place = Int((quantile * Double(distances.count + 1)).rounded(.up))
    return distances.sorted()[min(max(place, 1), distances.count) - 1] * factor
  }
}

/// How far a candidate is from everything labelled.
package struct Novelty: Hashable, Sendable, Codable {
  /// 1 − cosine to the nearest labelled example, 0 … 2.
  package var distance: Double
  /// The distance beyond which it is unlike anything labelled; `nil` while too few are labelled.
  package var limit: Double?

  /// A distance and its limit.
  package init(distance: Double, limit: Double?) {
    self.distance = distance
    self.limit = limit
  }

  /// Whether it is unlike anything labelled.
  package var isNovel: Bool { limit.map { distance > $0 } ?? false }

  private enum CodingKeys: String, CodingKey {
    case distance, limit
    case isNovel = "novel"
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    distance = try values.decode(Double.self, forKey: .distance)
    limit = try values.decodeIfPresent(Double.self, forKey: .limit)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(distance, forKey: .distance)
    try values.encodeIfPresent(limit, forKey: .limit)
    try values.encode(isNovel, forKey: .isNovel)
  }
}
