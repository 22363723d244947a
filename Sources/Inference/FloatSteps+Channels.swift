import Graph
import Tensors

/// Channels of several maps, one map's after the other's.
final class FloatConcatenate: FloatStep {
  private let place: FloatPlace
  private let parts: [(range: Range<Int>, channels: Int)]
  private let channels: Int

  init(_ place: FloatPlace, parts: [(range: Range<Int>, channels: Int)]) {
    self.place = place
    self.parts = parts
    channels = parts.reduce(0) { $0 + $1.channels }
  }

  func run(_ arena: WorkMemory<Float>) {
    var start = place.target.lowerBound
    for part in parts {
      for pixel in 0..<(part.range.count / part.channels) {
        arena.copy(
          from: part.range.lowerBound + pixel * part.channels, of: arena,
          to: start + pixel * channels, count: part.channels)
      }
      start += part.channels
    }
    var out = arena.write(place.target)
    place.finish(&out)
  }
}

/// Some neighbouring channels of a map.
final class FloatSlice: FloatStep {
  private let place: FloatPlace
  private let start: Int
  private let count: Int
  private let channels: Int

  init(_ place: FloatPlace, start: Int, count: Int, of channels: Int) {
    self.place = place
    self.start = start
    self.count = count
    self.channels = channels
  }

  func run(_ arena: WorkMemory<Float>) {
    for pixel in 0..<(place.target.count / count) {
      arena.copy(
        from: place.source.lowerBound + pixel * channels + start, of: arena,
        to: place.target.lowerBound + pixel * count, count: count)
    }
    var out = arena.write(place.target)
    place.finish(&out)
  }
}

/// Channels interleaved.
final class FloatShuffle: FloatStep {
  private let place: FloatPlace
  private let groups: Int
  private let channels: Int

  init(_ place: FloatPlace, groups: Int, of channels: Int) {
    self.place = place
    self.groups = groups
    self.channels = channels
  }

  func run(_ arena: WorkMemory<Float>) {
    let input = arena.read(place.source)
    var out = arena.write(place.target)
    let depth = channels / groups
    for start in stride(from: 0, to: input.count, by: channels) {
      for channel in 0..<channels {
        out[start + channel % depth * groups + channel / depth] = input[start + channel]
      }
    }
    place.finish(&out)
  }
}

/// A local response normalisation, a pixel at a time.
final class FloatResponse: FloatStep {
  private let place: FloatPlace
  private let response: LocalResponse
  private let channels: Int

  init(_ place: FloatPlace, _ response: LocalResponse, channels: Int) {
    self.place = place
    self.response = response
    self.channels = channels
  }

  func run(_ arena: WorkMemory<Float>) {
    for start in stride(from: 0, to: place.source.count, by: channels) {
      let (from, to) = (place.source.lowerBound + start, place.target.lowerBound + start)
      var out = arena.write(to..<(to + channels))
      response.normalise(arena.read(from..<(from + channels)), into: &out)
    }
    var out = arena.write(place.target)
    place.finish(&out)
  }
}
