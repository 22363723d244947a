/// The integers of a quantised constant, row-major, and what they stand for.
struct ByteConstant {
  var values: [Int64]
  /// One for all, or one for each slice along `axis`.
  var scales: [Float]
  var zeroPoints: [Int64]
  var axis: Int

  /// The integers at `indices`, sliced along `axis` from now on; traps on an index outside.
  func gathering(_ indices: [Int], axis: Int) -> ByteConstant {
    ByteConstant(
      values: indices.map { values[$0] }, scales: scales, zeroPoints: zeroPoints, axis: axis)
  }

  /// Lets the integers stand for `factor` times what they stood for; throws unless it is above 0.
  mutating func scale(by factor: Float) throws(Unsupported) {
    scales = scales.map { $0 * factor }
    guard scales.allSatisfy({ $0.isNormal && $0 > 0 }) else {
      throw Unsupported(why: "quantised weights times \(factor)")
    }
  }

  /// Signed bytes, a scale and a zero point for each of `count` rows, all of them 128 less where the values
  /// are unsigned; throws unless each is one.
  func rows(
    _ count: Int
  ) throws(Unsupported) -> (bytes: [Int8], scales: [Float], zeroPoints: [Int]) {
    guard scales.count == 1 || scales.count == count && axis == 0 else {
      throw Unsupported(
        why: "weights with \(scales.count) scales along axis \(axis) for \(count) outputs")
    }
    let shift: Int64 = values.contains { $0 > 127 } || zeroPoints.contains { $0 > 127 } ? 128 : 0
    let (bytes, points) = (values.map { $0 - shift }, zeroPoints.map { $0 - shift })
    guard (bytes + points).allSatisfy({ (-128...127).contains($0) }) else {
      throw Unsupported(why: "weights of more than 8 bits")
    }
    func spread<Value>(_ given: [Value]) -> [Value] {
      given.count == count ? given : Array(repeating: given[0], count: count)
    }
    return (bytes.map { Int8($0) }, spread(scales), spread(points).map { Int($0) })
  }
}
