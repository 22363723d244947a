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
