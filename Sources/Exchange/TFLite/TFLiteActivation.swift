import Graph
import Tensors

/// The image's data at a tensor of the file.
struct TFLiteActivation {
  /// Its name in Loam's graph.
  var name: String
  /// In Loam: a map or a vector.
  var shape: Shape
  /// In the file, the batch of one first.
  var dims: [Int]

  /// Whether Loam has it as a vector, whatever the file does.
  var isVector: Bool { shape.dimensions.count == 1 }
}

/// The byte weights of a layer, as the file has them but for the order of their elements.
struct TFLiteWeights {
  /// `[output, height, width, input / groups]` or `[output, input]`.
  var shape: [Int]
  /// Signed bytes.
  var bytes: [Int8]
  /// One for each output; the zero points belong to `bytes`.
  var scales: [Float]
  var zeroPoints: [Int]
  /// In units of input scale × weight scale.
  var bias: [Int32]
  /// Scale of the layer's input.
  var inputScale: Float

  /// The weights as real numbers.
  var realWeights: FloatTensor {
    let depth = bytes.count / scales.count
    let elements = bytes.indices.map { index in
      scales[index / depth] * Float(Int(bytes[index]) - zeroPoints[index / depth])
    }
    return FloatTensor(shape: shape, elements: elements)
  }

  /// The bias as real numbers.
  var realBias: FloatTensor {
    let elements = bias.indices.map {
      Float(Double(bias[$0]) * Double(inputScale) * Double(scales[$0]))
    }
    return FloatTensor(shape: [bias.count], elements: elements)
  }
}
