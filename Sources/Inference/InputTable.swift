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
    if shape.channels == 3 {
      quantiseColours(rgb, into: &out)
    } else {
      forEachPixel(rgb, outputs: out.count) { index, channel, pixel in
        out[index] = tables[channel][Int(pixel)]
      }
    }
  }

  /// The same for three channels, without a check of each element: there are a hundred thousand.
  @_lifetime(out: copy out)
  private func quantiseColours(_ rgb: Span<UInt8>, into out: inout MutableSpan<Int8>) {
    let count = shape.count
    precondition(
      rgb.count == count && out.count == count && tables.count == 3
        && tables.allSatisfy { $0.count == 256 },
      "\(rgb.count) RGB bytes and \(out.count) places for an input of \(shape)")
    unsafe rgb.withUnsafeBufferPointer { rgb in
      unsafe out.withUnsafeMutableBufferPointer { out in
        unsafe tables[0].withUnsafeBufferPointer { red in
          unsafe tables[1].withUnsafeBufferPointer { green in
            unsafe tables[2].withUnsafeBufferPointer { blue in
              guard var source = rgb.baseAddress, var target = out.baseAddress else { return }
              for _ in 0..<(count / 3) {
                unsafe target[0] = red[Int(source[0])]
                unsafe target[1] = green[Int(source[1])]
                unsafe target[2] = blue[Int(source[2])]
                unsafe source += 3
                unsafe target += 3
              }
            }
          }
        }
      }
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
