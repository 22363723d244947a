import Graph
import Tensors

/// A model of a file on its way to a `Graph`: what each name stands for, and the nodes so far.
struct Translation {
  /// Version of the operator set.
  let opset: Int
  /// The file's name for the result.
  let result: String
  /// What the names of the file stand for, so far.
  var known: [String: Known] = [:]
  var nodes: [Node] = []
  var constants: [String: FloatTensor] = [:]
  /// Of each activation that the file quantises, by Loam's name for it.
  var forms: [String: Quantisation] = [:]
  /// Constants of layers as the file has them, by the node's name.
  var layers: [String: (weights: Constant, bias: Constant?)] = [:]
  /// What may still be looked at and made; a small file can ask for a lot.
  let budget: ReadingBudget

  private var refusals = Refusals()
  private var nodeNames = UniqueNames()
  private var readers: [String: Int] = [:]

  /// A translation up to the value named `result`.
  init(opset: Int, result: String, budget: ReadingBudget) {
    self.opset = opset
    self.result = result
    self.budget = budget
  }

  /// Makes the image known.
  mutating func begin(with image: Activation) {
    known[image.name] = .activation(image)
  }

  /// Translates `steps` in order, and notes what cannot be.
  mutating func translate(_ steps: [Step]) {
    for name in steps.flatMap(\.inputs) { readers[name, default: 0] += 1 }
    for step in steps {
      do throws(Unsupported) {
        for output in step.outputs where known[output] != nil && !output.isEmpty {
          throw Unsupported(why: "writes '\(output)', which is there already")
        }
        try translate(step)
      } catch {
        refuse(step, error.why)
        lose(step)
      }
    }
  }

  /// What cannot be translated: one line for each kind, with its nodes.
  var problems: [String] { refusals.lines }

  private mutating func refuse(_ step: Step, _ why: String) {
    refuse(why == Self.wholeOperator ? step.label : "\(step.label) (\(why))", step.name)
  }

  /// Notes that `what` cannot be translated, at the node `name`.
  mutating func refuse(_ what: String, _ name: String) { refusals.add(what, at: name) }

  /// Why a step is refused whose operator is not known at all.
  private static let wholeOperator = "operator"

  private mutating func lose(_ step: Step) {
    for output in step.outputs where known[output] == nil { known[output] = .lost }
  }

  private mutating func translate(_ step: Step) throws(Unsupported) {
    guard let rule = Self.rules[step.type] else {
      throw Unsupported(why: step.inputComplaint ?? Self.wholeOperator)
    }
    try step.allow(rule.attributes)
    if let moved = rule.inputs { try requireForm(of: step, moved) }
    var dependsOnImage = false
    for name in step.inputs where !name.isEmpty {
      switch known[name] {
      case .activation: dependsOnImage = true
      case .constant: break
      case .lost: return lose(step)
      case nil: throw Unsupported(why: "reads '\(name)', which nothing before it writes")
      }
    }
    guard !step.output.isEmpty else { throw Unsupported(why: "no result") }
    if dependsOnImage {
      guard let apply = rule.apply else { throw Unsupported(why: "of the image's data") }
      try apply(&self, step)
    } else {
      known[step.output] = .constant(try fold(step))
    }
  }

  /// The image's data at input `index` of `step`.
  func activation(_ step: Step, _ index: Int = 0) throws(Unsupported) -> Activation {
    guard step.has(index), case .activation(let activation) = known[step.inputs[index]] else {
      throw Unsupported(why: "input \(index) is constant, expected the image's data")
    }
    if activation.byteType != nil, !Self.byteOperators.contains(step.type) {
      throw Unsupported(why: "of quantised data; dequantise it before")
    }
    return activation
  }

  /// The constant at input `index` of `step`, `nil` if the input is omitted; its elements are charged.
  func optionalConstant(_ step: Step, _ index: Int) throws(Unsupported) -> Constant? {
    guard step.has(index) else { return nil }
    guard case .constant(let constant) = known[step.inputs[index]] else {
      throw Unsupported(why: "input \(index) ('\(step.inputs[index])') is not constant")
    }
    try budget.charge(constant.count)
    return constant
  }

  /// The constant at input `index` of `step`.
  func constant(_ step: Step, _ index: Int) throws(Unsupported) -> Constant {
    guard let constant = try optionalConstant(step, index) else {
      throw Unsupported(why: "input \(index) is missing")
    }
    return constant
  }

  /// No list of extents, axes or parts is longer.
  static let longestList = 4096

  /// The list of integers at input `index` of `step`, `nil` if the input is omitted.
  func integers(_ step: Step, _ index: Int) throws(Unsupported) -> [Int]? {
    guard let constant = try optionalConstant(step, index) else { return nil }
    guard constant.count <= Self.longestList else {
      throw Unsupported(
        why: "a list of \(constant.count) numbers, at most \(Self.longestList) are read")
    }
    guard let integers = constant.integers else {
      throw Unsupported(why: "input \(index) ('\(step.inputs[index])') holds no integers")
    }
    return integers
  }

  /// Whether `step` alone reads what it reads at `index`, under the name that the node gave it.
  func isOnlyReader(_ step: Step, of index: Int, named name: String) -> Bool {
    step.inputs[index] == name && readers[name] == 1 && name != result
  }

  /// Lets the result of `step` be `activation`.
  mutating func alias(_ step: Step, to activation: Activation) {
    var activation = activation
    activation.byteType = byteType(ofResult: step)
    known[step.output] = .activation(activation)
  }

  /// Appends a node whose result, named `output` if given, has ONNX extents `dims`.
  mutating func emit(
    _ step: Step, _ operation: Operation, inputs: [Activation],
    parameters: [(name: String, tensor: FloatTensor)] = [], clamp: Clamp = .none, dims: [Int],
    layout: Activation.Layout, to output: String? = nil
  ) throws(Unsupported) {
    let output = output ?? step.output
    guard Shape(validating: dims) != nil else { throw Unsupported(why: "a result of \(dims)") }
    guard nodes.count < Graph.mostNodes else {
      throw Unsupported(why: "more than \(Graph.mostNodes) layers")
    }
    let name = nodeNames.give(step.name)
    let stored = parameters.map { (name: "\(name).\($0.name)", tensor: $0.tensor) }
    for parameter in stored { constants[parameter.name] = parameter.tensor }
    nodes.append(
      Node(
        name: name, operation: operation, inputs: inputs.map(\.name),
        parameters: stored.map(\.name), output: output, clamp: clamp))
    keepForm(of: inputs, operation, in: output, isOfBytes: byteType(ofResult: step) != nil)
    known[output] = .activation(
      Activation(name: output, dims: dims, layout: layout, byteType: byteType(ofResult: step)))
  }
}
