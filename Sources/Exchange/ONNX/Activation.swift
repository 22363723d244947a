/// What is known about an intermediate result while a model is translated.
struct Activation {
  /// How ONNX's extents lie over the elements that Loam keeps.
  enum Layout: Equatable {
    /// `[1, C, H, W]` for Loam's `[H, W, C]`.
    case channelsFirst
    /// `[1, H, W, C]` for Loam's `[H, W, C]`.
    case channelsLast
    /// At most one extent above 1, for Loam's `[count]`.
    case vector
    /// A flattened `[1, C, H, W]`: the file's order is C, H, W, Loam's is H, W, C.
    case scrambled(channels: Int, area: Int)
    /// A map in the midst of a channel shuffle: the elements are still those of the map.
    case grouped(Grouping)
  }

  /// How a map's channels are grouped.
  struct Grouping: Equatable {
    var groups: Int
    /// Extents of the map, `[1, C, H, W]`.
    var map: [Int]
    /// Whether the axis of groups comes after that of the channels in a group.
    var isTransposed: Bool
  }

  /// Loam's name for it.
  var name: String
  /// ONNX's extents, batch (1) included.
  var dims: [Int]
  var layout: Layout
  /// The file's type of it where it has it as quantised bytes, `nil` where as numbers.
  var byteType: ONNXElementType?

  /// Number of elements.
  var count: Int { dims.reduce(1, *) }

  /// Whether it is a feature map.
  var isMap: Bool { layout == .channelsFirst || layout == .channelsLast }

  /// The axis of ONNX's extents that the channels lie along.
  var channelAxis: Int {
    switch layout {
    case .channelsFirst: 1
    case .channelsLast: 3
    case .vector, .scrambled, .grouped: dims.firstIndex { $0 != 1 } ?? dims.count - 1
    }
  }

  /// The axes of height and width of a map.
  var spatialAxes: [Int] { layout == .channelsLast ? [1, 2] : [2, 3] }

  /// Channels of a map, elements of a vector.
  var channels: Int { isMap ? dims[channelAxis] : count }
  /// Height of a map.
  var height: Int { dims[spatialAxes[0]] }
  /// Width of a map.
  var width: Int { dims[spatialAxes[1]] }

  /// For each of Loam's elements of a flattened map, where the file has it.
  static func order(channels: Int, area: Int) -> [Int] {
    (0..<channels * area).map { $0 % channels * area + $0 / channels }
  }
}

/// What a name of the file stands for.
enum Known {
  case constant(Constant)
  case activation(Activation)
  /// The result of a step that could not be translated.
  case lost
}

/// The axis that `axis` means among `rank`, negative ones counted from the end.
func resolve(axis: Int, rank: Int) throws(Unsupported) -> Int {
  let resolved = axis < 0 ? axis + rank : axis
  guard (0..<rank).contains(resolved) else {
    throw Unsupported(why: "axis \(axis) of a tensor with \(rank) axes")
  }
  return resolved
}
