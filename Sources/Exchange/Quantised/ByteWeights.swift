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
  func store(_ node: Node, in tensors: inout [String: StoredTensor]) {
    let (name, biasName) = (node.parameters[0], node.parameters[1])
    let depth = bytes.count / scales.count
    var (plain, zeros): ([Int8], [Int8]) = ([], [])
    plain.reserveCapacity(bytes.count)
    for output in scales.indices {
      let row = bytes[(output * depth)..<((output + 1) * depth)]
      let zero = zeroPoints[output]
      if row.allSatisfy({ Int8(exactly: Int($0) - zero) != nil }) {
        plain += row.map { Int8(Int($0) - zero) }
        zeros.append(0)
      } else {
        plain += row
        zeros.append(Int8(zero))
      }
    }
    tensors[name] = StoredTensor(shape: shape, int8: plain)
    if zeros.contains(where: { $0 != 0 }) {
      tensors[Network.zeroName(name)] = StoredTensor(shape: [zeros.count], int8: zeros)
    }
    tensors[Network.scaleName(name)] = StoredTensor(shape: [scales.count], float32: scales)
    tensors[biasName] = StoredTensor(shape: [bias.count], int32: bias)
  }
}
