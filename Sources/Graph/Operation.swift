/// A limit put on every element of a result: what ReLU, ReLU6 and clip become once fused.
package struct Clamp: Hashable, Sendable, Codable {
  /// Least value, `nil` for none.
  package var low: Float?
  /// Greatest value, `nil` for none.
  package var high: Float?

  /// A clamp to `low...high`; `nil` leaves that side open.
  package init(low: Float? = nil, high: Float? = nil) {
    self.low = low
    self.high = high
  }

  /// Leaves every value as it is.
  package static let none = Clamp()
  /// `max(x, 0)`.
  package static let relu = Clamp(low: 0)
  /// `min(max(x, 0), 6)`.
  package static let relu6 = Clamp(low: 0, high: 6)

  /// Whether nothing is limited.
  package var isNone: Bool { low == nil && high == nil }

  /// `value` within the limits.
  package func callAsFunction(_ value: Float) -> Float {
    var value = value
    if let low { value = max(value, low) }
    if let high { value = min(value, high) }
    return value
  }
}

/// Rows and columns of zeros around a feature map.
package struct Padding: Hashable, Sendable, Codable {
  package var top: Int
  package var left: Int
  package var bottom: Int
  package var right: Int

  /// Padding of each side, in pixels, ≥ 0.
  package init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// No padding.
  package static let none = Padding()
}

/// The window that slides over a feature map: extent, step, dilation and padding.
package struct Window: Hashable, Sendable, Codable {
  package var height: Int
  package var width: Int
  package var strideY: Int
  package var strideX: Int
  package var dilationY: Int
  package var dilationX: Int
  package var padding: Padding

  /// A window of `height × width`; strides and dilations are ≥ 1.
  package init(
    height: Int, width: Int, strideY: Int = 1, strideX: Int = 1, dilationY: Int = 1,
    dilationX: Int = 1, padding: Padding = .none
  ) {
    self.height = height
    self.width = width
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.padding = padding
  }
}

/// What a node computes. Feature maps are `[height, width, channels]`, vectors `[count]`.
package enum Operation: Hashable, Sendable, Codable {
  /// Cross-correlation. Parameters: weights `[output, height, width, input / groups]`, then an
  /// optional bias `[output]`. `groups` equal to the input channels is a depthwise convolution.
  case convolution(Window, groups: Int)
  /// `weights × x + bias`. Parameters: weights `[output, input]`, then an optional bias `[output]`.
  case fullyConnected
  /// `(x − mean) / √(variance + epsilon) × gamma + beta` per channel; parameters in the order gamma,
  /// beta, mean, variance. Gone after `Graph.fused()`.
  case batchNormalisation(epsilon: Float)
  /// Element-wise sum of two inputs of one shape. In bytes it may have a parameter, the int32 numbers of
  /// `FixedSum`, which says how it rounds.
  case add
  /// The node's clamp alone; gone after `Graph.fused()` where it can be put into its producer.
  case clamp
  /// Zeros around a feature map; gone after `Graph.fused()` where it can be put into a window.
  case pad(Padding)
  /// Mean over height and width: `[h, w, c]` to `[c]`.
  case globalAveragePool
  /// `[h, w, c]` to `[h · w · c]`, channels innermost.
  case flatten
  /// `exp(x) / Σ exp(x)` over the innermost dimension.
  case softmax
  /// The greatest element of each window; padding is never the greatest.
  case maxPool(Window)
  /// The mean of each window's elements: those on the map and on `counted` rows and columns of zeros
  /// around it, which are part of the window's padding. What lies beyond is not divided by.
  case averagePool(Window, counted: Padding)
  /// Element-wise product of two inputs: of one shape, or a map `[h, w, c]` and a factor for each
  /// channel, `[c]` or `[1, 1, c]`.
  case multiply
  /// Inputs one after the other along the channels; height and width are the same.
  case concatenate
  /// `count` channels from channel `start` on.
  case slice(start: Int, count: Int)
  /// Channels interleaved: result `i × groups + g` is channel `g × channels / groups + i`.
  ///
  /// Source: Zhang et al., "ShuffleNet", CVPR 2018, §3.1.
  case channelShuffle(groups: Int)
  /// Each element divided by a power of the squares around it in neighbouring channels.
  case localResponseNormalisation(LocalResponse)
  /// A function of each element alone.
  case activation(ActivationFunction)
}
