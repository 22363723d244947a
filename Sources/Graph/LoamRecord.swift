import Tensors

/// What stands in a `.loam` file's `__metadata__` under the key `loam`, as JSON for people too.
struct LoamRecord: Encodable {
  /// The only format there is.
  static let currentFormat = 1

  var format = currentFormat
  var input = ""
  var inputShape = Shape(1)
  var nodes: [NodeRecord] = []
  var output = ""
  var cut = ""
  var quantisation = QuantisationList()
  var classes: [String] = []
  var preprocessing = Preprocessing(width: 0, height: 0, mean: [], deviation: [])
  var lineage = Lineage(source: "", sourceSHA256: "")

  /// An empty record.
  init() {}

  /// The record of `network`.
  init(_ network: Network) {
    input = network.input
    inputShape = network.inputShape
    nodes = network.nodes.map(NodeRecord.init)
    output = network.output
    cut = network.cut
    quantisation.list = network.quantisationList
    classes = network.classes
    preprocessing = network.preprocessing
    lineage = network.lineage
  }
}

/// What activations' bytes stand for, by name.
struct QuantisationList: Encodable {
  var list: [NamedQuantisation] = []

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    let values = list.map { ($0.name, $0.value) }
    try container.encode(Dictionary(values, uniquingKeysWith: { _, last in last }))
  }
}

/// One node as the file holds it: the operation by name, its settings beside it.
struct NodeRecord: Encodable {
  /// Limits in the file; an open side is absent.
  struct Limits: Encodable {
    var low: Float?
    var high: Float?
  }

  var name = ""
  var op = ""
  var inputs: [String] = []
  var parameters: [String]?
  var output = ""
  var clamp: Limits?
  var window: Window?
  var groups: Int?
  var padding: Padding?
  var epsilon: Float?
  var start: Int?
  var count: Int?
  var response: LocalResponse?
  var slope: Float?
  var offset: Float?

  /// An empty record.
  init() {}

  /// The record of `node`.
  init(_ node: Node) {
    name = node.name
    op = node.operation.label
    inputs = node.inputs
    parameters = node.parameters.isEmpty ? nil : node.parameters
    output = node.output
    if !node.clamp.isNone { clamp = Limits(low: node.clamp.low, high: node.clamp.high) }
    switch node.operation {
    case .convolution(let window, let groups):
      self.window = window
      self.groups = groups
    case .pad(let padding):
      self.padding = padding
    case .batchNormalisation(let epsilon):
      self.epsilon = epsilon
    case .maxPool(let window):
      self.window = window
    case .averagePool(let window, let counted):
      self.window = window
      padding = counted
    case .slice(let start, let count):
      self.start = start
      self.count = count
    case .channelShuffle(let groups):
      self.groups = groups
    case .localResponseNormalisation(let response):
      self.response = response
    case .activation(let function):
      record(function)
    case .fullyConnected, .add, .clamp, .globalAveragePool, .flatten, .softmax, .multiply,
      .concatenate:
      break
    }
  }

  private mutating func record(_ function: ActivationFunction) {
    switch function {
    case .leakyReLU(let slope):
      self.slope = slope
    case .hardSigmoid(let slope, let offset):
      self.slope = slope
      self.offset = offset
    case .sigmoid, .hardSwish, .silu, .tanh:
      break
    }
  }

  /// The node, or `nil` if the operation is unknown or a setting of it is missing.
  var node: Node? {
    guard let operation else { return nil }
    return Node(
      name: name, operation: operation, inputs: inputs, parameters: parameters ?? [],
      output: output, clamp: Clamp(low: clamp?.low, high: clamp?.high))
  }

  private var operation: Operation? {
    switch op {
    case "convolution":
      guard let window, let groups else { return nil }
      return .convolution(window, groups: groups)
    case "batchNormalisation": return epsilon.map { .batchNormalisation(epsilon: $0) }
    case "pad": return padding.map { .pad($0) }
    case "fullyConnected": return .fullyConnected
    case "add": return .add
    case "clamp": return .clamp
    case "globalAveragePool": return .globalAveragePool
    case "flatten": return .flatten
    case "softmax": return .softmax
    case "maxPool": return window.map { .maxPool($0) }
    case "averagePool":
      guard let window, let padding else { return nil }
      return .averagePool(window, counted: padding)
    case "multiply": return .multiply
    case "concatenate": return .concatenate
    case "slice":
      guard let start, let count else { return nil }
      return .slice(start: start, count: count)
    case "channelShuffle": return groups.map { .channelShuffle(groups: $0) }
    case "localResponseNormalisation":
      return response.map { .localResponseNormalisation($0) }
    default: return function.map { .activation($0) }
    }
  }

  private var function: ActivationFunction? {
    switch op {
    case "leakyReLU": return slope.map { .leakyReLU(slope: $0) }
    case "sigmoid": return .sigmoid
    case "hardSigmoid":
      guard let slope, let offset else { return nil }
      return .hardSigmoid(slope: slope, offset: offset)
    case "hardSwish": return .hardSwish
    case "silu": return .silu
    case "tanh": return .tanh
    default: return nil
    }
  }
}
