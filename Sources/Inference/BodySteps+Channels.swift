import Graph
import Tensors

/// A product: `round(Float((a − zero of a) × (b − zero of b)) × (scale of a × scale of b / scale of
/// the result)) + zero of the result`, limited.
///
/// The product of the bytes is exact; one fp32 product, then half to even. Where the second factor is
/// shorter, it has one byte a channel.
final class MultiplyStep: WholeStep {
  private let first: (range: Range<Int>, zero: Int32)
  private let second: (range: Range<Int>, zero: Int32)
  private let target: Range<Int>
  private let scale: Float
  private let output: Quantisation
  private let limits: (low: Int8, high: Int8)

  init(
    _ node: Node, first: (range: Range<Int>, form: Quantisation),
    second: (range: Range<Int>, form: Quantisation), output: Quantisation, to target: Range<Int>
  ) throws(InferenceError) {
    scale = first.form.scale * second.form.scale / output.scale
    guard scale.isNormal else {
      throw .arithmetic(node: node.name, what: "the scale of its product is \(scale)")
    }
    self.first = (first.range, Int32(first.form.zeroPoint))
    self.second = (second.range, Int32(second.form.zeroPoint))
    self.target = target
    self.output = output
    limits = output.limits(node.clamp)
  }

  var packedByteCount: Int { 0 }

  func run(_ arena: WorkMemory<Int8>) {
    // The target holds one factor; which of them does not change the bytes.
    let isSecond = target == second.range && target != first.range
    let (own, other) = isSecond ? (second, first) : (first, second)
    if target != own.range {
      arena.copy(
        from: own.range.lowerBound, of: arena, to: target.lowerBound, count: target.count)
    }
    var out = arena.write(target)
    if other.range == target {
      for index in 0..<out.count {
        let byte = Int32(out[index])
        out[index] = byteOf((byte - own.zero) * (byte - other.zero))
      }
      return
    }
    let factors = arena.read(other.range)
    for start in stride(from: 0, to: out.count, by: factors.count) {
      for index in factors.indices {
        out[start + index] = byteOf(
          (Int32(out[start + index]) - own.zero) * (Int32(factors[index]) - other.zero))
      }
    }
  }

  @inline(__always)
  private func byteOf(_ product: Int32) -> Int8 {
    max(limits.low, min(limits.high, output.saturated(steps: Float(product) * scale)))
  }
}

/// Channels of several maps, one map's after the other's, each brought to the result's scale.
final class ConcatenateStep: WholeStep {
  /// One input.
  struct Part {
    let range: Range<Int>
    let channels: Int
    let table: ByteTable
  }

  private let parts: [Part]
  private let channels: Int
  private let target: Range<Int>

  init(_ parts: [Part], to target: Range<Int>) {
    self.parts = parts
    self.target = target
    channels = parts.reduce(0) { $0 + $1.channels }
  }

  var packedByteCount: Int { parts.reduce(0) { $0 + $1.table.byteCount } }

  func run(_ arena: WorkMemory<Int8>) {
    var start = target.lowerBound
    for index in parts.indices {
      let part = parts[index]
      for pixel in 0..<(part.range.count / part.channels) {
        let place = start + pixel * channels
        arena.copy(
          from: part.range.lowerBound + pixel * part.channels, of: arena, to: place,
          count: part.channels)
        part.table.apply(to: arena, place..<(place + part.channels))
      }
      start += part.channels
    }
  }
}

/// Some neighbouring channels of a map.
final class SliceStep: WholeStep {
  private let place: BytePlace
  private let start: Int
  private let count: Int
  private let channels: Int
  private let table: ByteTable

  init(_ place: BytePlace, start: Int, count: Int, of channels: Int) {
    self.place = place
    self.start = start
    self.count = count
    self.channels = channels
    table = place.table()
  }

  var packedByteCount: Int { table.byteCount }

  func run(_ arena: WorkMemory<Int8>) {
    let (source, target) = (place.source, place.target)
    for pixel in 0..<(target.count / count) {
      arena.copy(
        from: source.lowerBound + pixel * channels + start, of: arena,
        to: target.lowerBound + pixel * count, count: count)
    }
    table.apply(to: arena, target)
  }
}

/// Channels interleaved.
final class ShuffleStep: WholeStep {
  private let place: BytePlace
  private let groups: Int
  private let channels: Int
  private let table: ByteTable

  init(_ place: BytePlace, groups: Int, of channels: Int) {
    self.place = place
    self.groups = groups
    self.channels = channels
    table = place.table()
  }

  var packedByteCount: Int { table.byteCount }

  func run(_ arena: WorkMemory<Int8>) {
    let input = arena.read(place.source)
    var out = arena.write(place.target)
    let depth = channels / groups
    for start in stride(from: 0, to: input.count, by: channels) {
      for group in 0..<groups {
        for index in 0..<depth {
          out[start + index * groups + group] = input[start + group * depth + index]
        }
      }
    }
    table.apply(to: arena, place.target)
  }
}

/// A local response normalisation in fp32 between two scales: no table of bytes can hold it, for
/// each result depends on its neighbours.
final class ResponseStep: WholeStep {
  private let place: BytePlace
  private let response: LocalResponse
  private let channels: Int
  private let row: WorkMemory<Float>

  init(_ place: BytePlace, _ response: LocalResponse, channels: Int) {
    self.place = place
    self.response = response
    self.channels = channels
    row = WorkMemory(count: 2 * channels, filledWith: 0)
  }

  var packedByteCount: Int { row.byteCount }

  func run(_ arena: WorkMemory<Int8>) {
    let (input, output, clamp) = (place.input, place.output, place.clamp)
    let bytes = arena.read(place.source)
    var out = arena.write(place.target)
    let memory = row
    var real = memory.write(0..<channels)
    var normal = memory.write(channels..<(2 * channels))
    for start in stride(from: 0, to: bytes.count, by: channels) {
      for channel in 0..<channels { real[channel] = input.real(bytes[start + channel]) }
      response.normalise(memory.read(0..<channels), into: &normal)
      for channel in 0..<channels {
        out[start + channel] = output.byte(clamp(normal[channel]))
      }
    }
  }
}
