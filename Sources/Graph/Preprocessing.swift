/// How a photo becomes the network's input.
package struct Preprocessing: Hashable, Sendable, Codable {
  /// What happens to a photo that is not as wide as it is high.
  package enum Fit: String, Hashable, Sendable, Codable {
    /// The whole photo, squashed to the input's shape.
    case stretch
    /// The largest centred part that has the input's shape.
    case crop
  }

  /// Pixels of the input.
  package var width: Int
  package var height: Int
  package var fit: Fit
  /// Per channel (red, green, blue), in units of a 0...255 pixel: `(pixel − mean) / deviation`.
  package var mean: [Float]
  package var deviation: [Float]

  /// Input of `width × height`, each channel scaled by `(pixel − mean) / deviation`.
  package init(width: Int, height: Int, fit: Fit = .stretch, mean: [Float], deviation: [Float]) {
    self.width = width
    self.height = height
    self.fit = fit
    self.mean = mean
    self.deviation = deviation
  }
}
