import Graph

extension Window {
  /// The padding with which a map of `height` × `width` pixels gives as many results as pixels through the stride,
  /// rounded up; an odd pixel stands after the map, or before it if `startsOdd`.
  func samePadding(height: Int, width: Int, startsOdd: Bool = false) -> Padding {
    let vertical = Self.missing(height, self.height, stride: strideY, dilation: dilationY)
    let horizontal = Self.missing(width, self.width, stride: strideX, dilation: dilationX)
    let (top, left) = (
      (vertical + (startsOdd ? 1 : 0)) / 2, (horizontal + (startsOdd ? 1 : 0)) / 2
    )
    return Padding(top: top, left: left, bottom: vertical - top, right: horizontal - left)
  }

  /// Pixels that are missing along one side.
  private static func missing(_ extent: Int, _ window: Int, stride: Int, dilation: Int) -> Int {
    let results = (extent + stride - 1) / stride
    return max(0, (results - 1) * stride + (window - 1) * dilation + 1 - extent)
  }
}
