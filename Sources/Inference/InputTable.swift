package import Graph
package import Tensors

/// Turns pixels into a network's input bytes by one table of 256 bytes a channel.
package struct InputTable: Sendable {
  /// `[height, width, channels]` of the input.
  package let shape: Shape
  /// What the bytes stand for.
  package let quantisation: Quantisation
  private let tables: [[Int8]]
  private let reals: [[Float]]

  /// The table of `network`'s preprocessing and input quantisation.
  package init(_ network: Network) {
    let form =
      network.quantisation(of: 0)
      ?? Quantiser.inputQuantisation(for: network.preprocessing)
    self.init(network.preprocessing, shape: network.inputShape, quantisation: form)
  }

  /// The table of a preprocessing, before there is a network.
  package init(_ preprocessing: Preprocessing, shape: Shape, quantisation: Quantisation) {
    self.shape = shape
    self.quantisation = quantisation
    reals = zip(preprocessing.mean, preprocessing.deviation).map { mean, deviation in
      (0...255).map { (Float($0) - mean) / deviation }
    }
    tables = reals.map { $0.map(quantisation.byte) }
  }

  /// Quantises an image.
  ///
  /// - Parameters:
  ///   - rgb: `[height, width, 3]` pixels; a network of one channel takes their luma.
  ///   - out: As many bytes as the input has elements.
  /// - Complexity: O(elements), no allocation.
  @_lifetime(out: copy out)
  package func quantise(rgb: Span<UInt8>, into out: inout MutableSpan<Int8>) {
    forEachPixel(rgb, outputs: out.count) { index, channel, pixel in
      out[index] = tables[channel][Int(pixel)]
    }
  }

  /// Quantises preprocessed numbers, as `(pixel − mean) / deviation` makes them.
  @_lifetime(out: copy out)
  package func quantise(real: Span<Float>, into out: inout MutableSpan<Int8>) {
    precondition(
      real.count == shape.count && out.count == shape.count,
      "\(real.count) numbers and \(out.count) bytes for an input of \(shape)")
    for index in real.indices { out[index] = quantisation.byte(real[index]) }
  }

  /// Preprocesses an image in fp32: `(pixel − mean) / deviation`.
  @_lifetime(out: copy out)
  package func normalise(rgb: Span<UInt8>, into out: inout MutableSpan<Float>) {
    forEachPixel(rgb, outputs: out.count) { index, channel, pixel in
      out[index] = reals[channel][Int(pixel)]
    }
  }

  /// The same as a new array.
  package func normalised(rgb: [UInt8]) -> [Float] {
    var result = [Float](repeating: 0, count: shape.count)
    var span = result.mutableSpan
    normalise(rgb: rgb.span, into: &span)
    return result
  }

  /// An image's bytes as a new array.
  package func quantised(rgb: [UInt8]) -> [Int8] {
    var result = [Int8](repeating: 0, count: shape.count)
    var span = result.mutableSpan
    quantise(rgb: rgb.span, into: &span)
    return result
  }

  private func forEachPixel(
    _ rgb: Span<UInt8>, outputs: Int, _ body: (_ index: Int, _ channel: Int, _ pixel: UInt8) -> Void
  ) {
    let pixels = shape.height * shape.width
    precondition(
      rgb.count == pixels * 3 && outputs == shape.count
        && (shape.channels == 3 || shape.channels == 1),
      "\(rgb.count) RGB bytes and \(outputs) places for an input of \(shape)")
    if shape.channels == 1 {
      for pixel in 0..<pixels {
        let (red, green) = (Int(rgb[pixel * 3]), Int(rgb[pixel * 3 + 1]))
        // Rec. 601 luma in 16 bits, as JPEG has it.
        let luma = (19_595 * red + 38_470 * green + 7_471 * Int(rgb[pixel * 3 + 2]) + 32_768) >> 16
        body(pixel, 0, UInt8(luma))
      }
      return
    }
    for pixel in 0..<pixels {
      for channel in 0..<3 {
        body(pixel * 3 + channel, channel, rgb[pixel * 3 + channel])
      }
    }
  }
}
