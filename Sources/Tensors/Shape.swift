/// The extent of a tensor in each dimension, outermost first, without the batch dimension.
///
/// A feature map is `[height, width, channels]` (channels innermost), a feature vector `[count]`.
package struct Shape: Hashable, Sendable {
  /// Extents, outermost first; every one is at least 1.
  package let dimensions: [Int]

  /// A shape of `dimensions`, or `nil` if one is below 1 or the element count does not fit 2³¹.
  package init?(validating dimensions: [Int]) {
    var count = 1
    for dimension in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 1, !overflow, product <= Int(Int32.max) else { return nil }
      count = product
    }
    self.dimensions = dimensions
  }

  /// A shape known to be valid; traps on an extent below 1.
  package init(_ dimensions: Int...) {
    guard let shape = Shape(validating: dimensions) else {
      preconditionFailure("invalid shape \(dimensions)")
    }
    self = shape
  }

  /// Number of elements: the product of all extents; 1 for a scalar.
  package var count: Int { dimensions.reduce(1, *) }

  /// Innermost extent: channels of a feature map, length of a vector; 1 for a scalar.
  package var channels: Int { dimensions.last ?? 1 }

  /// Height of a feature map; 1 for a vector.
  package var height: Int { dimensions.count == 3 ? dimensions[0] : 1 }

  /// Width of a feature map; 1 for a vector.
  package var width: Int { dimensions.count == 3 ? dimensions[1] : 1 }
}

extension Shape: CustomStringConvertible {
  /// As in `224×224×3`.
  package var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}

extension Shape: Codable {
  /// Reads a list of extents; throws on one that is not a valid shape.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let dimensions = try container.decode([Int].self)
    guard let shape = Shape(validating: dimensions) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "invalid shape \(dimensions)")
    }
    self = shape
  }

  /// Writes the list of extents.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }
}
