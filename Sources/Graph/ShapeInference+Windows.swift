import Tensors

extension ShapeInference {
  /// Extents, strides and dilations must be 1 or more, and no absurd ones.
  func checkExtents(_ node: Node, _ window: Window) throws(GraphError) {
    let steps = [window.strideY, window.strideX, window.dilationY, window.dilationX]
    let extents = [window.height, window.width] + steps
    guard extents.allSatisfy({ (1...Self.greatestExtent).contains($0) }) else {
      throw .invalidAttribute(node: node.name, what: "window \(extents) must be 1 or more")
    }
  }

  /// The shape of what `window` finds at each of its places on `input`, which is a map.
  func slid(
    _ node: Node, _ window: Window, over input: Shape, channels: Int
  ) throws(GraphError) -> Shape {
    let padded = try extended(node, input, by: window.padding)
    guard padded.width * window.height <= Self.mostRowTaps,
      (padded.width / window.strideX + 1) * window.height * window.width <= Self.mostRowTaps
    else {
      throw .invalidAttribute(
        node: node.name,
        what: "a row of its \(window.height)×\(window.width) windows has more than "
          + "\(Self.mostRowTaps) taps")
    }
    let reachY = (window.height - 1) * window.dilationY + 1
    let reachX = (window.width - 1) * window.dilationX + 1
    guard padded.height >= reachY, padded.width >= reachX,
      let shape = Shape(validating: [
        (padded.height - reachY) / window.strideY + 1, (padded.width - reachX) / window.strideX + 1,
        channels,
      ])
    else {
      throw .inputShape(
        node: node.name, input: node.inputs[0], found: input,
        expected: "at least \(reachY)×\(reachX) with padding")
    }
    return shape
  }

  /// The shape of a pooling's result.
  func pooled(
    _ node: Node, _ window: Window, counted: Padding = .none, input: Shape
  ) throws(GraphError) -> Shape {
    try requireMap(node, input)
    try requireParameters(node, [0], "none")
    try checkExtents(node, window)
    guard input.channels <= Self.greatestExtent else {
      throw .inputShape(
        node: node.name, input: node.inputs[0], found: input,
        expected: "at most \(Self.greatestExtent) channels")
    }
    let shape = try slid(node, window, over: input, channels: input.channels)
    guard window.height * window.width <= Self.mostMeanPixels else {
      throw .invalidAttribute(
        node: node.name,
        what: "its window \(window.height)×\(window.width) has more than \(Self.mostMeanPixels) "
          + "pixels")
    }
    let rows = (0..<shape.height).allSatisfy {
      !window.counted(row: $0, of: input.height, padding: counted).isEmpty
    }
    let columns = (0..<shape.width).allSatisfy {
      !window.counted(column: $0, of: input.width, padding: counted).isEmpty
    }
    guard rows, columns else {
      throw .invalidAttribute(
        node: node.name, what: "a window lies on padding alone; its padding must be less")
    }
    return shape
  }

  /// The same for a mean, whose divisor counts `counted` padding.
  func averaged(
    _ node: Node, _ window: Window, counted: Padding, input: Shape
  ) throws(GraphError) -> Shape {
    let padding = window.padding
    guard (0...max(0, padding.top)).contains(counted.top),
      (0...max(0, padding.left)).contains(counted.left),
      (0...max(0, padding.bottom)).contains(counted.bottom),
      (0...max(0, padding.right)).contains(counted.right)
    else {
      throw .invalidAttribute(
        node: node.name, what: "the padding it counts must be part of the padding it has")
    }
    return try pooled(node, window, counted: counted, input: input)
  }
}

extension Window {
  /// The rows of the window at output row `row` that lie on a map of `height` rows or on the
  /// `padding` around it, a part of the window's.
  package func counted(row: Int, of height: Int, padding counted: Padding = .none) -> Range<Int> {
    Self.taps(
      from: row * strideY - padding.top + counted.top, step: dilationY, count: self.height,
      inside: height + counted.top + counted.bottom)
  }

  /// The same for columns.
  package func counted(
    column: Int, of width: Int, padding counted: Padding = .none
  ) -> Range<Int> {
    Self.taps(
      from: column * strideX - padding.left + counted.left, step: dilationX, count: self.width,
      inside: width + counted.left + counted.right)
  }

  /// Which of `count` taps at `start`, `start + step` … lie in `0..<extent`.
  package static func taps(
    from start: Int, step: Int, count: Int, inside extent: Int
  ) -> Range<Int> {
    let first = start >= 0 ? 0 : (-start + step - 1) / step
    let end = start >= extent ? 0 : (extent - start + step - 1) / step
    let low = min(first, count)
    return low..<max(low, min(end, count))
  }
}
