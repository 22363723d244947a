/// Colours chosen for one picture: median cut.
///
/// Pixels are counted in the 32 × 32 × 32 cells of the colour cube. The box of cells whose colours differ
/// most, by the square of its longest side and its pixels, is cut at its median until there are enough
/// boxes; each gives its mean.
struct PreviewPalette {
  /// The colours; at least one, at most as many as were asked for.
  let colours: [Colour]
  /// The number of the nearest colour of each cell that occurs.
  private let nearest: [UInt8]

  /// A cell of the cube with the pixels in it.
  private struct Cell {
    var count = 0
    /// Sums of red, green and blue.
    var sums = (0, 0, 0)
    /// The cell's place along each axis, 0...31.
    var place = (0, 0, 0)

    func along(_ axis: Int) -> Int { axis == 0 ? place.0 : axis == 1 ? place.1 : place.2 }
  }

  /// Some cells, and what is best known of them once.
  private struct Box {
    var cells: [Cell]
    var axis = 0
    /// 0 when there is nothing to cut.
    var worth = 0

    init(_ cells: [Cell]) {
      self.cells = cells
      let count = cells.reduce(0) { $0 + $1.count }
      for axis in 0..<3 {
        var (low, high) = (31, 0)
        for cell in cells {
          let place = cell.along(axis)
          if place < low { low = place }
          if place > high { high = place }
        }
        let side = max(0, high - low)
        if side * side * count > worth { (self.axis, worth) = (axis, side * side * count) }
      }
    }

    /// The two halves by pixels, neither of them empty.
    func halves() -> (Box, Box) {
      let sorted = cells.sorted { $0.along(axis) < $1.along(axis) }
      let half = sorted.reduce(0) { $0 + $1.count } / 2
      var (cut, seen) = (0, 0)
      while cut < sorted.count - 1, cut == 0 || seen + sorted[cut].count <= half {
        seen += sorted[cut].count
        cut += 1
      }
      return (Box(Array(sorted[..<cut])), Box(Array(sorted[cut...])))
    }

    var mean: Colour {
      let count = max(1, cells.reduce(0) { $0 + $1.count })
      var (red, green, blue) = (count / 2, count / 2, count / 2)
      for cell in cells {
        red += cell.sums.0
        green += cell.sums.1
        blue += cell.sums.2
      }
      return Colour(red: red / count, green: green / count, blue: blue / count)
    }
  }

  /// At most `count` colours (1...256) for `image`.
  ///
  /// - Complexity: O(pixels + cells that occur × `count`); the cells take some 2 MB.
  init(_ image: PixelImage, count: Int) {
    var cube = [Cell](repeating: Cell(), count: 1 << 15)
    var used: [Int] = []
    let pixels = image.pixels
    for start in stride(from: 0, to: pixels.count, by: 3) {
      let cell = Self.cell(pixels, start)
      if cube[cell].count == 0 {
        used.append(cell)
        cube[cell].place = (cell >> 10, cell >> 5 & 31, cell & 31)
      }
      cube[cell].count += 1
      cube[cell].sums.0 += Int(pixels[start])
      cube[cell].sums.1 += Int(pixels[start + 1])
      cube[cell].sums.2 += Int(pixels[start + 2])
    }
    var boxes = [Box(used.map { cube[$0] })]
    while boxes.count < count,
      let best = boxes.indices.max(by: { boxes[$0].worth < boxes[$1].worth }),
      boxes[best].worth > 0
    {
      let (one, other) = boxes[best].halves()
      boxes[best] = one
      boxes.append(other)
    }
    let colours = boxes.map(\.mean)
    var nearest = [UInt8](repeating: 0, count: 1 << 15)
    for cell in used {
      let box = Box([cube[cell]]).mean
      var (least, number) = (Int.max, 0)
      for (index, colour) in colours.enumerated() {
        let distance = colour.distance(to: box)
        if distance < least { (least, number) = (distance, index) }
      }
      nearest[cell] = UInt8(number)
    }
    self.colours = colours
    self.nearest = nearest
  }

  /// The number of the nearest colour of each pixel of the same picture, `[height × width]`.
  func indices(of image: PixelImage) -> [Int] {
    let pixels = image.pixels
    return stride(from: 0, to: pixels.count, by: 3).map { Int(nearest[Self.cell(pixels, $0)]) }
  }

  private static func cell(_ pixels: [UInt8], _ start: Int) -> Int {
    Int(pixels[start] & 0xF8) << 7 | Int(pixels[start + 1] & 0xF8) << 2
      | Int(pixels[start + 2] >> 3)
  }
}
