import Graph
import Tensors

/// The greatest element, or the mean, of each window: sums in row order, then one division.
final class FloatPool: FloatStep {
  private let place: FloatPlace
  private let places: PoolPlaces
  private let isMean: Bool

  init(_ place: FloatPlace, _ places: PoolPlaces, isMean: Bool) {
    self.place = place
    self.places = places
    self.isMean = isMean
  }

  func run(_ arena: WorkMemory<Float>) {
    let map = arena.read(place.source)
    var out = arena.write(place.target)
    out.update(repeating: isMean ? 0 : -.infinity)
    let channels = places.input.channels
    for pixel in 0..<places.pixels {
      let first = pixel * channels
      places.forEachTap(of: pixel) { tap in
        for channel in 0..<channels {
          let value = map[tap + channel]
          out[first + channel] =
            isMean ? out[first + channel] + value : max(out[first + channel], value)
        }
      }
      guard isMean else { continue }
      let count = Float(places.divisor(of: pixel))
      for channel in first..<(first + channels) { out[channel] /= count }
    }
    place.finish(&out)
  }
}

/// Which elements of a map each window of a pooling sees.
struct PoolPlaces {
  let window: Window
  /// Padding that a mean divides by.
  let counted: Padding
  let input: Geometry.Extent
  let output: Geometry.Extent

  init(window: Window, counted: Padding, input: Shape, output: Shape) {
    self.window = window
    self.counted = counted
    self.input = Geometry.Extent(input)
    self.output = Geometry.Extent(output)
  }

  /// Windows, one a pixel of the result.
  var pixels: Int { output.height * output.width }

  /// Calls `body` with the place of the first channel of each pixel of the map in the window of
  /// result pixel `pixel`, row by row.
  func forEachTap(of pixel: Int, _ body: (_ element: Int) -> Void) {
    let (row, column) = (pixel / output.width, pixel % output.width)
    let columns = window.counted(column: column, of: input.width)
    let top = row * window.strideY - window.padding.top
    let left = column * window.strideX - window.padding.left
    for tapY in window.counted(row: row, of: input.height) {
      let start = (top + tapY * window.dilationY) * input.width + left
      for tapX in columns { body((start + tapX * window.dilationX) * input.channels) }
    }
  }

  /// Pixels that the mean of result pixel `pixel` divides by.
  func divisor(of pixel: Int) -> Int {
    let (row, column) = (pixel / output.width, pixel % output.width)
    return window.counted(row: row, of: input.height, padding: counted).count
      * window.counted(column: column, of: input.width, padding: counted).count
  }
}
