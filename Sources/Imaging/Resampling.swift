// Rounding of Double is in the C mathematics library, which this import links.
internal import Glibc

/// How pixels are weighted when a picture is made smaller or larger.
///
/// Both are stretched by the reduction, so that every source pixel counts (no aliasing), as Pillow's
/// `BILINEAR` and `BICUBIC` and PyTorch's `antialias=True` do; results equal Pillow's byte for byte.
package enum ResampleFilter: Hashable, Sendable, CaseIterable {
  /// Linear, two source pixels wide at scale 1. The default: it is what vision networks are mostly
  /// trained and evaluated with, never overshoots, and needs the fewest rows.
  case triangle
  /// Cubic (a = −½), four source pixels wide at scale 1: sharper, with a slight overshoot at edges.
  case catmullRom

  /// Half the width at scale 1, in source pixels.
  var support: Double {
    switch self {
    case .triangle: 1
    case .catmullRom: 2
    }
  }

  /// Unnormalised weight at `distance` from the centre.
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .triangle:
      return x < 1 ? 1 - x : 0
    case .catmullRom:
      if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
      if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
      return 0
    }
  }
}

/// A part of a picture, in pixels from its top left corner; edges may lie inside pixels.
struct PixelBox: Hashable {
  var x = 0.0
  var y = 0.0
  var width: Double
  var height: Double

  /// The largest centred part of this box with the shape `width : height`.
  func centred(shape: (width: Int, height: Int)) -> PixelBox {
    let (across, down) = (Double(shape.width), Double(shape.height))
    var part = self
    if width * down > height * across {
      part.width = height * across / down
      part.x += (width - part.width) / 2
    } else {
      part.height = width * down / across
      part.y += (height - part.height) / 2
    }
    return part
  }

  /// This box in a picture reduced to `eighths`/8 whose sides are `limits`.
  func scaled(eighths: Int, limits: (width: Int, height: Int)) -> PixelBox {
    let factor = Double(eighths) / 8
    let left = min(x * factor, Double(limits.width) - 1 / 8)
    let top = min(y * factor, Double(limits.height) - 1 / 8)
    return PixelBox(
      x: left, y: top,
      width: min(width * factor, Double(limits.width) - left),
      height: min(height * factor, Double(limits.height) - top))
  }
}

/// For each output pixel of one axis: where its source pixels start, how many they are, their weights.
///
/// Weights are computed in `Double` from additions, multiplications and one division each, in a fixed
/// order, then rounded to 2⁻²²; so they are the same everywhere. The arrays grow when a longer axis
/// comes and are never shrunk.
struct AxisWeights {
  private(set) var firsts: [Int32] = []
  private(set) var counts: [Int32] = []
  private(set) var weights: [Int32] = []
  /// Weights kept per output pixel: the most source pixels that one has.
  private(set) var stride = 0

  /// Bytes held.
  var byteCount: Int { (firsts.count + counts.count + weights.count) * 4 }

  /// Prepares `outputs` pixels from `start ..< start + length` of `inputs` source pixels.
  mutating func prepare(
    inputs: Int, start: Double, length: Double, outputs: Int, filter: ResampleFilter
  ) {
    let scale = length / Double(outputs)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    stride = Int(support.rounded(.up)) * 2 + 1
    grow(&firsts, to: outputs)
    grow(&counts, to: outputs)
    grow(&weights, to: outputs * stride)
    for output in 0..<outputs {
      let centre = start + (Double(output) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let count = min(inputs, Int(centre + support + 0.5)) - first
      firsts[output] = Int32(first)
      counts[output] = Int32(count)
      fill(output, first: first, count: count, centre: centre, stretch: stretch, filter: filter)
    }
  }

  private mutating func fill(
    _ output: Int, first: Int, count: Int, centre: Double, stretch: Double, filter: ResampleFilter
  ) {
    let inverse = 1 / stretch
    let one = Double(1 << 22)
    var sum = 0.0
    for k in 0..<count {
      sum += filter.weight((Double(first + k) - centre + 0.5) * inverse)
    }
    for k in 0..<count {
      let weight = filter.weight((Double(first + k) - centre + 0.5) * inverse)
      let share = sum == 0 ? 0 : weight / sum
      weights[output * stride + k] = Int32((share * one).rounded(.toNearestOrAwayFromZero))
    }
  }

  private func grow(_ array: inout [Int32], to count: Int) {
    if array.count < count { array += repeatElement(0, count: count - array.count) }
  }
}
