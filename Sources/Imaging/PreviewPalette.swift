/// Colours chosen for one picture: median cut.
///
/// The box of colours with the longest side is cut at its median until there are enough boxes; each
/// gives its mean.
struct PreviewPalette {
  /// The colours; at least one, at most as many as were asked for.
  let colours: [Colour]

  /// At most `count` colours for `image`.
  ///
  /// - Complexity: O(pixels × log count), and the nearest of `count` for each of 32,768 cells of the cube
  ///   that occurs.
  init(_ image: PixelImage, count: Int) {
    var boxes = [
      (0..<image.width * image.height).map {
        Colour(image, x: $0 % image.width, y: $0 / image.width)
      }
    ]
    while boxes.count < count {
      guard let (index, axis) = Self.widest(boxes) else { break }
      let sorted = boxes[index].sorted { $0[axis] < $1[axis] }
      // The cut lies between two different values, so that neither side is empty.
      let middle = sorted[sorted.count / 2][axis]
      var cut = sorted.firstIndex { $0[axis] >= middle } ?? 0
      if cut == 0 { cut = sorted.firstIndex { $0[axis] > middle } ?? sorted.count }
      boxes[index] = Array(sorted[..<cut])
      boxes.append(Array(sorted[cut...]))
    }
    colours = boxes.map(Self.mean)
  }

  /// The box that is best cut next, and along which channel; `nil` when each has one colour only.
  private static func widest(_ boxes: [[Colour]]) -> (index: Int, axis: Int)? {
    var best: (index: Int, axis: Int, size: Int)?
    for (index, box) in boxes.enumerated() {
      for axis in 0..<3 {
        var (low, high) = (255, 0)
        for colour in box { (low, high) = (min(low, colour[axis]), max(high, colour[axis])) }
        // A large box of many pixels first: its error is seen most.
        let size = (high - low) * (high - low) * box.count
        if high > low, size > best?.size ?? 0 { best = (index, axis, size) }
      }
    }
    return best.map { ($0.index, $0.axis) }
  }

  private static func mean(_ box: [Colour]) -> Colour {
    let count = max(1, box.count)
    let sum = box.reduce((0, 0, 0)) { ($0.0 + $1.red, $0.1 + $1.green, $0.2 + $1.blue) }
    return Colour(
      red: (sum.0 + count / 2) / count, green: (sum.1 + count / 2) / count,
      blue: (sum.2 + count / 2) / count)
  }

  /// The number of the nearest colour of each pixel, `[height × width]`.
  func indices(of image: PixelImage) -> [Int] {
    // Nearest by the upper five bits of each channel: fewer questions, and longer runs.
    var known = [Int16](repeating: -1, count: 1 << 15)
    return (0..<image.width * image.height).map { place in
      let colour = Colour(image, x: place % image.width, y: place / image.width)
      let cell = (colour.red & 0xF8) << 7 | (colour.green & 0xF8) << 2 | colour.blue >> 3
      if known[cell] < 0 {
        let distances = colours.map { $0.distance(to: colour) }
        let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 0
        known[cell] = Int16(nearest)
      }
      return Int(known[cell])
    }
  }
}

extension Colour {
  /// Red, green or blue.
  fileprivate subscript(axis: Int) -> Int { axis == 0 ? red : axis == 1 ? green : blue }
}
