import Graph
import Tensors

/// The byte weights of a layer, as the file has them but for the order of their elements.
struct ByteWeights {
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

extension ByteWeights {
  /// Puts the weights, scales and bias of `node` of a body into `tensors`; zero points only where the weights
  /// less them are no bytes.
  ///
  /// All outputs have them or none: what other programs read allows one zero point for a whole layer.
  func store(_ node: Node, in tensors: inout [String: StoredTensor]) {
    let (name, biasName) = (node.parameters[0], node.parameters[1])
    let plain = withoutZeroPoints
    tensors[name] = StoredTensor(shape: shape, int8: plain ?? bytes)
    if plain == nil {
      tensors[Network.zeroName(name)] = StoredTensor(
        shape: [zeroPoints.count], int8: zeroPoints.map { Int8($0) })
    }
    tensors[Network.scaleName(name)] = StoredTensor(shape: [scales.count], float32: scales)
    tensors[biasName] = StoredTensor(shape: [bias.count], int32: bias)
  }

  /// The bytes less their zero points, `nil` if one of them is no byte any more.
  private var withoutZeroPoints: [Int8]? {
    let depth = bytes.count / scales.count
    var plain: [Int8] = []
    plain.reserveCapacity(bytes.count)
    for index in bytes.indices {
      guard let byte = Int8(exactly: Int(bytes[index]) - zeroPoints[index / depth]) else {
        return nil
      }
      plain.append(byte)
    }
    return plain
  }
}
