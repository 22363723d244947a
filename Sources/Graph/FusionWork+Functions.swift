import Tensors

extension Graph {
  /// Puts one activation function where exporters write several nodes: hard-sigmoid as `clamp(x + 3,
  /// 0, 6) / 6`, hard-swish and SiLU as a product of `x` and its hard-sigmoid or sigmoid, hard-swish
  /// also as `x × clamp(x + 3, 0, 6) / 6`.
  ///
  /// Nodes that others read as well stay.
  mutating func recogniseFunctions() {
    for index in nodes.indices { recogniseHardSigmoid(index) }
    for index in nodes.indices { recogniseProduct(index) }
  }

  /// `clamp(x + 3, 0, 6) / 6`, the division being the node at `index`.
  private mutating func recogniseHardSigmoid(_ index: Int) {
    guard let outer = uniformAffine(index), outer.shift == 0,
      let limit = producer(of: index, input: 0), let inner = shifted(limit)
    else { return }
    replace(
      index, by: .hardSigmoid(slope: inner.scale * outer.scale, offset: inner.shift * outer.scale),
      of: inner.input, isExact: isSixth(outer.scale) && inner.scale == 1 && inner.shift == 3)
  }

  /// `x × f(x)`, the product being the node at `index`.
  private mutating func recogniseProduct(_ index: Int) {
    guard nodes[index].operation == .multiply, nodes[index].clamp.isNone else { return }
    for place in 0..<2 {
      let other = nodes[index].inputs[1 - place]
      guard let factor = producer(of: index, input: place) else { continue }
      if case .activation(let function) = nodes[factor].operation,
        nodes[factor].clamp.isNone, nodes[factor].inputs == [other]
      {
        switch function {
        case .sigmoid:
          return replace(index, by: .silu, of: other)
        case .hardSigmoid(let slope, let offset) where isSixth(slope) && offset == 0.5:
          return replace(index, by: .hardSwish, of: other)
        default:
          continue
        }
      }
      if let inner = shifted(factor), inner.input == other, inner.scale == 1, inner.shift == 3,
        let sixth = soleReader(of: index), let outer = uniformAffine(sixth),
        isSixth(outer.scale), outer.shift == 0
      {
        return replace(sixth, by: .hardSwish, of: other)
      }
    }
  }

  /// `x + 3` limited to 0...6, its last node being the one at `index`.
  private func shifted(_ index: Int) -> (input: String, scale: Float, shift: Float)? {
    guard nodes[index].clamp == .relu6 else { return nil }
    if nodes[index].operation == .clamp {
      guard let sum = producer(of: index, input: 0), nodes[sum].clamp.isNone,
        let affine = uniformAffine(sum)
      else { return nil }
      return (nodes[sum].inputs[0], affine.scale, affine.shift)
    }
    return uniformAffine(index, clamp: .relu6).map {
      (nodes[index].inputs[0], $0.scale, $0.shift)
    }
  }

  /// The numbers of a batch normalisation that treats all channels alike.
  private func uniformAffine(
    _ index: Int, clamp: Clamp = .none
  ) -> (scale: Float, shift: Float)? {
    guard case .batchNormalisation(let epsilon) = nodes[index].operation,
      nodes[index].clamp == clamp,
      let affine = Affine(nodes[index].parameters.map { constants[$0] }, epsilon: epsilon),
      let scale = affine.scale.first, let shift = affine.shift.first,
      affine.scale.allSatisfy({ $0 == scale }), affine.shift.allSatisfy({ $0 == shift })
    else { return nil }
    return (Float(scale), Float(shift))
  }

  private func isSixth(_ number: Float) -> Bool { abs(number - 1 / 6) < 1e-6 }

  /// The node that writes input `place` of the node at `index`, if nobody else reads that.
  private func producer(of index: Int, input place: Int) -> Int? {
    let name = nodes[index].inputs[place]
    guard let found = nodes.firstIndex(where: { $0.output == name }),
      soleReader(of: found) == index
    else { return nil }
    return found
  }

  /// The only node that reads, once, what the node at `index` writes.
  private func soleReader(of index: Int) -> Int? {
    let name = nodes[index].output
    let readers = nodes.indices.flatMap { reader in
      nodes[reader].inputs.filter { $0 == name }.map { _ in reader }
    }
    return readers.count == 1 && name != output ? readers[0] : nil
  }

  private mutating func replace(
    _ index: Int, by function: ActivationFunction, of input: String, isExact: Bool = false
  ) {
    // The numbers as they are usually written, free of the rounding of 1 / 6.
    let function = isExact ? .hardSigmoid(slope: 1 / 6, offset: 0.5) : function
    nodes[index].operation = .activation(function)
    nodes[index].inputs = [input]
    nodes[index].parameters = []
  }
}
