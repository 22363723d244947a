import Tensors

/// Folds nodes of a graph into each other until nothing more can be folded.
struct FusionWork {
  /// Elements that the diagonal matrices of all batch normalisations of vectors may have together; beyond that
  /// they stay what they are.
  static let mostDiagonalElements = 1 << 24

  private(set) var graph: Graph
  private let shapes: [String: Shape]
  private var diagonalElements = 0
  /// Names of nodes whose constants were made here.
  private var owners: Set<String> = []

  init(graph: Graph, shapes: [String: Shape]) {
    self.graph = graph
    self.shapes = shapes
  }

  /// Recognises functions, folds all that can be folded and drops what nothing reads.
  mutating func run() {
    dropUnused()
    graph.recogniseFunctions()
    dropUnused()
    var folded = true
    while folded {
      folded = false
      var index = 0
      while index < graph.nodes.count {
        if fold(at: index) {
          folded = true
        } else {
          index += 1
        }
      }
      // A pad goes into what reads it, so a row of them goes from its end: one pass for all.
      for index in graph.nodes.indices.reversed() {
        guard case .pad(let padding) = graph.nodes[index].operation else { continue }
        if foldPadding(index, padding) { folded = true }
      }
    }
    dropUnused()
  }

  /// Folds the node at `index` into a neighbour, if it can be; then it is gone.
  private mutating func fold(at index: Int) -> Bool {
    let node = graph.nodes[index]
    switch node.operation {
    case .batchNormalisation(let epsilon):
      return foldBatchNormalisation(index, epsilon: epsilon)
    case .clamp:
      return node.clamp.isNone ? bypass(index) : foldClamp(index)
    case .pad(let padding):
      return padding == .none && node.clamp.isNone && bypass(index)
    case .flatten:
      return node.clamp.isNone && shapes[node.inputs[0]]?.dimensions.count == 1 && bypass(index)
    default:
      return false
    }
  }

  /// Lets readers of the node read its input instead.
  private mutating func bypass(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    let input = node.inputs[0]
    if node.output == graph.output {
      guard let producer = soleProducer(of: node) else { return false }
      graph.nodes[producer].output = node.output
    } else {
      for reader in graph.nodes.indices {
        graph.nodes[reader].inputs = graph.nodes[reader].inputs.map {
          $0 == node.output ? input : $0
        }
      }
    }
    graph.nodes.remove(at: index)
    return true
  }

  /// The node that writes the input of `node`, if nobody else reads that.
  private func soleProducer(of node: Node) -> Int? {
    let input = node.inputs[0]
    let readers = graph.nodes.reduce(0) { $0 + $1.inputs.count { $0 == input } }
    guard readers == 1, input != graph.output else { return nil }
    return graph.nodes.firstIndex { $0.output == input }
  }

  private mutating func foldClamp(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    guard let producer = soleProducer(of: node), let limited = limitable(from: producer) else {
      return false
    }
    graph.nodes[limited].clamp = graph.nodes[limited].clamp.followed(by: node.clamp)
    graph.nodes[producer].output = node.output
    graph.nodes.remove(at: index)
    return true
  }

  /// The node whose clamp limits the result of the one at `index`: before a maximum and a shuffle,
  /// which commute with a clamp, so that their input is quantised to the range that is used.
  private func limitable(from index: Int) -> Int? {
    let node = graph.nodes[index]
    switch node.operation {
    case .softmax: return nil
    case .maxPool,
      .channelShuffle where node.clamp.isNone:
      return soleProducer(of: node).flatMap { limitable(from: $0) }
    default: return index
    }
  }

  private mutating func foldPadding(_ index: Int, _ padding: Padding) -> Bool {
    let node = graph.nodes[index]
    let readers = graph.nodes.indices.filter { graph.nodes[$0].inputs.contains(node.output) }
    guard node.clamp.isNone, node.output != graph.output, !readers.isEmpty else { return false }
    let padded = readers.map { graph.nodes[$0].operation.padded(by: padding) }
    guard padded.allSatisfy({ $0 != nil }) else { return false }
    for (reader, operation) in zip(readers, padded) {
      guard let operation else { continue }
      graph.nodes[reader].operation = operation
      graph.nodes[reader].inputs = [node.inputs[0]]
    }
    graph.nodes.remove(at: index)
    return true
  }

  private mutating func foldBatchNormalisation(_ index: Int, epsilon: Float) -> Bool {
    let node = graph.nodes[index]
    guard let affine = Affine(node.parameters.map { graph.constants[$0] }, epsilon: epsilon) else {
      return false
    }
    if let producer = soleProducer(of: node), graph.nodes[producer].clamp.isNone,
      fold(affine, into: producer)
    {
      graph.nodes[producer].output = node.output
      graph.nodes[producer].clamp = node.clamp
      graph.nodes.remove(at: index)
      return true
    }
    return replaceByDepthwise(index, affine)
  }

  /// Scales the weights and bias of the node at `producer`; false if it has none.
  private mutating func fold(_ affine: Affine, into producer: Int) -> Bool {
    let node = graph.nodes[producer]
    switch node.operation {
    case .convolution, .fullyConnected: break
    default: return false
    }
    guard var weights = graph.constants[node.parameters[0]], weights.shape[0] == affine.scale.count
    else { return false }
    var bias = Array(repeating: Float(0), count: weights.shape[0])
    if node.parameters.count > 1, let given = graph.constants[node.parameters[1]] {
      bias = given.elements
    }
    let depth = weights.elements.count / weights.shape[0]
    for output in bias.indices {
      for element in (output * depth)..<((output + 1) * depth) {
        weights.elements[element] = Float(Double(weights.elements[element]) * affine.scale[output])
      }
      bias[output] = Float(Double(bias[output]) * affine.scale[output] + affine.shift[output])
    }
    setParameters(of: producer, weights, bias)
    return true
  }

  /// A batch normalisation that follows no convolution becomes a depthwise one of 1 × 1; false if it stays.
  private mutating func replaceByDepthwise(_ index: Int, _ affine: Affine) -> Bool {
    let node = graph.nodes[index]
    let channels = affine.scale.count
    guard shapes[node.inputs[0]]?.dimensions.count == 3 else {
      return replaceByDense(index, affine)
    }
    graph.nodes[index].operation = .convolution(Window(height: 1, width: 1), groups: channels)
    setParameters(
      of: index,
      FloatTensor(shape: [channels, 1, 1, 1], elements: affine.scale.map { Float($0) }),
      affine.shift.map { Float($0) })
    return true
  }

  /// The same on a vector: a fully connected layer with a diagonal matrix.
  private mutating func replaceByDense(_ index: Int, _ affine: Affine) -> Bool {
    let count = affine.scale.count
    let (elements, overflow) = count.multipliedReportingOverflow(by: count)
    guard !overflow, elements <= Self.mostDiagonalElements - diagonalElements else { return false }
    diagonalElements += elements
    var weights = FloatTensor(
      shape: [count, count], elements: Array(repeating: 0, count: count * count))
    for row in 0..<count { weights.elements[row * count + row] = Float(affine.scale[row]) }
    graph.nodes[index].operation = .fullyConnected
    setParameters(of: index, weights, affine.shift.map { Float($0) })
    return true
  }

  /// Gives the node constants of its own, so that others that shared the old ones keep them.
  private mutating func setParameters(of index: Int, _ weights: FloatTensor, _ bias: [Float]) {
    let name = graph.nodes[index].name
    guard owners.insert(name).inserted else {
      let own = graph.nodes[index].parameters
      graph.constants[own[0]] = weights
      graph.constants[own[1]] = FloatTensor(shape: [bias.count], elements: bias)
      return
    }
    let weightsName = uniqueName(name + ".fused.weight")
    graph.constants[weightsName] = weights
    let biasName = uniqueName(name + ".fused.bias")
    graph.constants[biasName] = FloatTensor(shape: [bias.count], elements: bias)
    graph.nodes[index].parameters = [weightsName, biasName]
  }

  private func uniqueName(_ wanted: String) -> String {
    var name = wanted
    while graph.constants[name] != nil { name += "_" }
    return name
  }

  private mutating func dropUnused() {
    var needed: Set<String> = [graph.output]
    for node in graph.nodes.reversed() where needed.contains(node.output) {
      needed.formUnion(node.inputs)
    }
    graph.nodes.removeAll { !needed.contains($0.output) }
    let read = Set(graph.nodes.flatMap(\.parameters))
    graph.constants = graph.constants.filter { read.contains($0.key) }
  }
}
